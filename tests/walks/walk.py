"""What the walks share: one world, made once, and ways to send a great deal to it."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.conf import settings
from django.test import TestCase, override_settings

from tests.walks.cases import Field, fields_for, once_a_view, strange
from tests.walks.places import Place, places_for
from tests.walks.values import HOSTILE
from tests.walks.walker import Reply, hostile, send
from tests.walks.world import World, make_world

SEED = 13
LISTENER = "tests.walks.names.ListeningMiddleware"
# pages that print what is kept
PAGES = ("/", "/history/", "/exams/", "/practice/phrases/", "/accounts/settings/")


def by_kind(problems: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Faults by what they are, each with how many and the first: thousands may have one cause."""
    kinds: dict[str, tuple[int, str]] = {}
    for problem in problems:
        kind = problem.partition(" | ")[0].partition(": ")[2][:80] or problem
        count, first = kinds.get(kind, (0, problem))
        kinds[kind] = count + 1, first
    return kinds


@dataclass(frozen=True)
class Places:
    """Every address; the same ones in every test of a class, since views cannot be copied."""

    all: list[Place]
    fields: dict[tuple[str, frozenset[str]], list[Field]] = field(default_factory=dict)

    def __deepcopy__(self, _memo: Any) -> "Places":
        return self


@override_settings(ROOT_URLCONF="tests.walks.planted")
class Walk(TestCase):
    """The world is made once; each request is undone. Faulty views stand among the real ones."""

    world: ClassVar[World]
    places: ClassVar[Places]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()
        cls.places = Places(places_for(cls.world.owner.user))

    @property
    def own(self) -> list[Place]:
        return [one for one in self.places.all if not (one.is_admin or one.is_planted)]

    def planted(self, word: str) -> list[Place]:
        places = [one for one in self.places.all if one.route.startswith(f"planted/{word}/")]
        assert places
        return places

    @property
    def admin_places(self) -> list[Place]:
        return [place for place in self.places.all if place.is_admin]

    def setUp(self) -> None:
        # a thousand refusals, a line each: they are counted here
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def send(self, kind: str, method: str, path: str, **extra: Any) -> Reply:
        return send(self.world.person(kind), method, path, **extra)

    def fields(self, kind: str, places: Sequence[Place]) -> list[Field]:
        """The names that are read there, found once."""
        key = kind, frozenset(place.path for place in places)
        if key not in self.places.fields:
            self.places.fields[key] = self._fields_of(kind, places)
        return self.places.fields[key]

    def _fields_of(self, kind: str, places: Sequence[Place]) -> list[Field]:
        person = self.world.person(kind)
        person.client.handler._middleware_chain = None  # ours is one more
        with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, LISTENER]):
            fields = once_a_view(fields_for(person, places), SEED)
        person.client.handler._middleware_chain = None
        return fields

    def send_all(self, kind: str, fields: Sequence[Field], share: float = 1) -> list[str]:
        """Every class of value to each of these fields, or a share; what was kept is looked at."""
        person, problems, chance = self.world.person(kind), [], random.Random(SEED)
        for one, value in strange(fields, SEED, share):
            page = chance.choice(PAGES)
            problems += [
                f"{value}: {problem}"
                for problem in hostile(
                    person,
                    one.method,
                    one.place,
                    fields=one.fields(HOSTILE[value]),
                    headers={"HX-Request": "true"} if chance.random() < 0.5 else {},
                    look_at=["/", page] if kind == "owner" and chance.random() < 0.1 else [],
                )
            ]
        return problems

    def send_some(self, kind: str, fields: Sequence[Field], count: int) -> list[str]:
        return self.send_all(kind, fields, count / (len(fields) * len(HOSTILE)))
