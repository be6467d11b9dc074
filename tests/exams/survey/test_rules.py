"""How many items a survey needs at least, and which topics follow from it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exams.survey.rules import NO_EXERCISE, lists, too_few, topics_of
from tests.exams.surveys import random_survey


class TestSurveyRules:
    def test_minimums_are_named(self):
        assert set(too_few({})) == {"leisure", "hobbies", "sports", "travel", "total"}

    def test_no_exercise_stands_alone(self):
        picked = random_survey(1)
        picked["sports"] = {NO_EXERCISE, "golf"}
        assert NO_EXERCISE in too_few(picked)

    @settings(max_examples=50)
    @given(st.integers(0, 10_000))
    def test_adding_an_item_never_breaks_a_valid_survey(self, seed):
        picked = random_survey(seed)
        for name, items in lists().items.items():
            for item in items:
                if NO_EXERCISE in (item, *picked["sports"]) and name == "sports":
                    continue
                wider = {**picked, name: {*picked[name], item}}
                assert not too_few(wider)

    def test_work_and_school_only_where_they_apply(self):
        picked = random_survey(2)
        assert "work" not in topics_of(picked, works=False, studies=False)
        assert {"work", "school", "home"} <= topics_of(picked, works=True, studies=True)
