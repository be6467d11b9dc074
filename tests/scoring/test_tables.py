"""The tables of docs/rating.md are those that the command prints."""

import pytest

from tests.benchmarks import judgement

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize("name", ["slips", "ranges", "losses", "graded", "orders"])
def test_a_table_is_what_is_printed(name):
    text = judgement.DOCUMENT.read_text(encoding="utf-8")
    assert judgement.with_tables(text, {name: judgement.TABLES[name]()}) == text
