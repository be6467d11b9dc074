"""Orientation and sitting: survey, step, the page of the test and the moves on it."""

import json
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import consents
from accounts.devices import device_of
from accounts.models import Goal, User
from exams import asking, sitting_page, sittings, survey, words
from exams.assembly import AssemblyError
from exams.blueprint import BLUEPRINTS, item_count
from exams.forms import OfficialLevelForm, StepForm
from exams.models import Attempt, OfficialLevel
from exams.report import report_for
from opic.lib import disk
from opic.lib.headers import records_speech
from opic.lib.htmx import is_fragment, render_partial
from opic.lib.levels import CAP_BY_STEP, DEFAULT_STEP, Level
from scoring.uploads import requests as upload_requests

get_or_post = require_http_methods(["GET", "POST"])
ATTEMPTS_SHOWN = 20


def _candidate(request: HttpRequest) -> User:
    return cast(User, request.user)


def _own(request: HttpRequest, attempt_id: str) -> Attempt:
    """A stranger's sitting is not there."""
    mine = Attempt.objects.taken_by(_candidate(request)).for_page()
    return get_object_or_404(mine, pk=attempt_id)


@require_GET
def attempt_list(request: HttpRequest) -> HttpResponse:
    """Where a test begins, goes on, and is looked at again."""
    candidate = _candidate(request)
    mine = Attempt.objects.taken_by(candidate).for_page().order_by("-made_at")
    rows = list(mine[:ATTEMPTS_SHOWN])
    context = {
        "open_attempt": next((row for row in rows if row.is_open), None),
        "past": [row for row in rows if row.is_over],
        "survey": asking.kept_of(candidate),
    }
    return render(request, "exams/attempt_list.html", context)


@get_or_post
def survey_part(request: HttpRequest, part: int) -> HttpResponse:
    """One part of four; Back is a plain address, so the browser's button works."""
    if part not in survey.PARTS:
        raise Http404
    kept = asking.kept_of(_candidate(request))
    if request.method == "GET":
        return _part_page(request, part, kept)
    faults = asking.read(part, request.POST, kept)
    kept.save()
    if "again" in request.POST:  # an answer that other questions hang on
        return _part_page(request, part, kept)
    if faults:
        return _part_page(request, part, kept, faults)
    if part == asking.LAST_PART:
        return _on(request, reverse("exams:attempt-create"))
    if not is_fragment(request):
        return redirect("exams:survey-part", part + 1)
    answer = _part_page(request, part + 1, kept)
    answer["HX-Push-Url"] = reverse("exams:survey-part", args=[part + 1])
    return answer


def _part_page(
    request: HttpRequest, number: int, kept: Any, faults: list[str] | None = None
) -> HttpResponse:
    context = {
        "part": asking.part_for(number, kept, faults or []),
        "presets": [(name, *words.PRESETS[name]) for name in survey.preset_names()],
        "parts": survey.PARTS,
    }
    status = 422 if faults else 200
    return render_partial(request, "exams/survey.html", "survey-part", context, status=status)


def _on(request: HttpRequest, url: str) -> HttpResponse:
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@require_GET
def survey_start(request: HttpRequest) -> HttpResponse:
    kept = asking.kept_of(_candidate(request))
    return redirect("exams:survey-part", asking.first_open_part(kept) if kept.answers else 1)


@require_POST
def survey_preset(request: HttpRequest, name: str) -> HttpResponse:
    if name not in survey.preset_names():
        raise Http404
    asking.take_preset(_candidate(request), name)
    return _on(request, reverse("exams:survey-part", args=[asking.LAST_PART]))


@get_or_post
def attempt_create(request: HttpRequest) -> HttpResponse:
    """The self-assessment, and how faithful it is to be; then the sitting is set up."""
    candidate = _candidate(request)
    if not asking.kept_of(candidate).is_complete:
        return redirect("exams:survey-start")
    if disk.is_full():
        return _no_room(request)
    goal = Goal.objects.filter(learner=candidate).first()
    start = {"step": goal.step if goal else DEFAULT_STEP, "mode": Attempt.Mode.REAL}
    form = StepForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            attempt = sittings.prepare(candidate, **form.cleaned_data)
        except AssemblyError:
            messages.error(request, gettext("There are not enough questions for a test yet."))
            return redirect("exams:attempt-list")
        return redirect("exams:attempt-detail", attempt.pk)
    target = Level(goal.target) if goal else None
    context = {"form": form, "target": target, "steps": _steps(target), "modes": Attempt.Mode}
    status = 422 if form.is_bound else 200
    return render(request, "exams/attempt_create.html", context, status=status)


def _no_room(request: HttpRequest) -> HttpResponse:
    """Told before anybody speaks; a test that has begun goes on."""
    messages.error(request, upload_requests.no_room_text())
    return redirect("exams:attempt-list")


def _steps(target: Level | None) -> list[dict[str, Any]]:
    """The six statements, and whether a step can show the target at all."""
    return [
        {
            "step": step,
            "text": words.STEPS[step],
            "items": item_count(step),
            "cap": CAP_BY_STEP[step].name,
            "shows_target": target is None or CAP_BY_STEP[step] >= target,
        }
        for step in BLUEPRINTS
    ]


@records_speech
@require_GET
def attempt_detail(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """The test while it goes on, its report afterwards."""
    attempt = _own(request, attempt_id)
    if attempt.is_over:
        return render(request, "exams/report.html", {"report": report_for(attempt)})
    if not attempt.is_open:
        return redirect("exams:attempt-list")
    if attempt.status == Attempt.Status.PREPARING and disk.is_full():
        return _no_room(request)
    if not consents.may_record(_candidate(request)):
        return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.path})}")
    page = sitting_page.page_of(attempt, device_of(request))
    context = {
        "attempt": attempt,
        "page": page,
        "page_json": json.dumps(page),
        "shifts": sitting_page.shifts_of(attempt),
        "shows_clock": sittings.shows_clock(attempt),
    }
    return render(request, "exams/sitting.html", context)


@require_GET
def attempt_result(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """The part of the report that fills in; asks again only while something is due."""
    attempt = _own(request, attempt_id)
    if not attempt.is_over:
        raise Http404
    report = report_for(attempt)
    return render_partial(request, "exams/report.html", "attempt-result", {"report": report})


@get_or_post
def official_create(request: HttpRequest) -> HttpResponse:
    """The official level and its day; told again, it replaces; `forget` deletes all of it."""
    candidate = _candidate(request)
    if request.method == "POST" and "forget" in request.POST:
        OfficialLevel.objects.filter(candidate=candidate).delete()
        messages.success(request, gettext("Deleted: what you told us of the real exam."))
        return redirect("exams:attempt-list")
    form = OfficialLevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        OfficialLevel.objects.update_or_create(
            candidate=candidate,
            taken_on=form.cleaned_data["taken_on"],
            defaults={"level": form.cleaned_data["level"]},
        )
        messages.success(request, gettext("Thank you. It helps to see how far we can be trusted."))
        return redirect("exams:attempt-list")
    context = {"form": form, "told": OfficialLevel.objects.filter(candidate=candidate)}
    return render(request, "exams/official.html", context, status=422 if form.is_bound else 200)
