from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("consent/", views.consent, name="consent"),
    path("settings/", views.settings_page, name="settings"),
    path("goal/", views.goal_set, name="goal-set"),
]
