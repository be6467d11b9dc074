"""What the panel says of a rating: its bounds, what was not counted, what is worth keeping."""

from types import SimpleNamespace

import pytest
from django.template.loader import get_template
from django.utils import translation

from scoring.display import rating as display
from scoring.levels.counted_cap import counted_cap
from scoring.models import Rating, Response


def view(**advice):
    row = Rating(kind=Rating.Kind.RATING, level_low=4, level_high=6, level=5, advice=advice)
    return display.view_of(row)


def test_every_bound_has_its_sentence():
    bounds = {
        counted_cap(words.split(), kind, probes_advanced=probes).by
        for words, kind, probes in (
            ("one two three", "PAST", True),
            ("well now then " * 60, "PAST", True),
            (" ".join(f"word{number}" for number in range(120)), "PAST", True),
            (" ".join(f"because{number} because" for number in range(120)), "PAST", True),
            (" ".join(f"because{number} because went" for number in range(120)), "DESC", False),
        )
    }
    assert bounds == {"words", "links", "time", "item"}
    assert bounds | {"variety"} == set(display.CAPPED)


@pytest.mark.parametrize("by", sorted(display.CAPPED))
def test_it_says_what_bounded_it(by):
    assert "IM2" in view(capped_by=by).capped


@translation.override("en")
def test_without_advice_no_heading_stands_over_nothing():
    template = get_template("_rated.html")
    panel = SimpleNamespace(
        ladder=[], waits="", response=Response(), rows=[], cost="", next_url="/next/"
    )
    for advice, stands in (({}, False), ({"next": ["Say more."]}, True)):
        page = template.render({"rated": view(**advice), "panel": panel, "is_review": False})
        assert ("What kept it below" in page) is stands


def test_it_tells_what_was_not_counted():
    assert len(view(has_orders=True, capped_by="words").caveats) == 2
    assert view().caveats == []


def test_only_whole_clauses_are_worth_keeping():
    rated = view(
        transcript="I go to the sea with my son. It was good.",
        upgraded="Last summer I went to the sea with my son, because he had never seen it before."
        " It was good.",
    )
    assert rated.new_phrases == ["because he had never seen it before"]
