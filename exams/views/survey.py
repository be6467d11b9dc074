"""The background survey, part by part.

`next` goes along in every address: the page of ours that leads here, and that the last part leads
back to.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from exams.survey import answers as survey_answers
from exams.survey import labels as survey_labels
from exams.survey import rules as survey_rules
from exams.views.lookup import candidate_of
from opic.lib.htmx import get_or_post, is_fragment, redirect_whole_page, render_partial
from opic.lib.web.params import next_url


@get_or_post
def survey_part(request: HttpRequest, part: int) -> HttpResponse:
    """Show or save one part of four; each has an address, so that the browser's Back works."""
    if part not in survey_rules.PARTS:
        raise Http404
    survey = survey_answers.survey_of(candidate_of(request))
    if request.method == "GET":
        return _part_page(request, part, survey)
    errors = survey_answers.read(part, request.POST, survey)
    survey_answers.save(survey)
    if "again" in request.POST:  # an answer on which other questions depend
        return _part_page(request, part, survey)
    if errors:
        return _part_page(request, part, survey, errors)
    if part == survey_answers.LAST_PART:
        return _go_to(request, next_url(request, reverse("exams:attempt-create")))
    return _next_part(request, part + 1, survey)


def _next_part(request: HttpRequest, part: int, survey: Any) -> HttpResponse:
    url = _part_url(request, part)
    if not is_fragment(request):
        return redirect(url)
    reply = _part_page(request, part, survey)
    reply["HX-Push-Url"] = url
    return reply


def _part_url(request: HttpRequest, part: int) -> str:
    return reverse("exams:survey-part", args=[part]) + _next_query(request)


def _next_query(request: HttpRequest) -> str:
    url = next_url(request, "")
    return f"?{urlencode({'next': url})}" if url else ""


def _part_page(
    request: HttpRequest, number: int, survey: Any, errors: list[str] | None = None
) -> HttpResponse:
    context = {
        "part": survey_answers.part_for(number, survey, errors or []),
        "presets": [
            (name, *survey_labels.PRESETS[name], *survey_answers.preset_texts(name, survey))
            for name in survey_rules.preset_names()
        ],
        "has_answers": survey_answers.has_answers(survey),
        "may_undo": bool(survey.before_preset),
        "parts": survey_rules.PARTS,
        "next_query": _next_query(request),
    }
    status = 422 if errors else 200
    return render_partial(request, "exams/survey.html", "survey-part", context, status=status)


def _go_to(request: HttpRequest, url: str) -> HttpResponse:
    return redirect_whole_page(url) if is_fragment(request) else redirect(url)


@require_GET
def survey_start(request: HttpRequest) -> HttpResponse:
    """Redirect to the first part that still needs something."""
    survey = survey_answers.survey_of(candidate_of(request))
    part = survey_answers.first_open_part(survey) if survey.answers else 1
    return redirect(_part_url(request, part))


@require_POST
def survey_preset(request: HttpRequest, name: str) -> HttpResponse:
    """Save a ready set of answers, and go to the last part to change it. Raises Http404.

    `replaces_all` says that it replaces parts 1-3 too.
    """
    if name not in survey_rules.preset_names():
        raise Http404
    replaces_all = request.POST.get("replaces_all") == "1"
    survey_answers.take_preset(candidate_of(request), name, replaces_all=replaces_all)
    return _go_to(request, _part_url(request, survey_answers.LAST_PART))


@require_POST
def survey_undo(request: HttpRequest) -> HttpResponse:
    """Put back what stood before the last ready set; changes nothing the second time."""
    survey_answers.undo_preset(candidate_of(request))
    return _go_to(request, reverse("exams:survey-start") + _next_query(request))
