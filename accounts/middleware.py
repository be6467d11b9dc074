"""A signed-in person's language and time zone, and the end of an operator's session."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from accounts import devices
from accounts.models import User
from opic.lib.clock import zone_or_default


class PersonMiddleware:
    """Sets language and time zone of a signed-in person; signs out operators in time.

    The language cookie decides; the person's own language holds where a device has none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User) or not person.is_authenticated:
            return self.get_response(request)
        if devices.is_over(request, person):
            # as if the session had expired: the device stays signed in, so that recordings which
            # wait on it can still be uploaded
            request.session.flush()
            request.user = AnonymousUser()
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(ZoneInfo(zone_or_default(person.time_zone))):
            return self.get_response(request)
