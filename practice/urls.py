from django.urls import path

from practice import guests, views

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
]
