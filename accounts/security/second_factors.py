"""The secrets of second factors, where they lie: a JSON column of the library's table."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

# a TOTP secret, the seed of recovery codes, codes brought along from another product
_SECRETS = ("secret", "seed", "migrated_codes")


def changed(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return the column's value with every secret in it changed, and nothing else."""
    return {
        name: _apply(change, value) if name in _SECRETS else value for name, value in data.items()
    }


def _apply(change: Callable[[str], str], value: Any) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)


def change_all(authenticator: Any, change: Callable[[str], str]) -> int:
    """Change the secrets of every row of this model. Return how many rows that were.

    Row by row under a lock: a recovery code used meanwhile stays used.
    """
    count = 0
    for pk in list(authenticator.objects.values_list("pk", flat=True)):
        count += _change_one(authenticator, pk, change)
    return count


def _change_one(authenticator: Any, pk: int, change: Callable[[str], str]) -> int:
    with transaction.atomic():
        row = authenticator.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return 0
        row.data = changed(row.data, change)
        row.save(update_fields=["data"])
    return 1
