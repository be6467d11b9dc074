"""The operator's desk: signs in through allauth, and only with a second factor."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from opic.admin_input import readable
from opic.admin_watch import watched


class OpicAdminSite(AdminSite):
    site_header = _("OPIc Practice: desk")
    site_title = _("OPIc Practice")
    index_title = _("What do you want to look after?")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the page, with its refusals and writes noted in the security log."""
        return watched(super().admin_view(readable(view), cacheable))

    def get_urls(self) -> list[Any]:
        """Without the short cut to an object's own page: nothing here has one."""
        return [
            entry for entry in super().get_urls() if getattr(entry, "name", "") != "view_on_site"
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_mfa_enabled(request.user)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the ordinary sign-in; staff without a second factor go and set one up."""
        if request.user.is_authenticated and request.user.is_staff:
            messages.info(request, gettext("The desk needs a second factor. Set it up here first."))
            return redirect("mfa_activate_totp")
        query = urlencode({"next": request.GET.get("next", reverse("admin:index"))})
        return redirect(f"{reverse('account_login')}?{query}")
