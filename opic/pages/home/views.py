"""The landing page, and home for those signed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from opic.pages.home.context import home_of
from scoring.display.example import example
from scoring.display.guest_panel import result_for_guests


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the landing page, and home to those who are signed in."""
    person = request.user
    if not isinstance(person, User):
        context = {"example": example(), "guest_result": result_for_guests()}
        return render(request, "home/landing.html", context)
    return render(request, "home/home.html", {"home": home_of(person)})
