"""Practising: the list of questions, one question, the takes on it."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import UUIDField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.devices import device_of
from accounts.forms import FirstGoalForm
from accounts.models import User
from materials.models import Prompt, PromptRevision, SampleResponse, Topic
from opic.lib.headers import records_speech
from opic.lib.htmx import is_fragment, render_partial
from opic.lib.stores import disk
from opic.lib.stores.prepared import Given, PreparedQuery
from opic.lib.web.bodies import accepts_upload
from opic.lib.web.params import whole
from practice import next_prompt, takes
from practice.board_prompts import prompt_for
from practice.forms import PromptFilterForm
from practice.learner import LearnerContext, read_learner
from practice.models import PracticeTake
from practice.prompt_list import page_for
from practice.recorder_context import player_for, recorder_for
from practice.views.lookup import learner_of
from scoring.display.panel import Panel, panel_for
from scoring.models import Rating, Response
from scoring.raters.base import is_embedded
from scoring.summaries.board import ITEM_TYPES
from scoring.uploads import requests as upload_requests
from scoring.uploads.requests import upload_door
from scoring.uploads.tickets import UploadGrant


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Redirect straight to a question that fits; with topic and task to one that asks for that."""
    learner = learner_of(request)
    learner_context = read_learner(learner)
    if prompt := _for_board(request, learner, learner_context):
        return redirect("practice:prompt-detail", prompt.pk)
    step = next_prompt.next_for(learner, learner_context)
    if step is None:
        return redirect("practice:prompt-list")
    return redirect("practice:prompt-detail", step.prompt.pk)


def _for_board(
    request: HttpRequest, learner: User, learner_context: LearnerContext
) -> Prompt | None:
    topic, task = request.GET.get("topic", ""), request.GET.get("task", "")
    if task not in ITEM_TYPES:
        return None
    return prompt_for(learner, learner_context.step, topic, task)


@require_GET
def next_question(request: HttpRequest, prompt_id: UUID) -> HttpResponse:
    """Redirect to the question that comes after this one."""
    learner = learner_of(request)
    step = next_prompt.next_for(learner, read_learner(learner), without=prompt_id)
    if step is None:
        return redirect("practice:prompt-list")
    return redirect("practice:prompt-detail", step.prompt.pk)


@require_GET
def prompt_list(request: HttpRequest) -> HttpResponse:
    """Show the questions that fit the filters, a page at a time."""
    learner = learner_of(request)
    learner_context = read_learner(learner)
    form = PromptFilterForm(
        request.GET, Topic.objects.as_choices(), has_survey=learner_context.has_survey
    )
    wanted = form.wanted()
    page = page_for(learner, wanted, learner_context.step, request.GET.get("after", ""))
    context = {
        "form": form,
        "wanted": wanted,
        "rows": page.rows,
        "step": wanted.get("step") or learner_context.step,
        "more": urlencode({**wanted, "after": page.next_after}) if page.next_after else "",
        "is_first_page": not request.GET.get("after"),
        "has_corrections": not is_embedded(),
    }
    partial = "prompt-more" if request.GET.get("after") else "prompt-rows"
    return render_partial(request, "practice/prompt_list.html", partial, context)


_SAMPLES: PreparedQuery[SampleResponse] = PreparedQuery(
    lambda: SampleResponse.objects.filter(
        prompt=Given("prompt", UUIDField()), is_published=True
    ).order_by("pk")[:1]
)
_PROMPTS: PreparedQuery[Prompt] = PreparedQuery(
    lambda: Prompt.objects.published().with_voice().filter(pk=Given("prompt", UUIDField()))
)


def _needs_consent(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.path})}")


def newest_panel(
    response: Response, prompt: Prompt, learner_context: LearnerContext, before: Response | None
) -> Panel:
    """Return the rating panel of this learner's newest response, beside the one before it."""
    return panel_for(
        response,
        learner_context.target,
        has_goal=learner_context.has_goal,
        embargo_start=learner_context.embargo_start,
        before=before,
        next_url=reverse("practice:next", args=[prompt.pk]),
    )


def _panel_key(response: Response, made: takes.TakeList, learner_context: LearnerContext) -> str:
    """Name all that the panel of the newest answer prints; empty where it prints what is not in the
    rows that were read, or depends on the moment.
    """
    shown = response.shown_rating
    is_plain = response.is_final and not response.waits_for and not response.needs_person
    if not is_plain or shown is None or shown.source != Rating.Source.MACHINE:
        return ""
    # which of them were dismissed is not in the rows
    if shown.facts.get("corrections"):
        return ""
    return f"{made.newest_key} {learner_context.target} {learner_context.has_goal}"


