import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.audio.measures import RATE, measure
from scoring.audio.pauses import delivery_of
from scoring.levels.delivery import (
    BAND_GRADES,
    LESS_IS_BETTER,
    TYPICAL,
    MeasureRow,
    Verdict,
    advice_for,
    band_for,
    rows_for,
    verdict_since,
)
from tests.factories import MEASURES
from tests.scoring.audio.test_measures import sentence

NAMES = {
    "words_per_minute",
    "mean_run_seconds",
    "mean_pause_seconds",
    "share_spoken",
    "length_seconds",
}


def paced(level: Level) -> dict:
    row = TYPICAL[level]
    middle = lambda pair: sum(pair) / 2  # noqa: E731
    return {
        **MEASURES,
        "words_per_minute": middle(row.words_per_minute),
        "mean_run_seconds": middle(row.run_seconds),
        "share_spoken": middle(row.share_spoken),
    }


@given(
    pace=st.floats(0, 400),
    run=st.floats(0, 60),
    share=st.floats(0, 1),
)
def test_a_band_is_wide_and_never_above_ih(pace, run, share):
    band = band_for({"words_per_minute": pace, "mean_run_seconds": run, "share_spoken": share})
    assert Level.NL <= band.low < band.high <= Level.IH
    assert band.high - band.low + 1 >= BAND_GRADES


def test_the_band_holds_the_level_it_is_paced_like():
    for level in Level:
        band = band_for(paced(level))
        assert band.low <= min(level, Level.IH) <= band.high, level


def test_quicker_speech_never_moves_the_band_down():
    bands = [band_for(paced(level)) for level in Level]
    assert [band.low for band in bands] == sorted(band.low for band in bands)
    assert [band.high for band in bands] == sorted(band.high for band in bands)


def test_rows_say_where_a_value_lies():
    rows = {row.name: row for row in rows_for(paced(Level.IM2), Level.IM2)}
    assert {row.where for name, row in rows.items() if name != "mean_pause_seconds"} == {"inside"}
    slow = {row.name: row for row in rows_for(paced(Level.NH), Level.IH)}
    assert slow["words_per_minute"].where == "below"
    assert 0 <= slow["words_per_minute"].percent(1000) <= 100


FIGURES = st.fixed_dictionaries(
    {
        "words_per_minute": st.floats(0, 300),
        "mean_run_seconds": st.floats(0, 60),
        "mean_pause_seconds": st.floats(0, 20),
        "share_spoken": st.floats(0, 1),
        "length_seconds": st.floats(0, 300),
    }
)
LEVELS = st.sampled_from(list(Level))
BETTER_BY = st.floats(0, 100)


def improved(figures: dict, name: str, amount: float) -> dict:
    if name in LESS_IS_BETTER:
        return {**figures, name: max(figures[name] - amount, 0)}
    most = 1 if name == "share_spoken" else 1000
    return {**figures, name: min(figures[name] + amount, most)}


@given(FIGURES, st.booleans(), st.sampled_from(sorted(NAMES)), BETTER_BY, LEVELS)
def test_a_better_figure_never_makes_a_verdict_worse(figures, has_words, name, amount, level):
    if has_words:
        figures = {**figures, "run_words": 4 * figures["mean_run_seconds"]}
    better = improved(figures, name, amount)
    for was, now in zip(rows_for(figures, level), rows_for(better, level), strict=True):
        assert now.verdict.rank >= was.verdict.rank, (was, now)
        assert now.widths_short <= was.widths_short


@given(FIGURES, FIGURES, st.sampled_from(sorted(NAMES)), BETTER_BY)
def test_nor_beside_an_earlier_take(figures, before, name, amount):
    better = improved(figures, name, amount)
    for one in NAMES:
        was = verdict_since(one, figures[one], before[one])
        assert verdict_since(one, better[one], before[one]).rank >= was.rank


