"""The phrase book: what a learner saves to say again."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from materials.models import Topic
from opic.lib.htmx import Request, is_fragment, render_partial
from practice import phrases
from practice.forms import PhraseFilterForm, PhraseForm
from practice.models import Phrase
from practice.views.lookup import deleted_reply, learner_of
from scoring.models import Response


def _phrase_page(
    request: HttpRequest, topics: list[Topic], form: PhraseForm | None = None
) -> HttpResponse:
    filters = PhraseFilterForm(request.GET, topics)
    wanted = filters.wanted()
    page = phrases.page_for(learner_of(request), wanted, request.GET.get("before", ""))
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


@require_GET
def phrase_list(request: HttpRequest) -> HttpResponse:
    """Show a page of the phrase book."""
    return _phrase_page(request, list(Topic.objects.by_name()))


@require_POST
def phrase_create(request: HttpRequest) -> HttpResponse:
    """Save a phrase from the phrase page's own form, or with one tap from elsewhere."""
    learner, topics = learner_of(request), list(Topic.objects.by_name())
    form = PhraseForm(request.POST, topics)
    if not form.is_valid():
        return _phrase_page(request, topics, form)
    fields = form.cleaned_data
    response = None
    if fields["response"]:
        responses = Response.objects.spoken_by(learner).select_related("revision__prompt__topic")
        response = get_object_or_404(responses, pk=fields["response"])
    phrases.save_phrase(
        learner, fields["text"], note=fields["note"], topic=form.topic_chosen, response=response
    )
    if not is_fragment(request):
        messages.success(request, gettext("Saved in your phrase book."))
        return redirect("practice:phrase-list")
    if cast(Request, request).htmx.target == "phrases":
        return _phrase_page(request, topics)
    return render(request, "practice/_phrase_saved.html", {"text": fields["text"]})


@require_POST
def phrase_delete(request: HttpRequest, phrase_id: str) -> HttpResponse:
    """Delete a phrase from the learner's own phrase book."""
    mine = Phrase.objects.saved_by(learner_of(request))
    get_object_or_404(mine, pk=phrase_id).delete()
    return deleted_reply(request, "practice:phrase-list")
