"""The project as a Django app: its commands, messages and admin site are found by it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register


class OpicConfig(AppConfig):
    """The project's own app, whose start installs the guard of outgoing connections."""

    name = "opic"

    def ready(self) -> None:
        """Refuse, from the start on, to contact hosts that no setting names."""
        from django.conf import settings

        from opic.lib import outgoing

        outgoing.install(outgoing.hosts_contacted(settings))


class OpicAdminConfig(AdminConfig):
    """Django's admin with our site in it."""

    default_site = "opic.admin_site.OpicAdminSite"

    def ready(self) -> None:
        """Find every admin page, then close those that are not ours."""
        super().ready()
        from opic import admin_site

        admin_site.close_foreign_pages()
        register(admin_site.only_our_pages)
