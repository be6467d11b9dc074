"""Sessions, and the paths that leave them alone.

The service worker fetches the shell in the background, also while somebody signs in. Its request
may carry a key that was just rotated: a reply that deletes the cookie would sign them out.
"""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DjangoSessionStore
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db.models import CharField, DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from opic.lib.stores.prepared import Given, PreparedQuery


def _live_session() -> QuerySet[Any]:
    # models can be imported only when all apps are there
    from django.contrib.sessions.models import Session

    now, key = Given("now", DateTimeField()), Given("key", CharField())
    return Session.objects.filter(session_key=key, expire_date__gt=now)


_SESSIONS: PreparedQuery[Any] = PreparedQuery(_live_session)


class SessionStore(DjangoSessionStore):
    """Django's own in the database; every page reads it, so its query is prepared."""

    def _get_session_from_db(self) -> Any:
        session = _SESSIONS.first(key=self.session_key, now=timezone.now())
        if session is None:
            # as Django's own: a key that is over or made up gets another at the next save
            self._session_key = None
        return session


class ReadOnlySession(SessionStore):
    """A session that says who is signed in; nothing is stored, deleted or rotated."""

    # Django salts with the name of the class, and both classes have to read the same rows
    key_salt = f"django.contrib.sessions.{SessionStore.__qualname__}"

    def save(self, must_create: bool = False) -> None:
        """Leave the database as it is."""

    def delete(self, session_key: Any = None) -> None:
        """Leave the database as it is."""


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's sessions, but for OPIC_SHELL_PATHS: there the cookie is only read."""

    def process_request(self, request: HttpRequest) -> None:
        """Load the session; on OPIC_SHELL_PATHS one that is read-only."""
        super().process_request(request)
        if request.path_info in settings.OPIC_SHELL_PATHS:
            request.session = ReadOnlySession(request.session.session_key)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session and set its cookie, but not on OPIC_SHELL_PATHS."""
        if request.path_info not in settings.OPIC_SHELL_PATHS:
            return super().process_response(request, response)
        patch_vary_headers(response, ("Cookie",))
        return response
