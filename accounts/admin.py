"""People, as far as an operator needs them."""

from django.contrib import admin
from django.http import HttpRequest
from webpush import admin as webpush_admin

from accounts.models import Consent, User

# its desk sends with a sender that we do not use, without a time limit and to any address
admin.site.unregister(webpush_admin.PushInformation)


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = [
        "email",
        "name",
        "language",
        "is_staff",
        "is_active",
        "date_joined",
        "last_login",
    ]
    list_filter = ["is_staff", "is_active", "language"]
    search_fields = ["email", "name"]
    ordering = ["-date_joined"]
    show_full_result_count = False
    fields = [
        "email",
        "name",
        "language",
        "time_zone",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
    ]
    filter_horizontal = ["groups", "user_permissions"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up; operators are made with createsuperuser."""
        return False


@admin.register(Consent)
class ConsentAdmin(admin.ModelAdmin[Consent]):
    list_display = ["person", "kind", "text_version", "given_at", "withdrawn_at"]
    list_filter = ["kind", "text_version"]
    list_select_related = ["person"]
    search_fields = ["person__email"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        return False
