"""The landing page, and home for those signed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Activity, Goal, User
from practice import progress


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    person = request.user
    if not isinstance(person, User):
        return render(request, "landing.html")
    today = Activity.objects.filter(person=person, day=person.today).first()
    context = {
        "goal": Goal.objects.filter(learner=person).first(),
        "spoken_today": _minutes(today.voiced_ms if today else 0),
        **progress.home_for(person),
    }
    return render(request, "home.html", context)


def _minutes(milliseconds: int) -> str:
    """`4:05`, minutes and seconds of real speech."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02}"
