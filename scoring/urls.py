from django.urls import path

from scoring import views

app_name = "scoring"
urlpatterns = [
    path("<uuid:response_id>/", views.response_detail, name="response-detail"),
    path("<uuid:response_id>/audio/", views.response_audio, name="response-audio"),
    path("<uuid:response_id>/better/", views.response_better, name="response-better"),
    path("<uuid:response_id>/again/", views.response_again, name="response-again"),
    path(
        "<uuid:response_id>/corrections/dismiss/",
        views.correction_dismiss,
        name="correction-dismiss",
    ),
    path("<uuid:response_id>/rating/", views.response_rating, name="response-rating"),
]
