"""What a learner writes down: the phrase book, and stories in keywords."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from materials.models import Topic
from opic.lib.htmx import Request, is_fragment, render_partial
from practice import phrases
from practice.forms import PhraseFilterForm, PhraseForm, StoryForm
from practice.models import Phrase, Story
from scoring.models import Response

STORIES_SHOWN = 200


def _learner(request: HttpRequest) -> User:
    return cast(User, request.user)


def _gone(request: HttpRequest, name: str) -> HttpResponse:
    """Deleted: the row goes from the page, or the page comes anew."""
    return HttpResponse() if is_fragment(request) else redirect(name)


# --- phrases -------------------------------------------------------------------------------------


def _phrase_page(
    request: HttpRequest, topics: list[Topic], form: PhraseForm | None = None
) -> HttpResponse:
    filters = PhraseFilterForm(request.GET, topics)
    wanted = filters.wanted()
    page = phrases.page_for(_learner(request), wanted, request.GET.get("before", ""))
    context = {
        "filters": filters,
        "wanted": wanted,
        "phrases": page.phrases,
        "more": urlencode({**wanted, "before": page.next_before}) if page.next_before else "",
        "form": form or PhraseForm(None, topics),
    }
    status = 422 if form else 200
    template = "practice/phrase_list.html"
    return render_partial(request, template, "phrases", context, status=status)


def _answer_of(learner: User, response_id: UUID) -> Response:
    answers = Response.objects.spoken_by(learner).select_related("revision__prompt__topic")
    return get_object_or_404(answers, pk=response_id)


@require_GET
def phrase_list(request: HttpRequest) -> HttpResponse:
    return _phrase_page(request, list(Topic.objects.all()))


@require_POST
def phrase_create(request: HttpRequest) -> HttpResponse:
    """From the phrase book's own form, or with one tap from wherever a phrase stands."""
    learner, topics = _learner(request), list(Topic.objects.all())
    form = PhraseForm(request.POST, topics)
    if not form.is_valid():
        return _phrase_page(request, topics, form)
    said = form.cleaned_data
    response = None
    if said["response"]:
        answers = Response.objects.spoken_by(learner).select_related("revision__prompt__topic")
        response = get_object_or_404(answers, pk=said["response"])
    phrases.keep(
        learner, said["text"], note=said["note"], topic=form.topic_chosen, response=response
    )
    if not is_fragment(request):
        messages.success(request, gettext("Saved in your phrase book."))
        return redirect("practice:phrase-list")
    if cast(Request, request).htmx.target == "phrases":
        return _phrase_page(request, topics)
    return render(request, "_phrase_saved.html", {"text": said["text"]})


@require_POST
def phrase_delete(request: HttpRequest, phrase_id: str) -> HttpResponse:
    mine = Phrase.objects.kept_by(_learner(request))
    get_object_or_404(mine, pk=phrase_id).delete()
    return _gone(request, "practice:phrase-list")


# --- stories -------------------------------------------------------------------------------------


def _stories(request: HttpRequest, slug: str, bound: StoryForm | None = None) -> HttpResponse:
    """All of mine, or those of one topic; each with its form, and one form for another."""
    topics = list(Topic.objects.all())
    topic = next((one for one in topics if one.slug == slug), None)
    mine = Story.objects.told_by(_learner(request)).for_list()
    rows = mine.of_topic(topic.slug) if topic else mine
    forms = [
        bound if bound and bound.instance.pk == story.pk else StoryForm(instance=story)
        for story in rows[:STORIES_SHOWN]
    ]
    is_new = bound is not None and bound.instance._state.adding
    context: dict[str, Any] = {
        "topic": topic,
        "forms": forms,
        "new_form": bound if is_new else StoryForm(topics=topics, topic=topic),
    }
    status = 422 if bound else 200
    return render_partial(request, "practice/story_list.html", "stories", context, status=status)


def _saved(request: HttpRequest) -> HttpResponse:
    """Back where it was written: beside a question, or on the page of all."""
    scope = request.POST.get("scope", "")
    if is_fragment(request):
        return _stories(request, scope)
    messages.success(request, gettext("Saved."))
    return redirect("practice:story-list")


@require_GET
def story_list(request: HttpRequest) -> HttpResponse:
    return _stories(request, request.GET.get("topic", ""))


@require_POST
def story_create(request: HttpRequest) -> HttpResponse:
    story = Story(learner=_learner(request))
    form = StoryForm(request.POST, instance=story, topics=list(Topic.objects.all()))
    if not form.is_valid():
        return _stories(request, request.POST.get("scope", ""), form)
    form.save()
    return _saved(request)


@require_POST
def story_change(request: HttpRequest, story_id: str) -> HttpResponse:
    mine = Story.objects.told_by(_learner(request)).select_related("topic")
    form = StoryForm(request.POST, instance=get_object_or_404(mine, pk=story_id))
    if not form.is_valid():
        return _stories(request, request.POST.get("scope", ""), form)
    form.save()
    return _saved(request)


@require_POST
def story_delete(request: HttpRequest, story_id: str) -> HttpResponse:
    mine = Story.objects.told_by(_learner(request))
    get_object_or_404(mine, pk=story_id).delete()
    return _gone(request, "practice:story-list")
