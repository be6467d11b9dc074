"""Practising: the list of questions, one question, the takes on it."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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
from opic.lib.web.bodies import accepts_upload
from opic.lib.web.params import whole
from practice import next_prompt, takes
from practice.forms import PromptFilterForm
from practice.learner import LearnerContext
from practice.models import PracticeTake
from practice.prompt_list import page_for
from practice.recorder_context import player_for, recorder_for
from practice.views.lookup import learner_of
from scoring.display.panel import Panel, panel_for
from scoring.models import Response
from scoring.uploads import requests as upload_requests
from scoring.uploads.requests import upload_door
from scoring.uploads.tickets import UploadGrant

TAKES_SHOWN = 20


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Redirect straight to a question that fits."""
    learner = learner_of(request)
    step = next_prompt.next_for(learner, LearnerContext(learner))
    if step is None:
        return redirect("practice:prompt-list")
    return redirect("practice:prompt-detail", step.prompt.pk)


@require_GET
def prompt_list(request: HttpRequest) -> HttpResponse:
    learner = learner_of(request)
    learner_context = LearnerContext(learner)
    form = PromptFilterForm(request.GET, Topic.objects.as_choices())
    wanted = form.wanted()
    page = page_for(learner, wanted, learner_context.step, request.GET.get("after", ""))
    context = {
        "form": form,
        "wanted": wanted,
        "rows": page.rows,
        "step": wanted.get("step") or learner_context.step,
        "more": urlencode({**wanted, "after": page.next_after}) if page.next_after else "",
        "is_first_page": not request.GET.get("after"),
    }
    return render_partial(request, "practice/prompt_list.html", "prompt-rows", context)


def _needs_consent(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.path})}")


def newest_panel(response: Response, learner_context: LearnerContext) -> Panel:
    return panel_for(
        response,
        learner_context.target,
        has_goal=learner_context.has_goal,
        embargo_start=learner_context.embargo_start,
    )


def _takes(
    learner: User, prompt: Prompt, learner_context: LearnerContext, before: str = ""
) -> dict[str, Any]:
    """The newest takes with what changed, and the good answer that comes with the first."""
    made = PracticeTake.objects.made_by(learner).on_prompt(prompt).for_comparison()
    if (number := whole(before)) is not None:
        made = made.filter(number__lt=number)
    rows = takes.rows_for(made[: TAKES_SHOWN + 1], embargo_start=learner_context.embargo_start)
    samples = SampleResponse.objects.filter(prompt=prompt, is_published=True)
    newest = newest_panel(rows[0].response, learner_context) if rows else None
    return {
        "prompt": prompt,
        "rows": [row.printed() for row in rows[:TAKES_SHOWN]],
        "older_than": rows[TAKES_SHOWN - 1].take.number if len(rows) > TAKES_SHOWN else "",
        "sample": samples.first() if rows else None,
        "goal_form": None if learner_context.has_goal or not rows else FirstGoalForm(),
        "goal_next": reverse("practice:prompt-detail", args=[prompt.pk]),
        "newest": newest,
        "since": None if newest and newest.level_is_withheld else takes.since_before(rows),
    }


@records_speech
@require_GET
def prompt_detail(request: HttpRequest, prompt_id: str) -> HttpResponse:
    prompt = get_object_or_404(Prompt.objects.published().with_voice(), pk=prompt_id)
    learner = learner_of(request)
    learner_context = LearnerContext(learner)
    if not learner_context.may_record:
        return _needs_consent(request)
    revision = cast(PromptRevision, prompt.published)
    revision.prompt = prompt
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
    context = _takes(learner, prompt, LearnerContext(learner), request.GET.get("before", ""))
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
    mine = PracticeTake.objects.made_by(learner_of(request)).select_related("response")
    take = get_object_or_404(mine, pk=response_id)
    takes.delete(take)
    messages.success(request, gettext("Deleted: the recording and what was found in it."))
    return redirect("practice:prompt-detail", take.prompt_id)
