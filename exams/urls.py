from django.urls import path

from exams import moves, views

app_name = "exams"
_ATTEMPT = "attempts/<uuid:attempt_id>/"
urlpatterns = [
    path("", views.attempt_list, name="attempt-list"),
    path("survey/", views.survey_start, name="survey-start"),
    path("survey/<int:part>/", views.survey_part, name="survey-part"),
    path("survey/presets/<slug:name>/", views.survey_preset, name="survey-preset"),
    path("new/", views.attempt_create, name="attempt-create"),
    path("official/", views.official_create, name="official-create"),
    path(_ATTEMPT, views.attempt_detail, name="attempt-detail"),
    path(_ATTEMPT + "result/", views.attempt_result, name="attempt-result"),
    path(_ATTEMPT + "start/", moves.attempt_start, name="attempt-start"),
    path(_ATTEMPT + "advance/", moves.attempt_advance, name="attempt-advance"),
    path(_ATTEMPT + "readjust/", moves.attempt_readjust, name="attempt-readjust"),
    path(_ATTEMPT + "resume/", moves.attempt_resume, name="attempt-resume"),
    path(_ATTEMPT + "pause/", moves.attempt_pause, name="attempt-pause"),
    path(_ATTEMPT + "state/", moves.attempt_state, name="attempt-state"),
    path(_ATTEMPT + "submit/", moves.attempt_submit, name="attempt-submit"),
    path(_ATTEMPT + "abandon/", moves.attempt_abandon, name="attempt-abandon"),
    path(_ATTEMPT + "check/", moves.attempt_check, name="attempt-check"),
    path(_ATTEMPT + "items/<int:number>/tickets/", moves.ticket_create, name="ticket-create"),
    path(_ATTEMPT + "items/<int:number>/answer/", moves.item_answer, name="item-answer"),
]
