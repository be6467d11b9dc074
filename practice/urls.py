from django.urls import path

from practice.views import cards, guests, phrases, prompts, stories

app_name = "practice"
urlpatterns = [
    path("", prompts.prompt_list, name="prompt-list"),
    path("try/", guests.try_prompt, name="try"),
    path("try/audio/", guests.try_audio, name="try-audio"),
    path("start/", prompts.start, name="start"),
    path("prompts/<uuid:prompt_id>/", prompts.prompt_detail, name="prompt-detail"),
    path("prompts/<uuid:prompt_id>/next/", prompts.next_question, name="next"),
    path("prompts/<uuid:prompt_id>/takes/", prompts.prompt_takes, name="prompt-takes"),
    path(
        "prompts/<uuid:prompt_id>/revisions/<int:number>/tickets/",
        prompts.ticket_create,
        name="ticket-create",
    ),
    path(
        "prompts/<uuid:prompt_id>/revisions/<int:number>/takes/",
        prompts.take_create,
        name="take-create",
    ),
    path("takes/<uuid:response_id>/delete/", prompts.take_delete, name="take-delete"),
    path("phrases/", phrases.phrase_list, name="phrase-list"),
    path("phrases/new/", phrases.phrase_create, name="phrase-create"),
    path("phrases/<uuid:phrase_id>/delete/", phrases.phrase_delete, name="phrase-delete"),
    path("mend/", cards.card_review, name="card-review"),
    path("mend/cards.json", cards.card_list, name="card-list"),
    path("mend/<uuid:card_id>/", cards.card_answer, name="card-answer"),
    path("mend/<uuid:card_id>/show/", cards.card_show, name="card-show"),
    path("stories/", stories.story_list, name="story-list"),
    path("stories/new/", stories.story_create, name="story-create"),
    path("stories/<uuid:story_id>/", stories.story_change, name="story-change"),
    path("stories/<uuid:story_id>/delete/", stories.story_delete, name="story-delete"),
]
