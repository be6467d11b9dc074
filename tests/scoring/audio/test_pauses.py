"""Pauses and runs of stretches of speech, and measures of before in today's figures."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scoring.audio.measures import MEASURES_VERSION
from scoring.audio.pauses import STOP_SECONDS, delivery_of, in_todays_figures
from tests.factories import MEASURES

# hundredths of a second, as frames are: speech, then a gap, again and again
PAIRS = st.lists(st.tuples(st.integers(8, 900), st.integers(25, 700)), min_size=1, max_size=40)


def stretches_of(pairs, first=0):
    at, rows = first, []
    for lasts, gap in pairs:
        rows.append((at / 100, lasts / 100))
        at += lasts + gap
    return rows


@given(PAIRS, st.integers(0, 300))
def test_each_gap_is_a_pause_or_a_short_one_and_runs_lie_between_pauses(pairs, first):
    stretches = stretches_of(pairs, first)
    delivery = delivery_of(stretches)
    gaps = [gap / 100 for _lasts, gap in pairs[:-1]]
    assert [round(gap, 2) for _at, gap in delivery.pauses] == [g for g in gaps if g >= STOP_SECONDS]
    assert [round(gap, 2) for _at, gap in delivery.short_pauses] == [
        g for g in gaps if g < STOP_SECONDS
    ]
    assert len(delivery.runs) == len(delivery.pauses) + 1
    for (start, lasts), (after, _next), (at, gap) in zip(
        delivery.runs, delivery.runs[1:], delivery.pauses, strict=False
    ):
        assert abs(start + lasts - at) < 1e-9 < gap
        assert abs(at + gap - after) < 1e-9
    assert abs(delivery.speech_seconds - sum(lasts for _at, lasts in stretches)) < 1e-9


@given(PAIRS)
def test_measures_of_before_are_counted_anew_and_twice_is_the_same(pairs):
    stretches = stretches_of(pairs)
    length = stretches[-1][0] + stretches[-1][1] + 0.5
    stored = {
        **MEASURES,
        "version": "1",
        "length_seconds": length,
        "runs": [list(one) for one in stretches],
        "pauses": [
            [start + lasts, after - start - lasts]
            for (start, lasts), (after, _n) in pairwise(stretches)
        ],
    }
    now = in_todays_figures(stored)
    delivery = delivery_of(stretches)
    assert now["pause_count"] == len(delivery.pauses) == len(now["pauses"])
    assert now["mean_run_seconds"] >= sum(lasts for _at, lasts in stretches) / len(stretches)
    assert now["words_per_minute"] == stored["words_per_minute"]
    assert in_todays_figures({**now, "version": MEASURES_VERSION}) == {
        **now,
        "version": MEASURES_VERSION,
    }


def test_without_runs_or_measures_nothing_is_changed():
    assert in_todays_figures(None) == {}
    assert in_todays_figures({**MEASURES, "version": "1"}) == {**MEASURES, "version": "1"}
