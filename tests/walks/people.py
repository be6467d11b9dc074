"""The walk of people: who is told what, and whose rows change."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from tests.walks.places import Place, one_of_each
from tests.walks.walk import Walk
from tests.walks.walker import Reply, problems_of, send, send_and
from tests.walks.world import FREE, SECRET, SOUND, SPOKEN, Person, picture

METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
USUAL = {"owner", "stranger"}
# not there, not so; and what the upload doors say without a ticket or a length
CLOSED = {404, 405, 401, 411}
SAFE = {"GET", "HEAD", "OPTIONS"}
HX = {"HX-Request": "true"}
# made when somebody looks: what follows from answers, a sign-in that is counted late
FOLLOWS = {
    "accounts_devicesession",
    "accounts_streak",
    "practice_card",
    "scoring_daysummary",
}
Turn = tuple[Place, Person, str, dict[str, str]]


def _difference(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> str:
    changed = sorted(table for table in before if before[table] != after[table])
    return f"changed {', '.join(changed)}" if changed else ""


class PeopleWalk(Walk):
    """Everything of the owner's is pictured before; after what wrote, it is pictured again."""

    def turns(
        self, chance: random.Random, share: float, places: Sequence[Place], people: Sequence[Person]
    ) -> Iterator[Turn]:
        """GET and POST by the owner and a stranger; the others, and the desk, by chance."""
        for place in places if share == 1 else one_of_each(places, chance):
            for person in people:
                for method in METHODS:
                    usual = person.kind in USUAL and method in {"GET", "POST"}
                    rate = share / 3 if place.is_admin and share < 1 else share
                    if (place.is_admin or not usual) and chance.random() > rate:
                        continue
                    yield place, person, method, HX if chance.random() < 0.5 else {}

    def walk_strangers(
        self, chance: random.Random, *, share: float, places: Sequence[Place] = ()
    ) -> list[str]:
        problems, before = [], picture(self.owner)
        every = places or [*self.own, *self.admin_places]
        for place, person, method, headers in self.turns(chance, share, every, self.world.others):
            what = f"{person.kind}: {method} {place.route} {headers}"
            changes: list[str] = []
            reply = send_and(
                lambda done, seen=changes: seen.append(self._changes(done, before)),
                person,
                method,
                place.path,
                headers=headers,
            )
            problems += problems_of(reply, what)
            problems += [f"{change} | {what}" for change in changes if change]
            problems += [f"{leak} | {what}" for leak in self._leaks(reply, person, place)]
            problems += self._compared(reply, person, place, method, headers, what)
        return problems

    def walk_owner(self, chance: random.Random, *, share: float) -> list[str]:
        problems, before = [], picture(self.owner)
        unchanged = {table: rows for table, rows in before.items() if table not in FOLLOWS}
        for place, person, method, headers in self.turns(
            chance, share, [*self.own, *self.admin_places], [self.world.owner]
        ):
            what = f"owner: {method} {place.route} {headers}"
            changes: list[str] = []
            reply = send_and(
                lambda done, seen=changes: seen.append(self._changes(done, unchanged)),
                person,
                method,
                place.path,
                headers=headers,
            )
            problems += problems_of(reply, what)
            if method in SAFE:
                problems += [f"{change} | {what}" for change in changes if change]
        return problems

    @property
    def owner(self) -> Any:
        return self.world.owner.user

    def _changes(self, reply: Reply, before: dict[str, list[Any]]) -> str:
        if not reply.wrote - FREE:
            return ""
        return _difference(before, picture(self.owner))

    def _leaks(self, reply: Reply, person: Person, place: Place) -> Iterator[str]:
        """Words of the owner's in somebody else's page; at the desk who they are may be seen."""
        may_know_who = place.is_admin and person.kind in {"staff with", "root"}
        words = (SPOKEN,) if may_know_who else (SPOKEN, SECRET)
        if SOUND in reply.body or any(word.encode() in reply.body for word in words):
            yield "was told"

    def _compared(
        self,
        reply: Reply,
        person: Person,
        place: Place,
        method: str,
        headers: dict[str, str],
        what: str,
    ) -> Iterator[str]:
        """A row of somebody else's is answered like one that is not there."""
        if not place.owned or place.is_admin:
            return
        unknown = send(person, method, place.with_unknown_ids(), headers=headers)
        if (unknown.status, bool(unknown.wrote)) != (reply.status, bool(reply.wrote)):
            yield f"another answer than for an unknown id: {reply.status} | {what}"
        if person.user is not None and reply.status not in CLOSED:
            yield f"not closed: {reply.status} | {what}"

    def is_leaked(self, person: Person, place: Place) -> bool:
        body = send(person, "GET", place.path).body
        return SOUND in body or SPOKEN.encode() in body or SECRET.encode() in body

    def status_of(self, person: Person, path: str) -> int:
        return send(person, "GET", path).status
