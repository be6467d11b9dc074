"""Recordings are cut at measured pauses: nothing said is lost, and the first piece is short."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ears import local_pieces as pieces

LONGEST = 30.0  # what one look of the recogniser takes in


def measures_of(runs):
    """Measures with these runs, as (start, end), and the pauses between them."""
    return {
        "runs": [(start, end - start) for start, end in runs],
        "pauses": [(first[1], second[0] - first[1]) for first, second in pairwise(runs)],
    }


def silence(seconds):
    return np.zeros(round(seconds * pieces.RATE), np.float32)


@st.composite
def recordings(draw):
    """Runs of 0.1 to 70 s with pauses of 0.25 to 20 s, in hundredths."""
    at, runs = draw(st.integers(0, 500)), []
    for _ in range(draw(st.integers(1, 14))):
        lasts = draw(st.one_of(st.integers(10, 600), st.integers(600, 7000)))
        runs.append((at / 100, (at + lasts) / 100))
        at += lasts + draw(st.one_of(st.integers(25, 120), st.integers(120, 2000)))
    return runs, runs[-1][1] + draw(st.integers(0, 300)) / 100


@given(recordings(), st.floats(0, 1))
def test_everything_said_is_in_one_piece_and_none_is_too_long(made, share):
    runs, length = made
    since = 0.0 if share < 0.5 else runs[-1][1] * share
    planned = pieces.plan(measures_of(runs), silence(length), since=since)
    for piece in planned:
        assert 0 <= piece.start < piece.end <= length + 0.01
        assert piece.end - piece.start <= LONGEST
    for first, second in pairwise(planned):
        assert first.end <= second.start + 1e-6
    for start, end in runs:
        for at in np.arange(max(start, since) + 0.1, end - 0.01, 0.1):
            assert any(piece.start - 0.01 <= at <= piece.end + 0.01 for piece in planned), at


@given(recordings())
def test_the_first_words_come_soon(made):
    runs, length = made
    planned = pieces.plan(measures_of(runs), silence(length))
    spoken = runs[-1][1] - runs[0][0]
    most = pieces.UNDIVIDED if spoken <= pieces.UNDIVIDED else pieces.FIRST_MOST
    assert planned[0].end - planned[0].start <= most + 2 * pieces.EDGE + 0.01


@given(recordings())
def test_going_on_where_a_piece_ended_leaves_nothing_out_and_says_nothing_twice(made):
    runs, length = made
    sound = silence(length)
    for piece in pieces.plan(measures_of(runs), sound)[:-1]:
        rest = pieces.plan(measures_of(runs), sound, since=piece.end)
        assert rest[0].start >= piece.end - 1e-6
        begun = [max(start, piece.end) for start, end in runs if end > piece.end + pieces.STEP]
        assert rest[0].start <= begun[0]


def test_an_answer_of_a_minute_is_heard_in_three_looks():
    runs = [(number * 4.0, number * 4.0 + 3.4) for number in range(15)]
    planned = pieces.plan(measures_of(runs), silence(60))
    assert len(planned) == 3
    assert planned[0].end < 10.7


def test_a_short_answer_is_heard_at_once():
    runs = [(0.5, 5.0), (6.0, 13.0)]
    assert len(pieces.plan(measures_of(runs), silence(14))) == 1


def test_it_is_cut_in_the_long_pause():
    runs = [(0.0, 3.0), (3.3, 6.0), (7.5, 9.0), (9.3, 12.0), (12.3, 20.0)]
    first = pieces.plan(measures_of(runs), silence(21))[0]
    assert first.end == pytest.approx(6.0 + pieces.EDGE)


def test_who_never_pauses_is_cut_at_the_softest_moment():
    sound = np.ones(40 * pieces.RATE, np.float32)
    sound[round(8.5 * pieces.RATE) : round(8.6 * pieces.RATE)] = 0
    planned = pieces.plan(measures_of([(0.0, 40.0)]), sound)
    assert planned[0].end == pytest.approx(8.55, abs=0.06)
    assert planned[1].start == planned[0].end


def test_halves_are_cut_at_the_pause_nearest_the_middle():
    measures = measures_of([(0.0, 5.0), (6.0, 11.0), (12.0, 24.0)])
    first, second = pieces.halves(pieces.Piece(0.0, 24.0), measures, silence(24))
    assert (first.start, second.end) == (0.0, 24.0)
    assert first.end == second.start == pytest.approx(11.5)


def test_nothing_said_makes_no_piece():
    assert pieces.plan({"runs": [], "pauses": []}, silence(5)) == []
    assert pieces.plan(measures_of([(0.0, 5.0)]), silence(5), since=5.0) == []
