"""`make soak`: thirty journeys."""

from tests.browser.conftest import *  # noqa: F403
from tests.soak.kills import run_many


def test_thirty_journeys_survive_a_kill_each(product, playwright, sounds, tmp_path):
    run_many(range(30), product, playwright, tmp_path, sounds["speech"])
    assert product.rows(
        "SELECT count(*) FROM scoring_response WHERE status IN ('uploaded', 'rating')"
    ) == [(0,)]
