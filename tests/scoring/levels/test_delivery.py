from hypothesis import given
from hypothesis import strategies as st

from opic.lib.levels import Level
from scoring.levels.delivery import BAND_GRADES, TYPICAL, advice_for, band_for, rows_for
from tests.factories import MEASURES


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


def test_advice_is_one_thing_and_holds_when_all_is_well():
    assert advice_for(rows_for(paced(Level.NH), Level.IH)) != "hold"
    at_home = {**paced(Level.IM2), "mean_pause_seconds": 0.9}
    assert advice_for(rows_for(at_home, Level.IM2)) == "hold"
