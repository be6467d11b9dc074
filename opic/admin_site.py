"""The admin site: our own pages alone, signed in through allauth, with a second factor."""

from typing import Any, cast

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.checks import CheckMessage, Error
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.security import reauthentication
from opic.admin_input import readable
from opic.admin_watch import watched
from opic.health.report import whole_report

OUR_PACKAGES = {"opic", "accounts", "materials", "scoring", "practice", "exams"}
# What libraries register by themselves and nobody may open, superusers included: the queue's pages
# run any function on the worker host, the others print second-factor secrets, confirm anybody's
# address, or send to any address.
CLOSED = (
    "account.EmailAddress",
    "django_q.Failure",
    "django_q.OrmQ",
    "django_q.Schedule",
    "django_q.Success",
    "mfa.Authenticator",
    "usersessions.UserSession",
    "webpush.PushInformation",
)
# Pages of libraries that may be open, as "app.Model". None is: Django's groups are in
# accounts.admin, for superusers.
ALLOWED: frozenset[str] = frozenset()


def close_foreign_pages() -> None:
    """Take the pages in CLOSED out of the admin.

    A model that is gone, or has no page, is an error of the start: shorten the list.
    """
    for label in CLOSED:
        model = apps.get_model(label)
        # the queue's entries have a page only where they are in the database
        if label != "django_q.OrmQ" or admin.site.is_registered(model):
            admin.site.unregister(model)


def _is_ours(model: type[Model], page: Any) -> bool:
    package = type(page).__module__.partition(".")[0]
    return package in OUR_PACKAGES or model._meta.label in ALLOWED


def only_our_pages(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse the start when a library has an admin page that is in no list here."""
    return [
        Error(
            f"{model._meta.label} has an admin page from {type(page).__module__}: add it to CLOSED"
            " in opic/admin_site.py, or to ALLOWED if operators need it.",
            id="opic.E020",
        )
        for model, page in admin.site._registry.items()
        if not _is_ours(model, page)
    ]


class OpicAdminSite(AdminSite):
    """Django's admin with our sign-in, a log of refusals and writes, and the site's health."""

    site_header = _("OPIc Practice: desk")
    site_title = _("OPIc Practice")
    index_title = _("What do you want to look after?")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the page, with its refusals and writes noted in the security log."""
        return watched(super().admin_view(readable(view), cacheable))

    def get_urls(self) -> list[Any]:
        """Return the URLs without the redirect to an object's own page: nothing here has one."""
        return [
            entry for entry in super().get_urls() if getattr(entry, "name", "") != "view_on_site"
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Return the first page, with the health of the site in words."""
        findings = whole_report()
        health = {"health_status": findings.status, "health_reasons": findings.reasons()}
        return super().index(request, {**health, **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        """Allow staff with a second factor that was used in this session not long ago."""
        return (
            super().has_permission(request)
            and reauthentication.has_second_factor(cast(User, request.user))
            and reauthentication.is_factor_recent(request)
        )

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the ordinary sign-in, to the second factor, or to where one is set up."""
        wanted = request.GET.get("next", reverse("admin:index"))
        person = request.user
        if not isinstance(person, User) or not person.is_staff:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")
        if self.has_permission(request):
            return redirect("admin:index")
        if reauthentication.has_second_factor(person):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': wanted})}")
        messages.info(request, gettext("The admin needs a second step. Set it up here first."))
        return redirect("mfa_activate_totp")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the ordinary page: its change is notified by mail."""
        return redirect("account_change_password")
