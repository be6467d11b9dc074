"""Admin of rows that only the product itself writes."""

from typing import Any

from django.http import HttpRequest


class ReadOnlyAdmin:
    """Refuse to add, change and delete, whatever permissions somebody holds."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
