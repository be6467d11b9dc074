"""The library's forms of sign-up and mailed codes, where ours are stricter (ACCOUNT_FORMS)."""

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
    def try_save(self, request: HttpRequest) -> Any:
        """Hash the password for a known address too: the time it takes tells nobody who is here."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class FirstPasswordForm(library.SetPasswordForm):  # type: ignore[misc]
    """A first password takes a proof, which the library's page does not ask for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Send away who has none. What was typed is typed again, never kept in the session."""
        if not reauthentication.is_recent(context.request):
            page = get_adapter().get_reauthentication_methods(context.request.user)[0]["url"]
            query = urlencode({"next": reverse("account_set_password")})
            raise ImmediateHttpResponse(redirect(f"{page}?{query}"))
        super().__init__(*args, **kwargs)


class _CountedCode:
    """A code with few guesses. One too many reads like a wrong one, right or not."""

    expected_code: str | None
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        if self.expected_code and not code_guesses.take(self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return str(super().clean_code())  # type: ignore[misc]


class LoginCodeForm(_CountedCode, library.ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class EmailCodeForm(_CountedCode, library.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class PasswordResetCodeForm(_CountedCode, library.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class ReauthenticationCodeForm(_CountedCode, library.BaseConfirmCodeForm):  # type: ignore[misc]
    pass
