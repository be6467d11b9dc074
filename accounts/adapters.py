"""Where allauth asks us."""

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import Consent, User
from accounts.security_log import Event, write

_CODE_STATES = (
    "account_email_verification_code",
    "account_login",
    "account_password_reset_verification",
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """With faults in our own words: the library has them in English and Korean only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off."),
        "cannot_remove_primary_email": _("This is your main address. Choose another one first."),
        "duplicate_email": _("This address belongs to this account already."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "email_taken": _("There is an account with this address already."),
        "enter_current_password": _("Type the password you have now."),
        "incorrect_code": _("This is not the code we sent."),
        "incorrect_password": _("This is not your password."),
        "invalid_login": _("Signing in did not work. Start again."),
        "invalid_or_expired_key": _("This link is too old. Ask for a new one."),
        "invalid_password_reset": _("This link is too old. Ask for a new one."),
        "max_email_addresses": _("No more than %d addresses."),
        "rate_limited": _("Too many tries in a short time. Wait a little."),
        "same_as_current": _("This is the same as before."),
        "select_only_one": _("Choose one only."),
        "too_many_login_attempts": _("Too many tries in a short time. Wait a little."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raise ValidationError when there were too many tries."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            write(Event.SIGN_IN_LIMITED, request, address=str(credentials.get("email", "")))
            raise

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.language = (get_language() or "en")[:2]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """First consent, then everything else."""
        person = request.user
        if isinstance(person, User) and not Consent.objects.given_by(person).exists():
            return str(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
        return str(super().get_login_redirect_url(request))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code your app shows now."),
        "unverified_email": _("Confirm your e-mail address first."),
    }


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        ended = list(sessions)
        for session in ended:
            devices.end_of_session(session.session_key)
            write(Event.SESSION_ENDED, context.request, session.user)
        super().end_sessions(ended)


def code_waiting(request: HttpRequest) -> str | None:
    """The code just mailed, for a machine without a mail server (SHOWS_CODES) and nobody else."""
    if not settings.SHOWS_CODES:
        return None
    found = (_code_in(request.session.get(name)) for name in _CODE_STATES)
    return next((code for code in found if code), None)


def _code_in(state: Any) -> str | None:
    """The code somewhere in the state of a sign-in under way."""
    if not isinstance(state, dict):
        return None
    if state.get("code"):
        return str(state["code"])
    return next((code for value in state.values() if (code := _code_in(value))), None)
