from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path(
        "reauthenticate/code/",
        views.ReauthenticateByCodeView.as_view(),
        name="reauthenticate-code",
    ),
    path("consent/", views.consent, name="consent"),
    path("settings/", views.settings_page, name="settings"),
    path("goal/", views.goal_set, name="goal-set"),
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/read/", views.notices_read, name="notices-read"),
    path("push/subscribe/", views.push_subscribe, name="push-subscribe"),
    path("push/unsubscribe/", views.push_unsubscribe, name="push-unsubscribe"),
]
