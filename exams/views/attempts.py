"""Attempts: the list, setting one up, its page and its report."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from accounts import consents
from accounts.devices import device_of
from accounts.models import Goal, User
from accounts.texts.steps import STEP_STATEMENTS
from exams import labels
from exams.forms import StepForm
from exams.models import Attempt
from exams.rating_limit import limit_text
from exams.report.page import report_for
from exams.sitting import lifecycle, payload
from exams.sitting.assembly import AssemblyError
from exams.sitting.blueprint import BLUEPRINTS, item_count
from exams.survey import answers as survey_answers
from exams.views.lookup import candidate_of, own_attempt
from exams.what_report_holds import holds_text, report_kind_for
from opic.lib.headers import records_speech
from opic.lib.htmx import get_or_post, render_partial
from opic.lib.levels import CAP_BY_STEP, DEFAULT_STEP, Level
from opic.lib.stores import disk
from scoring.uploads import requests as upload_requests

ATTEMPTS_SHOWN = 20


@require_GET
def attempt_list(request: HttpRequest) -> HttpResponse:
    """Show the open attempt, past ones, and whether the survey is filled in."""
    candidate = candidate_of(request)
    mine = Attempt.objects.taken_by(candidate).for_page().order_by("-made_at")
    rows, kind = list(mine[:ATTEMPTS_SHOWN]), report_kind_for(candidate)
    context = {
        "open_attempt": next((row for row in rows if row.is_open), None),
        "past": [(row, labels.attempt_note(row)) for row in rows if row.is_over],
        "survey": survey_answers.survey_of(candidate),
        "kind": kind,
        "holds": holds_text(kind),
    }
    return render(request, "exams/attempt_list.html", context)


@get_or_post
def attempt_create(request: HttpRequest) -> HttpResponse:
    """Take self-assessment and mode, and set up the sitting; the survey comes first."""
    candidate = candidate_of(request)
    if not survey_answers.survey_of(candidate).is_complete:
        return redirect("exams:survey-start")
    if disk.is_full():
        return _disk_full(request)
    goal = Goal.objects.filter(learner=candidate).first()
    start = {"step": goal.step if goal else DEFAULT_STEP, "mode": Attempt.Mode.REAL}
    form = StepForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        return _prepared(request, form)
    status = 422 if form.is_bound else 200
    context = _create_context(candidate, form, goal)
    return render(request, "exams/attempt_create.html", context, status=status)


def _create_context(candidate: User, form: StepForm, goal: Goal | None) -> dict[str, Any]:
    target, kind = Level(goal.target) if goal else None, report_kind_for(candidate)
    return {
        "form": form,
        "target": target,
        "steps": _steps(target),
        "modes": Attempt.Mode,
        "limit_text": limit_text(candidate, item_count(goal.step if goal else DEFAULT_STEP)),
        "kind": kind,
        "holds": holds_text(kind),
    }


def _prepared(request: HttpRequest, form: StepForm) -> HttpResponse:
    """Redirect to the sitting that is set up; where another is open, ask which of the two."""
    candidate, chosen = candidate_of(request), form.cleaned_data
    if chosen["given_up"]:
        lifecycle.give_up(candidate, chosen["given_up"])
    try:
        attempt = lifecycle.prepare(candidate, step=chosen["step"], mode=chosen["mode"])
    except AssemblyError:
        messages.error(request, gettext("There are not enough questions for a test yet."))
        return redirect("exams:attempt-list")
    if (attempt.assessment.step, attempt.mode) != (chosen["step"], chosen["mode"]):
        mode = Attempt.Mode(chosen["mode"])
        context = {"attempt": attempt, "step": chosen["step"], "mode": mode}
        return render(request, "exams/attempt_open.html", context, status=409)
    return redirect("exams:attempt-detail", attempt.pk)


def _disk_full(request: HttpRequest) -> HttpResponse:
    """Redirect with words for a full disk, before anybody speaks; a sitting that began goes on."""
    messages.error(request, upload_requests.disk_full_text())
    return redirect("exams:attempt-list")


def _steps(target: Level | None) -> list[dict[str, Any]]:
    """Return the six statements, and whether each step can show the target at all."""
    return [
        {
            "step": step,
            "text": STEP_STATEMENTS[step],
            "items": item_count(step),
            "cap": CAP_BY_STEP[step].name,
            "shows_target": target is None or CAP_BY_STEP[step] >= target,
        }
        for step in BLUEPRINTS
    ]


def _sitting_context(attempt: Attempt, device: str) -> dict[str, Any]:
    page = payload.page_of(attempt, device)
    is_new, kind = attempt.status == Attempt.Status.PREPARING, report_kind_for(attempt.candidate)
    return {
        "attempt": attempt,
        "page": page,
        "page_json": json.dumps(page),
        "shifts": payload.shifts_of(attempt),
        "shows_clock": lifecycle.shows_clock(attempt),
        "limit_text": limit_text(attempt.candidate, attempt.item_count) if is_new else "",
        "kind": kind,
        "holds": holds_text(kind),
    }


@records_speech
@require_GET
def attempt_detail(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Show the page of the sitting while it goes on, its report afterwards."""
    attempt = own_attempt(request, attempt_id)
    if attempt.is_over:
        return render(request, "exams/report.html", {"report": report_for(attempt)})
    if not attempt.is_open:
        return redirect("exams:attempt-list")
    if attempt.status == Attempt.Status.PREPARING and disk.is_full():
        return _disk_full(request)
    if not consents.may_record(candidate_of(request)):
        return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.path})}")
    context = _sitting_context(attempt, device_of(request))
    return render(request, "exams/sitting.html", context)


@require_GET
def attempt_result(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """Show the part of the report that fills in; it asks again only while something is due."""
    attempt = own_attempt(request, attempt_id)
    if not attempt.is_over:
        raise Http404
    report = report_for(attempt)
    return render_partial(request, "exams/report.html", "attempt-result", {"report": report})