def _takes(
    learner: User, prompt: Prompt, learner_context: LearnerContext, before: str = ""
) -> dict[str, Any]:
    """The newest takes with what changed, and the good answer that comes with the first."""
    embargo_start = learner_context.embargo_start
    made = takes.list_for(learner, prompt, before=whole(before), embargo_start=embargo_start)
    newest = made.newest_response
    return {
        "prompt": prompt,
        "takes": made,
        "sample": _SAMPLES.first(prompt=prompt.pk) if made else None,
        "goal_form": None if learner_context.has_goal or not made else FirstGoalForm(),
        "goal_next": reverse("practice:prompt-detail", args=[prompt.pk]),
        "newest": SimpleLazyObject(
            lambda: newest_panel(newest, prompt, learner_context, made.response_before)
        )
        if newest
        else None,
        "newest_key": _panel_key(newest, made, learner_context) if newest else "",
    }


def _published_or_404(prompt_id: str) -> tuple[Prompt, PromptRevision]:
    """A published prompt with its topic and clips, and the wording it is asked in now."""
    prompt = _PROMPTS.first(prompt=prompt_id)
    if prompt is None:
        raise Http404
    revision = cast(PromptRevision, prompt.published)
    revision.prompt = prompt
    return prompt, revision


@records_speech
@require_GET
def prompt_detail(request: HttpRequest, prompt_id: str) -> HttpResponse:
    """Show one question with its recorder and the takes on it."""
    prompt, revision = _published_or_404(prompt_id)
    learner = learner_of(request)
    learner_context = read_learner(learner)
    if not learner_context.may_record:
        return _needs_consent(request)
    tickets = settings.OPIC_TICKETS_A_PAGE
    context = {
        **_takes(learner, prompt, learner_context),
        "revision": revision,
        "player": player_for(revision),
        "recorder": recorder_for(
            learner, device_of(request), revision, learner_context, attempts=tickets
        ),
        "learner_context": learner_context,
        "is_full": disk.is_full(),
    }
    return render(request, "practice/prompt_detail.html", context)


@require_GET
def prompt_takes(request: HttpRequest, prompt_id: str) -> HttpResponse:
    """Show the list of takes, fresh: a part of the question's page, never a page of its own."""
    if not is_fragment(request):
        return redirect("practice:prompt-detail", prompt_id)
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    learner = learner_of(request)
    context = _takes(learner, prompt, read_learner(learner), request.GET.get("before", ""))
    if request.GET.get("before"):
        return render(request, "practice/_take_rows.html", context)
    return render(request, "practice/_takes.html", context)


@upload_door
@require_POST
def ticket_create(request: HttpRequest, prompt_id: str, number: int) -> HttpResponse:
    """Issue a fresh ticket, for a new recording or for one whose ticket died."""
    revision = get_object_or_404(PromptRevision, prompt_id=prompt_id, number=number)
    url = reverse("practice:take-create", args=[revision.prompt_id, revision.number])
    key = request.POST.get("key") or None
    if key is None:
        upload_requests.require_disk_space()  # with a key it is an answer that was spoken already
    return upload_requests.ticket_reply(request, url, key)


@csrf_exempt
@login_not_required
@upload_door
@require_POST
@accepts_upload("OPIC_UPLOAD_BYTES")
def take_create(request: HttpRequest, prompt_id: str, number: int) -> HttpResponse:
    """Take a recording. The ticket is the permission; the reply means it is safe."""

    def find(_grant: UploadGrant) -> PromptRevision:
        revisions = PromptRevision.objects.select_related("prompt")
        return get_object_or_404(revisions, prompt_id=prompt_id, number=number)

    return upload_requests.upload_reply(request, find, takes.save_take)


@require_POST
def take_delete(request: HttpRequest, response_id: str) -> HttpResponse:
    """Delete a take of one's own."""
    mine = PracticeTake.objects.made_by(learner_of(request)).select_related("response")
    take = get_object_or_404(mine, pk=response_id)
    takes.delete(take)
    messages.success(request, gettext("Deleted: the recording and what was found in it."))
    return redirect("practice:prompt-detail", take.prompt_id)
