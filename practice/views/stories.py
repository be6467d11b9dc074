"""Stories: what a learner has to tell, in keywords."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from materials.models import Topic
from opic.lib.htmx import is_fragment, render_partial
from practice import stories
from practice.forms import StoryForm
from practice.models import Story
from practice.views.lookup import deleted_reply, learner_of

STORIES_SHOWN = 200
NEW = "new"


def _form_of(story: Story, bound: StoryForm | None) -> StoryForm:
    """Return the form that was sent where it is this story's; else one with what is stored."""
    return bound if bound and bound.instance.pk == story.pk else StoryForm(instance=story)


def _stories(
    request: HttpRequest, slug: str, bound: StoryForm | None = None, *, sent: object = None
) -> HttpResponse:
    """Show the learner's stories, or those of one topic, each as a form, and a form for a new one.

    `sent`: whose form came, a story's key or NEW. The other forms stay as they are on the page:
    something may be typed in them.
    """
    topics = list(Topic.objects.by_name())
    topic = next((one for one in topics if one.slug == slug), None)
    mine = Story.objects.written_by(learner_of(request)).for_list()
    rows = mine.of_topic(topic.slug) if topic else mine
    forms = [_form_of(story, bound) for story in rows[:STORIES_SHOWN]]
    is_new = bound is not None and bound.instance._state.adding
    context: dict[str, Any] = {
        "topic": topic,
        "forms": forms,
        "new_form": bound if is_new else StoryForm(topics=topics, topic=topic),
        "sent": sent,
    }
    status = 422 if bound else 200
    return render_partial(request, "practice/story_list.html", "stories", context, status=status)


def _saved(request: HttpRequest, sent: object) -> HttpResponse:
    """Return to where the story was written: beside a prompt, or on the page of all."""
    scope = request.POST.get("scope", "")
    if is_fragment(request):
        return _stories(request, scope, sent=sent)
    messages.success(request, gettext("Saved."))
    return redirect("practice:story-list")


@require_GET
def story_list(request: HttpRequest) -> HttpResponse:
    """Show the learner's stories, all of them or those of one topic."""
    return _stories(request, request.GET.get("topic", ""))


@require_POST
def story_create(request: HttpRequest) -> HttpResponse:
    """Save a new story; 422 with its form where something is missing."""
    story = Story(learner=learner_of(request))
    form = StoryForm(request.POST, instance=story, topics=list(Topic.objects.by_name()))
    if not form.is_valid():
        return _stories(request, request.POST.get("scope", ""), form, sent=NEW)
    stories.add(form.save(commit=False))
    return _saved(request, NEW)


@require_POST
def story_change(request: HttpRequest, story_id: str) -> HttpResponse:
    """Save what was changed in a story; 422 with its form where something is missing."""
    mine = Story.objects.written_by(learner_of(request)).select_related("topic")
    form = StoryForm(request.POST, instance=get_object_or_404(mine, pk=story_id))
    if not form.is_valid():
        return _stories(request, request.POST.get("scope", ""), form, sent=form.instance.pk)
    form.save()
    return _saved(request, form.instance.pk)


@require_POST
def story_delete(request: HttpRequest, story_id: str) -> HttpResponse:
    """Delete one of the learner's own stories."""
    mine = Story.objects.written_by(learner_of(request))
    get_object_or_404(mine, pk=story_id).delete()
    return deleted_reply(request, "practice:story-list")
