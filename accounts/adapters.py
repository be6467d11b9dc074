"""Our adapters for allauth: what it asks us about accounts, second factors and sessions."""

import logging
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import Consent, User
from accounts.security import reauthentication
from accounts.security.log import Event, write
from opic.lib import encryption
from opic.lib.clock import zone_or_default

_log = logging.getLogger(__name__)
_CODE_STATES = (
    "account_email_verification_code",
    "account_login",
    "account_password_reset_verification",
    reauthentication.CODE_STATE,
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Allauth's account rules, stricter in places, with error texts of our own.

    The texts are ours because the library has them in English and Korean only.
    """

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
        """Raise ValidationError after too many tries, and log that they were limited."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            write(Event.SIGN_IN_LIMITED, request, address=str(credentials.get("email", "")))
            raise

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return False after a recent proof, else raise ReauthenticationRequired.

        Returning True would leave the decision to allauth, which lets people without a password
        pass, and accepts a password from people who have a second factor.
        """
        if reauthentication.is_recent(self.request):
            return False
        raise ReauthenticationRequired

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Return the pages where this person can reauthenticate; the first is where they are sent.

        Each is a dict with `id`, `description` and `url`, as in allauth.
        """
        if not user.is_authenticated:
            return []
        accepted = reauthentication.accepted_methods(user)
        if accepted == {"code"}:
            url = reverse("accounts:reauthenticate-code")
            return [{"id": "code", "description": _("Use a code sent by e-mail"), "url": url}]
        wanted = "mfa_reauthenticate" if accepted == {"mfa"} else "reauthenticate"
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"].startswith(wanted)]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Mail a notice of changed credentials in the person's own language and time zone.

        A command has no request: then the mail names no device.
        """
        address = email or EmailAddress.objects.get_primary_email(user)
        zone = ZoneInfo(zone_or_default(user.time_zone))
        with translation.override(user.language), timezone.override(zone):
            details = {**self._circumstances(), "email": address, **(context or {})}
            message = self.render_mail(template_prefix, address, details)
        try:
            message.send()
        except OSError as exc:
            # the change itself is saved: an error page would say that it was not
            _log.error("No notice of changed credentials went out: %s", type(exc).__name__)

    def _circumstances(self) -> dict[str, Any]:
        """Return what every notice names: when, with which device, on which site."""
        moment, request = timezone.now(), self.request
        if request is None:
            site: Any = {"domain": settings.ALLOWED_HOSTS[0]}
            return {"timestamp": moment, "user_agent": "", "current_site": site}
        agent = self.get_http_user_agent(request)[:200]
        return {"timestamp": moment, "user_agent": agent, "current_site": get_current_site(request)}

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a new account with the language of the page it signed up on."""
        user.language = (get_language() or "en")[:2]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the page for consents where none was ever given, else the ordinary page."""
        person = request.user
        if isinstance(person, User) and not Consent.objects.given_by(person).exists():
            return str(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
        return str(super().get_login_redirect_url(request))


class UnreadableFactorError(ValidationError):
    """A stored second factor that no key of this host decrypts.

    A form shows it as its own error; a template prints nothing instead of failing.
    """

    silent_variable_failure = True


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Allauth's second factors, with secrets encrypted under our own keys."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code your app shows now."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; raise UnreadableFactorError when no key of this host decrypts it.

        Plain text is returned as it is: a host of the release before may still write it.
        """
        try:
            return encryption.opened(encrypted_text)
        except encryption.DecryptionError:
            _log.error("A second factor cannot be read: OPIC_ENCRYPTION_KEYS lacks its key.")
            raise UnreadableFactorError(
                gettext("This code cannot be checked now. Write to the people who run this site.")
            ) from None


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Closes a session together with its device and its pushes."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End these sessions with their devices, and write each to the security log."""
        ended = list(sessions)
        for session in ended:
            devices.end_of_session(session.session_key)
            write(Event.SESSION_ENDED, context.request, session.user)
        super().end_sessions(ended)


def code_waiting(request: HttpRequest) -> str | None:
    """Return the code just mailed where there is no mail server (SHOWS_CODES), else None."""
    if not settings.SHOWS_CODES:
        return None
    codes = (_code_in(request.session.get(name)) for name in _CODE_STATES)
    return next((code for code in codes if code), None)


def _code_in(state: Any) -> str | None:
    """Return the code from anywhere in the nested state of a sign-in under way."""
    if not isinstance(state, dict):
        return None
    if state.get("code"):
        return str(state["code"])
    return next((code for value in state.values() if (code := _code_in(value))), None)
