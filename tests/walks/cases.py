"""Which strange values go where: every name, at every address that reads it, of every class."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.walks.names import all_names, forms_of, heard_at, names_in_module, names_read
from tests.walks.places import Place
from tests.walks.values import HOSTILE
from tests.walks.walker import send
from tests.walks.world import Person

READING = {"GET": "GET", "POST": "POST"}
# what scripts send, where no form on a page tells it
SCRIPTS: Mapping[str, str] = {
    "number": "1",
    "shift": "similar",
    "result": "right",
    "typed": "I went",
    "key": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "answered_at": "2026-11-20T10:00:00+00:00",
    "until": "2026-11-20T10:00:00+00:00",
    "manifest": "{}",
    "part": "goal",
    "done": "0",
    "total": "3",
    "had": "0",
}
LEFT_ALONE = {"csrfmiddlewaretoken"}
Fields = dict[str, str]


@dataclass(frozen=True)
class Field:
    """A name at an address that reads it, with what makes the rest of the request right."""

    place: Place
    method: str
    name: str
    rest: tuple[tuple[str, str], ...]

    def fields(self, raw: str) -> list[tuple[str, str]]:
        return [
            *((name, value) for name, value in self.rest if name != self.name),
            (self.name, raw),
        ]


def _forms_by_target(
    person: Person, places: Iterable[Place]
) -> dict[tuple[str, str], list[Fields]]:
    """What the pages this person sees would send, by where it goes."""
    forms: dict[tuple[str, str], list[Fields]] = {}
    for place in places:
        reply = send(person, "GET", place.path)
        if not reply.is_html or reply.status != 200:
            continue
        for form in forms_of(reply.body, place.path):
            fields = forms.setdefault((form["path"], form["method"]), [])
            if form["fields"] and form["fields"].keys() not in [one.keys() for one in fields]:
                fields.append(form["fields"])
    return forms


def _names(place: Place, method: str, forms: list[Fields]) -> set[str]:
    read = names_read(method, names_in_module(place.module))
    return (
        heard_at(place.path, method) | read | {name for form in forms for name in form}
    ) - LEFT_ALONE


def _form_with(name: str, forms: list[Fields]) -> Fields:
    """The form that has the name; a script's values where none has."""
    for form in forms:
        if name in form:
            return form
    return {}


def fields_for(person: Person, places: Iterable[Place]) -> list[Field]:
    """Every name that is read at these addresses, as this person meets them."""
    places = list(places)
    targets = _forms_by_target(person, places)
    for place in places:
        forms = targets.get((place.path, "POST"), [])
        for form in [{}, *forms]:
            send(person, "POST", place.path, body=_body(form))
    cases = []
    for place in places:
        for method in ("GET", "POST"):
            forms = targets.get((place.path, method), [])
            names = _names(place, method, forms)
            for name in sorted(names):
                rest = _form_with(name, forms) or {
                    other: SCRIPTS[other] for other in sorted(names) if other in SCRIPTS
                }
                quoted = tuple((key, quote(value, safe="")) for key, value in rest.items())
                cases.append(Field(place, method, name, quoted))
    return cases


def _body(fields: Fields) -> bytes:
    return "&".join(f"{quote(n)}={quote(v, safe='')}" for n, v in fields.items()).encode()


def once_a_view(fields: Iterable[Field], seed: int) -> list[Field]:
    """One of several addresses of the same view, by chance."""
    chance = random.Random(seed)
    by_view: dict[Any, list[Field]] = {}
    for field in fields:
        by_view.setdefault((field.place.route, field.method, field.name), []).append(field)
    return [chance.choice(some) for some in by_view.values()]


def strange(fields: Iterable[Field], seed: int, share: float) -> Iterator[tuple[Field, str]]:
    """Fields with a class of value each: all of them, or a share by chance."""
    chance = random.Random(seed)
    for field in fields:
        for name in HOSTILE:
            if chance.random() < share:
                yield field, name


def anywhere(places: Iterable[Place], seed: int, count: int) -> Iterator[tuple[Place, str, str]]:
    """Names of the whole product at addresses that may not read them."""
    chance = random.Random(seed)
    places, names = list(places), sorted({name for _reader, name in all_names()})
    for _turn in range(count):
        yield chance.choice(places), chance.choice(names), chance.choice(list(HOSTILE))
