"""Which models may hold something of a person: found by their relations, none is forgotten."""

from functools import cache

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model


@cache
def models_of_people() -> frozenset[type[Model]]:
    """Return the user's model, and every installed one that leads to it, through others too."""
    reached: set[type[Model]] = {get_user_model()}
    while fresh := {model for model in apps.get_models() if _leads_to(model, reached)} - reached:
        reached |= fresh
    return frozenset(reached)


def _leads_to(model: type[Model], reached: set[type[Model]]) -> bool:
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return any(field.related_model in reached for field in fields)
