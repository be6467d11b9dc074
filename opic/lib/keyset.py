"""Pages of a long list, newest first, by a key: no count, no offset, the same cost everywhere.

A filter that no index knows could read a whole history in search of one row. So a page looks at
`LOOK` rows at most; what it did not get to comes with the next page, and the key says where that
begins.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

LOOK = 300

Row = TypeVar("Row")


@dataclass(frozen=True)
class Key:
    """A place in a list: the moment and the id of the row that was last looked at."""

    moment: datetime
    pk: uuid.UUID

    def __str__(self) -> str:
        return f"{self.moment.astimezone(UTC).isoformat()}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """None for what makes no sense: it came in a URL."""
        moment_text, _mark, pk = text.partition("~")
        try:
            moment = parse_datetime(moment_text)
            if moment is None or timezone.is_naive(moment):
                return None
            return cls(moment.astimezone(UTC), uuid.UUID(pk))
        except (ValueError, OverflowError):
            return None

    def beyond(self, by: str) -> Q:
        """Older rows. The first condition is a bound that an index can start from."""
        older = Q(**{f"{by}__lt": self.moment}) | Q(pk__lt=self.pk)
        return Q(**{f"{by}__lte": self.moment}) & older

    def up_to(self, by: str) -> Q:
        """This row and newer ones."""
        newer = Q(**{f"{by}__gt": self.moment}) | Q(pk__gte=self.pk)
        return Q(**{f"{by}__gte": self.moment}) & newer


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of a page, and where the next one begins; no key: that was all there is."""

    rows: list[Row]
    next: Key | None
    is_cut: bool = False  # not full, only tired of looking: there may be more


def page_of(
    rows: QuerySet[Any, Row], *, by: str, after: Key | None, size: int, wanted: Q | None = None
) -> Page[Row]:
    """The next rows after a key.

    `rows`, objects or named tuples with `pk`, are what an index finds in the order of `by`;
    `wanted` is what has to be looked for among them, `LOOK` rows at a time.
    """
    ordered = rows.order_by(f"-{by}", "-pk")
    if after:
        ordered = ordered.filter(after.beyond(by))
    edge = _edge(ordered, by) if wanted else None
    if wanted:
        ordered = ordered.filter(wanted)
    if edge:
        ordered = ordered.filter(edge.up_to(by))
    found = list(ordered[: size + 1])
    if len(found) > size:
        last: Any = found[size - 1]
        return Page(found[:size], Key(getattr(last, by), last.pk))
    return Page(found, edge, is_cut=edge is not None)


def _edge(ordered: QuerySet[Any], by: str) -> Key | None:
    """The last row this page may look at; None where fewer are left."""
    row = next(iter(ordered.values_list(by, "pk")[LOOK - 1 : LOOK]), None)
    return Key(*row) if row else None
