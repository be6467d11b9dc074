"""Twenty thousand broken replies of a model: the level of the whole one, or none."""

import json

from tests.gemini.scripts import judged
from tests.scoring.raters.replies import broken_replies, problem_of, rated, rows

COUNT, SEED = 20_000, 11


def test_broken_replies_give_the_level_of_the_whole_one_or_none():
    honest = rows()
    each = COUNT // len(honest) + 1
    for row in honest:
        whole = rated(json.dumps(judged(row)), row).level
        for broken in broken_replies(SEED, each, row):
            problem = problem_of(broken, row, whole)
            assert not problem, f"{row['key']}: {broken.how}: {problem}\n{broken.text[:3000]}"
