"""The built-in judge as a rater: a measure with facts, and what it does without words."""

import sys
from dataclasses import replace
from subprocess import run

import pytest

from opic.lib.levels import Level
from scoring.ears.base import Heard
from scoring.raters.base import RatingJob
from scoring.raters.builtin import BuiltinRater
from scoring.raters.fluency import FluencyRater
from tests.scoring.raters.builtin.heard import rows_of

pytestmark = pytest.mark.own_stores

TEXT = "Yesterday I went to the lake with my dog. I listen music there, and I very like it."


def job(**more):
    _rows, measures = rows_of(TEXT)
    measures |= {"words_per_minute": 90, "mean_run_seconds": 2.0, "share_spoken": 0.7}
    return RatingJob("r1", "PAST", "Tell me about a day outside.", measures, True, **more)


def heard(text=TEXT):
    rows, _measures = rows_of(text)
    return Heard(text, "base", details={"words": rows, "stretches": [], "is_whole": True})


def test_it_gives_a_measure_with_facts_and_no_level():
    feedback = BuiltinRater().rate(job(), heard())
    assert feedback.kind == "measure"
    assert feedback.level is None is feedback.level_low
    assert feedback.points is None
    assert feedback.criteria == {}
    assert feedback.band_low is not None
    assert feedback.facts["transcript"] == TEXT
    assert feedback.versions["facts"] == feedback.facts["version"]
    assert [row["kind"] for row in feedback.facts["corrections"]] == ["word_order", "preposition"]
    assert feedback.facts["time_frames"]["past"]


def test_target_earlier_advice_and_kinds_switched_off_come_from_the_job():
    more = {"switched_off": frozenset({"word_order"}), "advised_lately": ("length",)}
    facts = BuiltinRater().rate(job(target=Level.IH.value, **more), heard()).facts
    assert [row["kind"] for row in facts["corrections"]] == ["preposition"]
    assert facts["advice"]["key"] == "length"
    assert facts["advice"]["is_again"]
    assert facts["advice"]["facts"]["typical"][0] == 60


@pytest.mark.parametrize("nothing", [None, Heard(""), Heard("a b", details={"words": []})])
def test_without_timed_words_it_gives_what_the_measures_give(nothing):
    assert BuiltinRater().rate(job(), nothing) == FluencyRater().rate(job(), None)


def test_the_same_words_give_the_same_facts():
    rater = BuiltinRater()
    rater.warm()
    assert rater.rate(job(), heard()) == rater.rate(job(), replace(heard()))


def test_it_loads_no_settings_and_no_models():
    code = (
        "import sys, scoring.raters.builtin.facts;"
        "ours = ('opic.settings', 'scoring.models', 'materials.models', 'accounts.models');"
        "assert not sys.modules.keys() & set(ours)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
