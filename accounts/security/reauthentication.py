"""Reauthentication: what proves that it is still the person, for how long, and mailed codes.

Allauth takes a password from everybody, and asks people without a password for nothing. Here only
the strongest means that a person has counts:

- a second factor, for whoever has one: else a stolen password would open the recovery codes;
- a code mailed to the present address, for people without a password, and for operators who have
  no second factor yet: a stolen password cannot set up the first one;
- the password (or a mailed code at sign-in) for everybody else.
"""

import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from accounts.models import User

View = Callable[..., HttpResponseBase]
CODE_STATE = "reauthentication_code"
# the library counts these codes and those of a sign-in together
_SEND = "request_login_code"
_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# longer for what is sent than for what is opened: nobody loses a form that was opened in time
_GRACE_SECONDS = 60 * 60


def has_second_factor(person: User) -> bool:
    """Return whether the person has an authenticator app or a security key."""
    return bool(is_mfa_enabled(person, _FACTORS))


def accepted_methods(person: User) -> set[str]:
    """Return the methods that count for this person: `mfa`, `code`, `password`."""
    if has_second_factor(person):
        return {"mfa"}
    if person.is_operator or not person.has_usable_password():
        return {"code"}
    return {"password", "code"}


def is_recent(request: HttpRequest) -> bool:
    """Return whether there is a proof younger than the limit; a sign-in counts as one."""
    person = request.user
    if not isinstance(person, User):
        return False
    limit: int = app_settings.REAUTHENTICATION_TIMEOUT
    return _age(request, accepted_methods(person)) < limit


def required(view: View) -> View:
    """Wrap a view so that it needs a recent proof; the request is resumed after it."""
    return cast(View, reauthentication_required(view))


def is_factor_recent(request: HttpRequest) -> bool:
    """Return whether a second factor was used in this session lately enough for the admin."""
    grace = 0 if request.method in _SAFE_METHODS else _GRACE_SECONDS
    return _age(request, {"mfa"}) < settings.OPIC_ADMIN_FACTOR_MINUTES * 60 + grace


def _age(request: HttpRequest, methods: set[str]) -> float:
    """Return the seconds since the newest record of one of these methods; infinity without one."""
    records = get_authentication_records(request, request.user)
    moments = [float(record["at"]) for record in records if record["method"] in methods]
    return time.time() - max(moments) if moments else float("inf")


def _set_up(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Record the code that set up an app as a proof: nobody has to type two in a row."""
    if authenticator.type == Authenticator.Type.TOTP:
        details = {"id": authenticator.pk, "type": authenticator.type}
        record_authentication(request, user, "mfa", reauthenticated=True, **details)


def listen() -> None:
    """Connect the receiver that takes setting up an app for a proof."""
    authenticator_added.connect(_set_up, dispatch_uid="accounts.security.reauthentication.set_up")


class MailedCode(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """A code mailed to the current address of somebody who is signed in."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,
        )

    @classmethod
    def start(cls, request: HttpRequest, person: User) -> None:
        """Mail a new code, which replaces the one before.

        Raises ValidationError when too many were sent in a short time.
        """
        key = person.email.lower()
        if not ratelimit.consume(request, app="allauth.account", action=_SEND, key=key):
            raise get_adapter().validation_error("rate_limited")
        state = cls.initial_state(user=person, email=person.email)
        state["code"] = get_adapter().generate_login_code()
        process = cls(request, state)
        process.send()
        process.persist()

    @classmethod
    def resume(cls, request: HttpRequest, person: User) -> "MailedCode | None":
        """Return the pending code; None when it expired or went to another address."""
        state = request.session.get(CODE_STATE)
        if not state or state.get("email") != person.email:
            return None
        return cls(request, state).abort_if_invalid()  # type: ignore[no-any-return]

    def send(self) -> None:
        """Mail the code in the person's own language."""
        with translation.override(self.user.language):
            context = {"request": self.request, "code": self.code}
            get_adapter().send_mail("account/email/reauthentication_code", self.user.email, context)

    def persist(self) -> None:
        self.request.session[CODE_STATE] = self.state

    def abort(self) -> None:
        self.request.session.pop(CODE_STATE, None)

    def finish(self) -> None:
        """Record the proof as allauth does, and drop the code."""
        self.abort()
        record_authentication(
            self.request, self.user, "code", email=self.user.email, reauthenticated=True
        )
