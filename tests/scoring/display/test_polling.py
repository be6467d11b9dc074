"""When a page that waits looks again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scoring.display import polling
from scoring.models import Hearing, Rating, Response, Status
from tests.factories import make_measured, make_user


@pytest.fixture
def usual(monkeypatch):
    monkeypatch.setattr(polling, "usual", lambda: polling.Usual(heard=3.4, rating=3.1))


@pytest.mark.parametrize(
    ("waited", "since_heard", "seconds"),
    [
        (0.1, None, 0.3),  # what ends early is seen early
        (0.4, None, 3.03),  # then at the usual moment
        (3.2, None, 0.3),  # nearly due
        (5.0, None, 0.3),  # later than usual: close together
        (3.6, 0.2, 2.93),
        (6.6, 3.0, 0.3),
        (25.0, None, 1.25),  # much later: slower
        (500.0, None, 5.0),
    ],
)
def test_it_looks_at_the_usual_moment(usual, waited, since_heard, seconds):
    assert polling.next_look(waited, since_heard) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("waited", "seconds"), [(-1.0, 1.0), (0.0, 1.0), (20.0, 1.0), (100.0, 5.0), (5000.0, 30.0)]
)
def test_a_page_of_several_answers_asks_less_and_less(waited, seconds):
    assert polling.next_look_at_many(waited, soonest=1.0, most=30.0) == seconds


def test_when_all_wait_the_first_that_is_due_is_waited_for():
    now = timezone.now()
    soon, late, past = (now + timedelta(seconds=n) for n in (90, 9000, -5))
    assert polling.until_due([late, soon], now) == 91
    assert polling.until_due([late], now) == polling.FAR
    for some_may_go in ([], [None], [soon, None], [soon, past]):
        assert polling.until_due(some_may_go, now) == 0


def test_without_experience_it_looks_often(monkeypatch):
    monkeypatch.setattr(polling, "usual", lambda: None)
    assert polling.next_look(2.0, None) == 0.3


def test_the_usual_is_where_most_of_the_last_were_and_kept_for_a_while(db, monkeypatch):
    monkeypatch.setattr(polling, "_cached", (float("-inf"), None))
    person, now = make_user(), timezone.now()
    for heard, rated in ((2, 5), (3, 7), (9, 30)):
        response = make_measured(person, received_at=now)
        rating = Rating.objects.create(
            response=response, kind="rating", level_low=5, level_high=6, level=5
        )
        Hearing.objects.create(response=response, ears="x", made_at=now + timedelta(seconds=heard))
        Response.objects.filter(pk=response.pk).update(
            status=Status.RATED,
            tries=1,
            shown_rating=rating,
            settled_at=now + timedelta(seconds=rated),
        )
    assert polling.usual() == polling.Usual(heard=3.15, rating=4.15)
    Response.objects.all().delete()
    assert polling.usual() == polling.Usual(heard=3.15, rating=4.15)


def test_alike_ones_are_met_by_the_third_quartile():
    assert polling._moment([3.0, 3.02, 3.04, 3.1]) == pytest.approx(3.085)
    assert polling._moment([3.0]) == 3.0
