"""Every address of the product, found by itself, filled with the ids of one person's rows."""

import random
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model, OneToOneField, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

from accounts.models import User
from exams.survey import rules as survey_rules

SLOT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Place:
    """One URL pattern with one set of ids."""

    route: str
    path: str
    callback: Callable[..., Any]
    slots: Mapping[str, Any] = field(default_factory=dict)
    owned: bool = False  # does an id lead to a row of one person's own?

    @property
    def module(self) -> str:
        view = getattr(self.callback, "view_class", self.callback)
        return str(view.__module__)

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")

    @property
    def is_planted(self) -> bool:
        return self.route.startswith("planted/")

    def with_unknown_ids(self) -> str:
        """The same address for rows that are nobody's."""
        path = self.path
        for value in self.slots.values():
            if isinstance(value, uuid.UUID):
                path = path.replace(str(value), str(uuid.uuid4()))
        return path


def chains(resolver: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Each pattern with all that stands before it."""
    for entry in resolver.url_patterns:
        chain = (*before, entry)
        if isinstance(entry, URLResolver):
            yield from chains(entry, chain)
        elif isinstance(entry, URLPattern):
            yield chain


def _template(entry: Any) -> tuple[str, list[str]]:
    """A route as a text to fill in, and the names of its gaps."""
    route = str(entry.pattern)
    if hasattr(entry.pattern, "_regex") and not hasattr(entry.pattern, "_route"):
        template, names = normalize(entry.pattern._regex)[0]
        return template, names
    return SLOT.sub(r"%(\1)s", route.replace("%", "%%")), SLOT.findall(route)


def path_to_person(model: type[Model], seen: frozenset[Any] = frozenset()) -> str | None:
    """The lookup that leads from a row to whose it is; None where it is nobody's own."""
    if model is User:
        return "pk"
    links = [one for one in model._meta.get_fields() if isinstance(one, ForeignKey | OneToOneField)]
    for link in links:
        if link.related_model is User and not link.null:
            return link.name
    for link in links:
        target: Any = link.related_model
        if target in seen or target is model or link.null:
            continue
        if further := path_to_person(target, seen | {model}):
            return link.name if further == "pk" else f"{link.name}__{further}"
    return None


def rows_of(model: type[Model], person: User) -> QuerySet[Any]:
    """Whose path says so; all rows of what belongs to nobody."""
    rows = model._default_manager.order_by("pk")
    path = path_to_person(model)
    return rows.filter(**{path: person.pk}) if path else rows


def _model_named(name: str) -> type[Model] | None:
    wanted = name.replace("_", "")
    ours = [one for one in apps.get_models() if (one._meta.model_name or "").endswith(wanted)]
    return min(ours, key=lambda one: len(one._meta.model_name or ""), default=None)


def _by_state(rows: QuerySet[Any]) -> list[Any]:
    """One row of every state, where a model has states."""
    by_state: dict[Any, Any] = {}
    for row in rows[:50]:
        by_state.setdefault(getattr(row, "status", ""), row.pk)
    return list(by_state.values())


def values_for(name: str, route: str, person: User) -> Sequence[Any]:
    """What may stand in a gap of this name. A new name ending in `_id` is the row of that model."""
    if route.startswith("admin/"):
        return _admin_values(name, route, person)
    values: dict[str, Sequence[Any]] = {
        "number": [1],
        "part": survey_rules.PARTS,
        "name": survey_rules.preset_names()[:1] if "preset" in route else ["walk"],
    }
    if name in values:
        return values[name]
    if name == "prompt_id":
        return [person.takes.order_by("number").first().prompt_id]
    model = _model_named(name.removesuffix("_id"))
    if model is None:
        raise AssertionError(f"{route}: say in tests/walks/places.py what may stand for {name}")
    rows = _by_state(rows_of(model, person))
    if not rows:
        raise AssertionError(f"{route}: make a row of {model.__name__} in tests/walks/world.py")
    return rows


def _admin_values(name: str, route: str, person: User) -> Sequence[Any]:
    if name == "app_label":
        return sorted({model._meta.app_label for model in admin.site._registry})
    if name == "content_type_id":
        return [ContentType.objects.get_for_model(User).pk]
    if name != "object_id":
        return ["nothing-here"]
    for model in admin.site._registry:
        if route.startswith(f"admin/{model._meta.app_label}/{model._meta.model_name}/"):
            own = rows_of(model, person).first() or model._default_manager.first()
            return [own.pk if own else 1]
    return [person.pk]


def _is_own(name: str) -> bool:
    model = _model_named(name.removesuffix("_id")) if name.endswith("_id") else None
    return model is not None and path_to_person(model) is not None


def _fillings(names: Sequence[str], route: str, person: User) -> list[dict[str, Any]]:
    """Every value of the gap with the most of them; the first of the others."""
    values = {name: list(values_for(name, route, person)) for name in names}
    most = max((len(fillings) for fillings in values.values()), default=1)
    return [
        {name: fillings[min(turn, len(fillings) - 1)] for name, fillings in values.items()}
        for turn in range(most)
    ]


def one_of_each(places: Sequence[Place], chance: random.Random) -> list[Place]:
    """Of the addresses of one route, which differ by their ids, one."""
    by_route: dict[str, list[Place]] = {}
    for place in places:
        by_route.setdefault(place.route, []).append(place)
    return [chance.choice(some) for some in by_route.values()]


def places_for(person: User) -> list[Place]:
    """Every address, with this person's ids."""
    places = []
    for chain in chains(get_resolver()):
        parts = [_template(entry) for entry in chain]
        template = "/" + "".join(text for text, _names in parts)
        names = [name for _text, some in parts for name in some]
        route = "".join(str(entry.pattern) for entry in chain)
        for slots in _fillings(names, route, person):
            owned = any(_is_own(name) for name in names)
            places.append(Place(route, template % slots, chain[-1].callback, slots, owned))
    return places
