"""The roof as a Django app: commands, messages and the admin site live here."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register


class OpicConfig(AppConfig):
    name = "opic"

    def ready(self) -> None:
        from django.conf import settings

        from opic.lib import outgoing

        outgoing.install(outgoing.hosts_contacted(settings))


class OpicAdminConfig(AdminConfig):
    default_site = "opic.admin_site.OpicAdminSite"

    def ready(self) -> None:
        """Find every admin page, then close those that are not ours."""
        super().ready()
        from opic import admin_site

        admin_site.close_foreign_pages()
        register(admin_site.only_our_pages)
