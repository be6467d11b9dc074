from django.urls import path

from exams.views import attempts, official_levels, sitting_api, survey

app_name = "exams"
_ATTEMPT = "attempts/<uuid:attempt_id>/"
urlpatterns = [
    path("", attempts.attempt_list, name="attempt-list"),
    path("survey/", survey.survey_start, name="survey-start"),
    path("survey/undo/", survey.survey_undo, name="survey-undo"),
    path("survey/<int:part>/", survey.survey_part, name="survey-part"),
    path("survey/presets/<slug:name>/", survey.survey_preset, name="survey-preset"),
    path("new/", attempts.attempt_create, name="attempt-create"),
    path("official/", official_levels.official_create, name="official-create"),
    path(_ATTEMPT, attempts.attempt_detail, name="attempt-detail"),
    path(_ATTEMPT + "result/", attempts.attempt_result, name="attempt-result"),
    path(_ATTEMPT + "start/", sitting_api.attempt_start, name="attempt-start"),
    path(_ATTEMPT + "advance/", sitting_api.attempt_advance, name="attempt-advance"),
    path(_ATTEMPT + "readjust/", sitting_api.attempt_readjust, name="attempt-readjust"),
    path(_ATTEMPT + "resume/", sitting_api.attempt_resume, name="attempt-resume"),
    path(_ATTEMPT + "pause/", sitting_api.attempt_pause, name="attempt-pause"),
    path(_ATTEMPT + "state/", sitting_api.attempt_state, name="attempt-state"),
    path(_ATTEMPT + "submit/", sitting_api.attempt_submit, name="attempt-submit"),
    path(_ATTEMPT + "abandon/", sitting_api.attempt_abandon, name="attempt-abandon"),
    path(_ATTEMPT + "check/", sitting_api.attempt_check, name="attempt-check"),
    path(_ATTEMPT + "items/<int:number>/tickets/", sitting_api.ticket_create, name="ticket-create"),
    path(_ATTEMPT + "items/<int:number>/answer/", sitting_api.item_response, name="item-answer"),
]
