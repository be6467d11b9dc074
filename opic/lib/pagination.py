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

from opic.lib.web.params import moment_of

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
        """Read a key from a URL; None for what is none."""
        moment_text, _mark, pk = text.partition("~")
        try:
            moment = moment_of(moment_text)
            return cls(moment, uuid.UUID(pk)) if moment else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Span:
    """Which part of a list is asked for: from a moment on, before another, beyond a key."""

    since: datetime | None = None
    until: datetime | None = None
    after: Key | None = None

    def upper(self, by: str) -> Q:
        """Return the bound at the newest row, so that an index on `by` starts there."""
        after, until = self.after, self.until
        if after and (until is None or after.moment < until):
            older = Q(**{f"{by}__lt": after.moment}) | Q(pk__lt=after.pk)
            return Q(**{f"{by}__lte": after.moment}) & older
        return Q(**{f"{by}__lt": until}) if until else Q()

    def lower(self, by: str, edge: Key | None) -> Q:
        """Return the bound at the oldest row: the edge, which lies within the span, or `since`."""
        if edge:
            newer = Q(**{f"{by}__gt": edge.moment}) | Q(pk__gte=edge.pk)
            return Q(**{f"{by}__gte": edge.moment}) & newer
        return Q(**{f"{by}__gte": self.since}) if self.since else Q()


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of a page, and where the next one begins; no key: that was all there is."""

    rows: list[Row]
    next: Key | None
    # not full: it looked at `LOOK` rows, and there may be more
    is_cut: bool = False


def page_of(
    rows: QuerySet[Any, Row], *, by: str, span: Span, size: int, wanted: Q | None = None
) -> Page[Row]:
    """Return the next rows of a span.

    `rows`, objects or named tuples with `pk`, are what an index finds in the order of `by`;
    `wanted` is what has to be looked for among them, `LOOK` rows at a time.
    """
    ordered = rows.filter(span.upper(by)).order_by(f"-{by}", "-pk")
    edge = _edge(ordered.filter(span.lower(by, None)), by) if wanted else None
    fetched = list(ordered.filter(span.lower(by, edge), wanted or Q())[: size + 1])
    return page_from(fetched, by=by, size=size, edge=edge)


def page_from(fetched: list[Row], *, by: str, size: int, edge: Key | None = None) -> Page[Row]:
    """Return the page that begins with the first of these rows, of which there may be one more than
    `size`. `edge` is where looking ended.
    """
    if len(fetched) > size:
        last: Any = fetched[size - 1]
        return Page(fetched[:size], Key(getattr(last, by), last.pk))
    return Page(fetched, edge, is_cut=edge is not None)


def _edge(ordered: QuerySet[Any], by: str) -> Key | None:
    """Return the last row this page may look at; None where fewer are left."""
    row = next(iter(ordered.values_list(by, "pk")[LOOK - 1 : LOOK]), None)
    return Key(*row) if row else None
