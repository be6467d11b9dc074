"""Five of the thirty journeys of `make soak`, in every run."""

from tests.soak.kills import run_many


def test_five_journeys_survive_a_kill_each(product_of_its_own, playwright, sounds, tmp_path):
    run_many(range(5), product_of_its_own, playwright, tmp_path, sounds["speech"])
    assert product_of_its_own.rows(
        "SELECT count(*) FROM scoring_response WHERE status IN ('uploaded', 'rating')"
    ) == [(0,)]
