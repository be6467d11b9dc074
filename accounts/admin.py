"""Admin pages of accounts, groups and consents.

Only a superuser makes somebody staff, or moves an account to another address.
"""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.models import Consent, User
from accounts.security import addresses
from opic.lib.web.read_only_admin import ReadOnlyAdmin


class UserForm(ModelForm[User]):
    """An account as the admin edits it."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["email"]

    def clean_email(self) -> str:
        """Return the address in lower case, as sign-in reads it.

        Raises ValidationError for an address that another account has.
        """
        email = str(self.cleaned_data["email"]).lower()
        others = EmailAddress.objects.exclude(user_id=self.instance.pk)
        if others.filter(email__iexact=email).exists():
            raise ValidationError(gettext("There is an account with this address already."))
        return email


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Accounts in the admin: staff change learners, superusers change everybody."""

    POWERS: ClassVar[list[str]] = [
        "email",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
    ]
    form = UserForm
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

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [] if is_superuser(request) else self.POWERS

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow nobody: people sign up, and operators are made with createsuperuser."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Allow staff to change learners, never one another."""
        if obj is not None and obj.is_operator and not is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_superuser(request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before = User.objects.values_list("email", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        if obj.email != before:
            addresses.replace(obj, before=before)


def is_superuser(request: HttpRequest) -> bool:
    """Return whether the request comes from an active superuser."""
    return bool(request.user.is_active and request.user.is_superuser)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Groups in the admin, for superusers alone, whatever permissions others hold."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_superuser(request)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin, admin.ModelAdmin[Consent]):
    """Consents in the admin, to read only."""

    list_display = ["person", "kind", "text_version", "given_at", "withdrawn_at"]
    list_filter = ["kind", "text_version"]
    list_select_related = ["person"]
    search_fields = ["person__email"]
