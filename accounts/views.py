"""Consent, settings, language. Signing in and out is allauth's."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import consents
from accounts.forms import ConsentForm, FirstGoalForm, GoalForm, ProfileForm
from accounts.models import Consent, Goal, User

get_or_post = require_http_methods(["GET", "POST"])


def person_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def next_url(request: HttpRequest, fallback: str) -> str:
    """A `next` of our own, or the fallback."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if is_ours else fallback


@login_not_required
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Django's own switch, remembered for a person too."""
    language = request.POST.get("language", "")
    person = request.user
    if isinstance(person, User) and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=person.pk).update(language=language)
    return set_language(request)


@get_or_post
def consent(request: HttpRequest) -> HttpResponse:
    """One page between signing up and speaking."""
    person = person_of(request)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kinds = [kind for kind in Consent.Kind.values if form.cleaned_data[kind]]
        consents.give(person, kinds)
        person.keep_zone(form.cleaned_data["time_zone"])
        return redirect(next_url(request, reverse("practice:start")))
    status = 422 if form.is_bound else 200
    context = {"form": form, "next": next_url(request, "")}
    return render(request, "accounts/consent.html", context, status=status)


@get_or_post
def settings_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    goal = Goal.objects.filter(learner=person).first() or Goal(learner=person)
    part = request.POST.get("part")
    profile_form = ProfileForm(request.POST if part == "profile" else None, instance=person)
    goal_form = GoalForm(request.POST if part == "goal" else None, instance=goal)
    forms: dict[str | None, ProfileForm | GoalForm] = {"profile": profile_form, "goal": goal_form}
    sent = forms.get(part)
    if sent is not None and sent.is_valid():
        sent.save()
        messages.success(request, gettext("Saved."))
        return redirect("accounts:settings")
    context = {
        "profile_form": profile_form,
        "goal_form": goal_form,
        "consents": Consent.objects.given_by(person).order_by("given_at"),
    }
    return render(request, "accounts/settings.html", context, status=422 if sent else 200)


@require_POST
def goal_set(request: HttpRequest) -> HttpResponse:
    """The few questions after the first take."""
    person = person_of(request)
    goal = Goal.objects.filter(learner=person).first() or Goal(learner=person)
    form = FirstGoalForm(request.POST, instance=goal)
    if not form.is_valid():
        return render(request, "accounts/goal.html", {"goal_form": form}, status=422)
    form.save()
    if form.cleaned_data["name"]:
        User.objects.filter(pk=person.pk).update(name=form.cleaned_data["name"])
    messages.success(request, gettext("Saved. Your typical ranges now follow your target."))
    return redirect(next_url(request, reverse("home")))
