from django.urls import path

from practice import guests, mend, notes, views

app_name = "practice"
urlpatterns = [
    path("", views.prompt_list, name="prompt-list"),
    path("try/", guests.try_prompt, name="try"),
    path("try/audio/", guests.try_audio, name="try-audio"),
    path("start/", views.start, name="start"),
    path("prompts/<uuid:prompt_id>/", views.prompt_detail, name="prompt-detail"),
    path("prompts/<uuid:prompt_id>/takes/", views.prompt_takes, name="prompt-takes"),
    path(
        "prompts/<uuid:prompt_id>/revisions/<int:number>/tickets/",
        views.ticket_create,
        name="ticket-create",
    ),
    path(
        "prompts/<uuid:prompt_id>/revisions/<int:number>/takes/",
        views.take_create,
        name="take-create",
    ),
    path("takes/<uuid:response_id>/delete/", views.take_delete, name="take-delete"),
    path("phrases/", notes.phrase_list, name="phrase-list"),
    path("phrases/new/", notes.phrase_create, name="phrase-create"),
    path("phrases/<uuid:phrase_id>/delete/", notes.phrase_delete, name="phrase-delete"),
    path("mend/", mend.mend, name="mend"),
    path("mend/cards.json", mend.card_list, name="card-list"),
    path("mend/<uuid:card_id>/", mend.card_answer, name="card-answer"),
    path("mend/<uuid:card_id>/show/", mend.card_show, name="card-show"),
    path("stories/", notes.story_list, name="story-list"),
    path("stories/new/", notes.story_create, name="story-create"),
    path("stories/<uuid:story_id>/", notes.story_change, name="story-change"),
    path("stories/<uuid:story_id>/delete/", notes.story_delete, name="story-delete"),
]
