"""Allauth's forms of sign-up, passwords and codes, where ours are stricter (ACCOUNT_FORMS)."""

from typing import Any

from allauth.account import forms as library
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.security import code_guesses, reauthentication


class SignUpForm(library.SignupForm):  # type: ignore[misc]
    """Sign-up that takes as long for a known address as for a new one."""

    def try_save(self, request: HttpRequest) -> Any:
        """Hash the password for a known address too: the time it takes tells nobody who is here."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class FirstPasswordForm(library.SetPasswordForm):  # type: ignore[misc]
    """Setting a first password, with a recent proof, which allauth's page does not ask for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Redirect to the proof where none is recent.

        What was typed has to be typed again: it is never stored in the session.
        """
        if not reauthentication.is_recent(context.request):
            page = get_adapter().get_reauthentication_methods(context.request.user)[0]["url"]
            query = urlencode({"next": reverse("account_set_password")})
            raise ImmediateHttpResponse(redirect(f"{page}?{query}"))
        super().__init__(*args, **kwargs)


class _CountedCode:
    """A form for a mailed code with few guesses; one too many fails even when it is right."""

    expected_code: str | None
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        if self.expected_code and not code_guesses.take(self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return str(super().clean_code())  # type: ignore[misc]


class LoginCodeForm(_CountedCode, library.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code of a sign-in, with a limit on guesses."""


class EmailCodeForm(_CountedCode, library.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that confirms an address, with a limit on guesses."""


class PasswordResetCodeForm(_CountedCode, library.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    """The code of a password reset, with a limit on guesses."""


class ReauthenticationCodeForm(_CountedCode, library.BaseConfirmCodeForm):  # type: ignore[misc]
    """The code of a reauthentication, with a limit on guesses."""
