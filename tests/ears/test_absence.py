"""The bench counts what pages call not heard although it was spoken."""

import pytest

from tests.ears.absence import ABSENCES, counts_of, points_in_text
from tests.ears.texts import correct_texts, graded_examples
from tests.scoring.raters.builtin.heard import rows_of

pytestmark = pytest.mark.own_stores

POINT, PAST, LINKS = ABSENCES[0].sentence, "Past: none we are sure of", ABSENCES[5].sentence
STORY = (
    "Last weekend I went to the beach with my two cousins because it was hot. We swam in the sea"
    " for an hour and then we ate grilled fish at a small place. I bought a ring for my mother."
)


def file_of(text, heard=None, **more):
    """Return a recording of a text, as heard: without a change, or as these words."""
    rows, measures = rows_of(heard or text)
    return {"text": text, "details": {"words": rows}, "measures": measures, **more}


def test_what_was_heard_as_spoken_is_never_called_not_heard():
    texts = [file_of(text.text) for text in correct_texts()]
    texts += [
        file_of(one["transcript"], item_type=one["item_type"], prompt=one["prompt"])
        for one in graded_examples()[::6]
    ]
    for sentence, count in counts_of(texts).items():
        assert count.untrue == 0, sentence
    assert sum(count.had for count in counts_of(texts).values()) > 1000


def test_a_misheard_word_that_takes_something_away_is_counted():
    heard = STORY.replace("beach", "bit").replace("sea", "see").replace("swam", "swung")
    heard = heard.replace("because", "the cows").replace("and then", "on then")
    lost = counts_of([file_of(STORY, heard)])
    assert "name the river, lake or sea" in points_in_text(STORY)
    assert 0 < lost[POINT].untrue <= lost[POINT].reported < lost[POINT].had
    assert lost[LINKS].had == 1
    assert lost[PAST].untrue == 0
    lost = counts_of([file_of(STORY, heard.replace("Last weekend", "Blast we can"))])
    assert (lost[PAST].had, lost[PAST].reported, lost[PAST].untrue) == (1, 1, 1)


def test_the_hand_that_wrote_a_text_knows_its_past_better_than_the_judge():
    text = "It rained in the night and we walked home."
    lost = counts_of([file_of(text, past=True, future=False)])
    assert (lost[PAST].had, lost[PAST].untrue) == (1, 1)


def test_what_was_not_understood_is_not_counted():
    file = file_of(STORY)
    file["details"]["words"] = [[*row[:3], 0.3] for row in file["details"]["words"]]
    assert all(count.reported == count.had == 0 for count in counts_of([file]).values())
