"""Secrets of second factors, where allauth stores them: in a JSON column of its table."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

# a TOTP secret, the seed of recovery codes, codes brought along from another product
_SECRETS = ("secret", "seed", "migrated_codes")


def changed(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return the column's value with `change` applied to every secret, and nothing else changed."""
    return {
        name: _apply(change, value) if name in _SECRETS else value for name, value in data.items()
    }


def _apply(change: Callable[[str], str], value: Any) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)


def change_all(authenticator: Any, change: Callable[[str], str]) -> int:
    """Apply `change` to the secrets of every row; return how many rows there were.

    `authenticator` is allauth's model, in a migration the historical one.
    """
    count = 0
    for pk in list(authenticator.objects.values_list("pk", flat=True)):
        count += _change_one(authenticator, pk, change)
    return count


def _change_one(authenticator: Any, pk: int, change: Callable[[str], str]) -> int:
    with transaction.atomic():
        # allauth may use up a recovery code at the same time: it stays used
        row = authenticator.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return 0
        row.data = changed(row.data, change)
        row.save(update_fields=["data"])
    return 1
