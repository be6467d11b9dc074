"""Receivers that write what allauth and Django signal about sign-in to the security log."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from accounts.models import User
from accounts.security.log import Event, hash_of, write


def _how(request: HttpRequest | None) -> str:
    """Return how this session was signed in: `password`, `code`, `password+mfa`."""
    session: Any = getattr(request, "session", {})
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    methods = [str(row.get("method")) for row in records or [] if isinstance(row, dict)]
    return "+".join(dict.fromkeys(methods))


def _signed_in(request: HttpRequest, user: User, **_more: Any) -> None:
    write(Event.SIGN_IN, request, user, how=_how(request))


def _signed_out(request: HttpRequest | None, user: User | None, **_more: Any) -> None:
    if user is not None:
        write(Event.SIGN_OUT, request, user)


def _sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_more: Any
) -> None:
    """Log a wrong password, at sign-in or where somebody signed in was asked for it again."""
    person = getattr(request, "user", None)
    if isinstance(person, User):
        write(Event.REAUTHENTICATION_FAILED, request, person, how="password")
    else:
        address = str(credentials.get("email") or credentials.get("username") or "")
        write(Event.SIGN_IN_FAILED, request, address=address, how="password")


def _factor_failed(request: HttpRequest, user: User, reauthentication: bool, **_more: Any) -> None:
    event = Event.REAUTHENTICATION_FAILED if reauthentication else Event.SECOND_FACTOR_FAILED
    write(event, request, user, how="mfa")


def _address_changed(
    request: HttpRequest,
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_more: Any,
) -> None:
    """Log the old address in the line's own field and the new one in `how`.

    A first address is no change.
    """
    if from_email_address is not None:
        to = hash_of("address", to_email_address.email)
        write(Event.ADDRESS_CHANGED, request, user, address=from_email_address.email, how=to)


def _noted(signal: Signal, event: Event, how: str = "") -> None:
    """Connect a receiver to a signal that carries no more than request and person."""

    def note(request: HttpRequest | None = None, user: Any = None, **more: Any) -> None:
        factor = more.get("authenticator")
        kind = factor.type if isinstance(factor, Authenticator) else how
        write(event, request, user, how=kind)

    signal.connect(note, weak=False, dispatch_uid=f"accounts.security.{event}.{how}")


def listen() -> None:
    """Connect every receiver; calling it again changes nothing."""
    own = {
        user_logged_in: _signed_in,
        user_logged_out: _signed_out,
        user_login_failed: _sign_in_failed,
        mfa.authentication_failed: _factor_failed,
        account.email_changed: _address_changed,
    }
    for signal, receiver in own.items():
        signal.connect(receiver, dispatch_uid=f"accounts.security.{receiver.__name__}")
    _noted(account.user_signed_up, Event.SIGNED_UP)
    _noted(account.password_changed, Event.PASSWORD_CHANGED)
    _noted(account.password_set, Event.PASSWORD_CHANGED, "set")
    _noted(account.password_reset, Event.PASSWORD_RESET)
    _noted(account.login_code_rejected, Event.CODE_REJECTED, "sign_in")
    _noted(account.password_reset_code_rejected, Event.CODE_REJECTED, "password_reset")
    _noted(account.email_verification_code_rejected, Event.CODE_REJECTED, "address")
    _noted(mfa.authenticator_added, Event.FACTOR_ADDED)
    _noted(mfa.authenticator_removed, Event.FACTOR_REMOVED)
    _noted(mfa.authenticator_reset, Event.FACTOR_RESET)