@given(FIGURES, LEVELS)
def test_a_verdict_is_worse_exactly_where_something_is_missing(figures, level):
    for row in rows_for(figures, level):
        wrong_side = "above" if row.name in LESS_IS_BETTER else "below"
        assert (row.verdict == Verdict.WORSE) == (row.where == wrong_side) == (row.widths_short > 0)
        assert row.where != "inside" or row.verdict == Verdict.FINE


@given(FIGURES, LEVELS)
def test_advice_is_the_greatest_fault(figures, level):
    rows = {row.name: row for row in rows_for(figures, level)}
    name = advice_for(list(rows.values()))
    length = rows["length_seconds"]
    if length.value < 2 / 3 * length.typical[0]:
        assert name == "length_seconds"
    elif name == "hold":
        assert {row.verdict for row in rows.values()} <= {Verdict.FINE, Verdict.BETTER}
    else:
        assert rows[name].widths_short == max(row.widths_short for row in rows.values()) > 0


def test_of_equal_faults_the_first_in_a_fixed_order_wins():
    rows = [
        MeasureRow(name, value, (1, 2), 4)
        for name, value in (
            ("share_spoken", 0.5),
            ("words_per_minute", 0.5),
            ("mean_pause_seconds", 2.5),
            ("length_seconds", 1.5),
        )
    ]
    assert advice_for(rows) == advice_for(rows[::-1]) == "mean_pause_seconds"


def test_examples_of_advice():
    assert advice_for(rows_for(paced(Level.NH), Level.IH)) == "words_per_minute"
    at_home = {**paced(Level.IM2), "mean_pause_seconds": 0.9}
    assert advice_for(rows_for(at_home, Level.IM2)) == "hold"
    # seven seconds where 60 to 100 are typical, with long pauses
    short = {**at_home, "length_seconds": 7.0, "mean_pause_seconds": 9.0}
    assert advice_for(rows_for(short, Level.IH)) == "length_seconds"


# people who read and act: words a minute, pace of their stretches and gaps as they were measured
READINGS = {
    "dramatic, 10 s": (10.0, 69.0, 0.7, 0.87),
    "read aloud, 44 s": (44.0, 122.0, 1.7, 0.64),
    "a dialogue, 28 s": (28.0, 109.0, 1.4, 0.69),
}


def read_aloud(seconds, pace, stretch, gap, seed):
    """The figures of an answer with stretches and gaps of these means; most gaps are short."""
    rng = random.Random(seed)
    at, stretches = 0.3, []
    while at < seconds - 1:
        lasts = round(rng.uniform(0.4, 1.6) * stretch, 2)
        stretches.append((round(at, 2), lasts))
        at += lasts + max(0.25, round(rng.expovariate(1 / (gap - 0.25)) + 0.25, 2))
    delivery = delivery_of(stretches)
    return {
        **delivery.figures(),
        "words_per_minute": pace,
        "share_spoken": delivery.speech_seconds / seconds,
        "length_seconds": seconds,
    }


@pytest.mark.parametrize("name", READINGS)
def test_a_reader_who_breathes_is_not_told_to_stop_less_often(name):
    for seed in range(30):
        figures = read_aloud(*READINGS[name], seed)
        for level in (Level.IM2, Level.IH):
            assert advice_for(rows_for(figures, level)) != "mean_run_seconds", (seed, figures)


def test_spoken_sentences_with_breaths_between_them_are_one_run():
    """Forty-four seconds of a voice that takes a breath of 0.3 to 0.45 s after each sentence."""
    breath = itertools.cycle((0.3, 0.45, 0.38, 0.9))
    parts = [np.zeros(RATE // 2, np.float32)]
    for number in range(12):
        parts += [sentence("slt", number), np.zeros(int(next(breath) * RATE), np.float32)]
    samples = np.concatenate(parts)[: 44 * RATE]
    noise = np.random.default_rng(1).normal(0, 1e-4, len(samples)).astype(np.float32)
    measures = measure(samples + noise).as_dict()
    assert len(measures["short_pauses"]) > len(measures["pauses"]) >= 2
    assert advice_for(rows_for(measures, Level.IH)) != "mean_run_seconds"
