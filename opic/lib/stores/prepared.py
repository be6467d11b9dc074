"""Queries whose SQL is made once.

For a query of a page Django takes longer to make the SQL than the database to run it
(docs/benchmarks.md). A prepared query is built like any other, with `Given` where a value of the
run belongs; what varies besides (a language's column, how many values) is its shape.

    RESPONSES = PreparedQuery(
        lambda: Response.objects.spoken_by(Given("person", UUIDField())).for_list()[:5]
    )
    RESPONSES.rows(person=person.pk)

What a page makes of rows can be remembered under the rows' own key: nothing goes stale, and what
is another's has another key.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.core.signals import setting_changed
from django.db import connections
from django.db.models import Field, QuerySet, Value
from django.utils.functional import cached_property

Row = TypeVar("Row")
DATABASE = "default"


class Given(Value):
    """The place of a value that each run of a prepared query brings.

    `output_field` says how the database is to be given it.
    """

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(None, output_field=output_field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True)
class _Made:
    """What one shape came to: SQL with the places of its values, and who reads the rows."""

    queryset: QuerySet[Any]
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]


class _Query:
    """A query as Django's row classes see it; its SQL is made already."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)

    def get_compiler(self, *_args: Any, **_options: Any) -> Any:
        return self._compiler


class Fetched(Generic[Row]):
    """Rows as the database gave them, for one thread: what a query asks for is made of them when
    somebody looks.
    """

    def __init__(self, made: _Made, compiler: Any) -> None:
        self._made, self._compiler = made, compiler
        self._raw = list(chain.from_iterable(compiler.execute_sql()))

    @cached_property
    def key(self) -> str:
        """Return the same text for the same rows of the same query: a digest in hexadecimal."""
        return self.key_of(0, len(self._raw))

    def key_of(self, start: int, stop: int) -> str:
        """Return the same for only those rows from `start` to before `stop`."""
        return sha256(f"{self._made.sql} {self._raw[start:stop]}".encode()).hexdigest()

    def __len__(self) -> int:
        return len(self._raw)

    @cached_property
    def rows(self) -> list[Row]:
        """Return objects, dicts or tuples, as the query was built."""
        return self.part(0, len(self._raw))

    def part(self, start: int, stop: int) -> list[Row]:
        """Return only those from `start` to before `stop`."""
        self._compiler.execute_sql = lambda *_args, **_options: [self._raw[start:stop]]
        queryset: Any = self._made.queryset
        source = SimpleNamespace(
            db=DATABASE,
            query=_Query(queryset.query, self._compiler),
            _known_related_objects={},
            _fields=queryset._fields,
        )
        return list(queryset._iterable_class(source))


class PreparedQuery(Generic[Row]):
    """A query that is built once a shape. `build` takes the shape and returns a queryset of rows,
    dicts or tuples, without prefetched relations.

    It must ask for nothing that depends on who runs it or when, but through `Given`. Settings it
    may ask: where Django says that one changed, the SQL is made anew.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._made: dict[Hashable, _Made] = {}
        setting_changed.connect(self._forget)

    def fetch(self, *shape: Hashable, **given: Any) -> Fetched[Row]:
        """Run the query of this shape with these values; raises KeyError for one not given."""
        connection = connections[DATABASE]
        made = self._made.get((connection.vendor, shape)) or self._make(connection, shape)
        parameters = tuple(
            one.output_field.get_db_prep_value(given[one.name], connection, prepared=False)
            if isinstance(one, Given)
            else one
            for one in made.parameters
        )
        # a compiler is bound to the connection of one thread
        compiler = copy(made.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (made.sql, parameters)
        return Fetched(made, compiler)

    def rows(self, *shape: Hashable, **given: Any) -> list[Row]:
        """Run it and return what was asked for."""
        return self.fetch(*shape, **given).rows

    def first(self, *shape: Hashable, **given: Any) -> Row | None:
        """Run it and return its first row, None without one."""
        return next(iter(self.rows(*shape, **given)), None)

    def _make(self, connection: Any, shape: tuple[Hashable, ...]) -> _Made:
        queryset = self.build(*shape)
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise ValueError("a prepared query cannot prefetch: name the columns or join")
        compiler = queryset.query.get_compiler(using=DATABASE)
        sql, parameters = compiler.as_sql()
        # two threads may both make it; either result serves
        made = _Made(queryset, compiler, sql, tuple(parameters))
        self._made[(connection.vendor, shape)] = made
        return made

    def _forget(self, **_facts: Any) -> None:
        self._made.clear()
