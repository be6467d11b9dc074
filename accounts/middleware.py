"""A page in the person's language and time; an operator's session ends the same day."""

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
    """The language cookie decides; where a device has none, the person's own language does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User) or not person.is_authenticated:
            return self.get_response(request)
        if devices.is_over(request, person):
            # like a session that expired: the device is not signed out, what it holds may be sent
            request.session.flush()
            request.user = AnonymousUser()
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(ZoneInfo(zone_or_default(person.time_zone))):
            return self.get_response(request)
