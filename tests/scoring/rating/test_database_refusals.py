"""A database that refuses for a while, at whatever statement of the worker: nothing is paid twice
and no claim is left for its lease to end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

from django.db import OperationalError, connection
from django.test import TransactionTestCase

from opic.lib.web import trouble
from scoring import tasks
from scoring.models import Hearing, Rating, Response, Status
from scoring.rating import pipeline
from tests.scoring.gemini_case import GeminiSetup

FOR_SO_MANY = 2  # statements in a row
TRIES = 4


class Refusals:
    """Counts statements, and refuses some."""

    def __init__(self, first: int) -> None:
        self.refused = range(first, first + FOR_SO_MANY)
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        self.count += 1
        if self.count - 1 in self.refused:
            raise OperationalError("the database is away")
        return execute(sql, *given)


@contextmanager
def refusing(first: int) -> Iterator[Refusals]:
    refusals = Refusals(first)
    with (
        mock.patch.object(trouble, "PAUSE_SECONDS", 0),
        # what is said and read aloud has no part in this, and takes its time
        mock.patch.object(pipeline, "_read_aloud"),
        connection.execute_wrapper(refusals),
    ):
        yield refusals


class OutlastingTests(GeminiSetup, TransactionTestCase):
    def statements(self) -> int:
        """How many one rating takes when all is well."""
        with refusing(-FOR_SO_MANY) as refusals:
            self.rated()
        return refusals.count

    def one_try(self, response: Response, first: int) -> str:
        with refusing(first), suppress(OperationalError):
            tasks.rate_response(str(response.pk))
        return str(Response.objects.get(pk=response.pk).status)

    def test_whichever_statement_is_refused_an_answer_is_rated_once_and_paid_once(self):
        total = self.statements()
        assert total > 10
        for first in range(0, total, FOR_SO_MANY):
            response = self.submitted()
            before = len(self.fake.calls)
            status = self.one_try(response, first)
            assert status != Status.RATING, f"statement {first}: its claim is left over"
            for _ in range(TRIES):
                if status == Status.RATED:
                    break
                Response.objects.filter(pk=response.pk).update(not_before_at=None)
                status = self.one_try(response, -FOR_SO_MANY)
            kinds = sorted(call.kind for call in self.fake.calls[before:])
            seen = (status, kinds, Hearing.objects.filter(response=response).count())
            assert seen == (Status.RATED, ["hear", "rate"], 1), f"statement {first}: {seen}"
            rows = Rating.objects.filter(response=response, kind=Rating.Kind.RATING)
            assert rows.count() == 1, f"statement {first}"

    def test_a_refusal_that_does_not_end_is_passed_on_when_time_is_up(self):
        work = mock.Mock(side_effect=OperationalError)
        with self.assertRaises(OperationalError):
            trouble.outlast(work, seconds=0)
        assert work.call_count == 1

    def test_a_mistake_of_ours_is_not_tried_again(self):
        work = mock.Mock(side_effect=KeyError)
        with self.assertRaises(KeyError):
            trouble.outlast(work, seconds=60)
        assert work.call_count == 1
