"""The admin's own log must not name people who are gone: their names are taken off its entries."""

from collections.abc import Iterator
from itertools import islice

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model

from opic.lib.stores.people_rows import models_of_people

LOT = 500


def forget_gone() -> int:
    """Clear the texts of entries about deleted rows of people; return how many entries.

    What was done, when and by whom stays. Entries by somebody go with their account.
    """
    types = ContentType.objects.get_for_models(*models_of_people(), for_concrete_models=False)
    return sum(_forget(model, kind) for model, kind in types.items())


def _forget(model: type[Model], kind: ContentType) -> int:
    entries = LogEntry.objects.filter(content_type=kind)
    named = entries.exclude(object_repr="", change_message="")
    ids = iter(list(named.order_by().values_list("object_id", flat=True).distinct()))
    forgotten = 0
    while lot := list(islice(ids, LOT)):
        gone = set(lot) - set(_existing(model, lot))
        forgotten += named.filter(object_id__in=gone).update(object_repr="", change_message="")
    return forgotten


def _existing(model: type[Model], ids: list[str | None]) -> Iterator[str]:
    keys = [key for text in ids if (key := _key(model, text)) is not None]
    rows = model._base_manager.filter(pk__in=keys)
    yield from (str(key) for key in rows.values_list("pk", flat=True))


def _key(model: type[Model], text: str | None) -> object:
    try:
        return model._meta.pk.to_python(text)
    except (ValidationError, ValueError):
        return None
