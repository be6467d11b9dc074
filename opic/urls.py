"""The URL table: the only place where all apps come together."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import language_set
from opic.pages.account_data.views import account_delete, account_export, consent_withdraw
from opic.pages.board.views import board
from opic.pages.exam_day import exam_day_page
from opic.pages.history.views import history
from opic.pages.home.views import home
from opic.pages.listening import listen
from opic.pages.privacy import privacy
from opic.pages.pwa import views as pwa
from opic.pages.source import source

handler500 = "opic.error_views.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("board/", board, name="board"),
    path("history/", history, name="history"),
    path("history/listen/", listen, name="listen"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="worker"),
    path("offline/", pwa.offline, name="offline"),
    path("offline/store/", pwa.store, name="offline-store"),
    path("eve/", exam_day_page, name="exam-day"),
    path("privacy/", privacy, name="privacy"),
    path("source/", source, name="source"),
    path("language/", language_set, name="set_language"),
    path("accounts/", include("accounts.urls")),
    path("accounts/withdraw/", consent_withdraw, name="consent-withdraw"),
    path("accounts/export/", account_export, name="account-export"),
    path("accounts/delete/", account_delete, name="account-delete"),
    path("accounts/", include("allauth.urls")),
    path("practice/", include("practice.urls")),
    path("exams/", include("exams.urls")),
    path("responses/", include("scoring.urls")),
    path("materials/", include("materials.urls")),
    path("admin/", admin.site.urls),
]
