"""What to ask next: by weakness and spacing, as a table; and the question that comes of it."""

from datetime import date, timedelta

import pytest
from django.test import TestCase, override_settings
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from materials.models import ItemType
from opic.lib.levels import Level
from practice import next_prompt, scheduling
from practice.learner import read_learner
from practice.scheduling import Kind, Source, Why
from scoring.models import Response
from scoring.summaries.days import Day
from scoring.summaries.facts import OfType
from tests.factories import make_goal, make_measured, make_prompt, make_take, make_topic, make_user

TODAY = date(2026, 11, 26)


def ago(days):
    return TODAY - timedelta(days=days)


def day(back, **types):
    """`PAST="10"`: two rated first takes, the first held at Advanced; `None`: measured only."""
    rows = {
        name: OfType(len(marks or "x"), len(marks or ""), 50, "1" * len(marks or ""), marks or "")
        for name, marks in types.items()
    }
    return Day(ago(back), 60_000, {"types": rows})


@pytest.mark.parametrize(
    ("marks", "days", "last", "due"),
    [
        ("", 0, None, None),  # never asked: at once
        ("0", 1, 0, 1),  # not held: the day after
        ("1", 1, 0, 2),
        ("01", 2, 0, 2),
        ("11", 2, 0, 4),
        ("111", 3, 0, 7),
        ("1110", 4, 0, 1),  # broken: from the start
        ("1" * 20, 20, 0, 30),  # never further away than the last gap
        ("", 3, 0, 7),  # measured only: by how often it was asked
    ],
)
def test_gaps_grow_with_what_held(marks, days, last, due):
    kind = Kind("PAST", days, None if last is None else ago(last), marks)
    assert kind.due_on == (None if due is None else ago(last) + timedelta(days=due))


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("000", "111"), ("00", ""), ("", "11"), ("0001", "0111"), ("111111" + "0" * 6, "0" + "1" * 6)],
)
def test_weakness_is_the_share_that_held_of_the_last_few(weaker, stronger):
    assert Kind("PAST", 1, TODAY, weaker).weakness > Kind("PAST", 1, TODAY, stronger).weakness


def order(days, target=Level.IH, *, is_new=False):
    return scheduling.ranked(scheduling.kinds_of(days, target), TODAY, is_new=is_new)


def test_the_weakest_that_is_due_comes_first():
    days = [day(9, PAST="00", MEM="11", DESC="1", CMP="01")]
    ordered = order(days)
    assert ordered[0] == "PAST"
    assert ordered.index("CMP") < ordered.index("MEM")


def test_what_is_not_due_waits_behind_everything_that_is():
    ordered = order([day(0, PAST="000"), day(0, MEM="0")])
    assert set(ordered[-3:]) == {"PAST", "MEM", "INTRO"}


def test_a_newcomer_introduces_themselves_and_others_do_not():
    assert order([], is_new=True)[0] == "INTRO"
    assert order([])[-1] == "INTRO"
    assert sorted(order([])) == sorted(ItemType.values)


def test_below_im3_stories_need_only_hold_at_intermediate():
    days = [day(9, PAST="00", DESC="1")]
    assert scheduling.kinds_of(days, Level.IM2)["PAST"].marks == "11"
    assert scheduling.kinds_of(days, Level.IM3)["PAST"].marks == "00"


SURVEY, OTHER = Source.SURVEY, Source.OTHER


@pytest.mark.parametrize(
    ("kind", "source", "is_new", "has_few", "why"),
    [
        (Kind("INTRO"), OTHER, True, True, Why("first")),
        (Kind("PAST"), OTHER, False, False, Why("new")),
        (Kind("PAST"), SURVEY, False, False, Why("new")),
        (Kind("PAST"), SURVEY, False, True, Why("survey")),
        (Kind("PAST"), Source.UNEXPECTED, False, True, Why("unexpected")),
        (Kind("PAST", 4, ago(3), "110010"), SURVEY, False, True, Why("weak", held=3, asked=6)),
        (Kind("PAST", 2, ago(8), "11"), SURVEY, False, True, Why("again", days=8)),
        (Kind("PAST", 2, ago(8)), OTHER, False, False, Why("again", days=8)),
        (Kind("PAST", 2, TODAY, "11"), SURVEY, False, False, Why("again")),
        # measured only: nobody can say that it held
        (Kind("PAST", 2, TODAY), SURVEY, False, False, Why("survey")),
        (Kind("PAST", 2, TODAY), OTHER, False, False, Why("other")),
    ],
)
def test_it_says_why(kind, source, is_new, has_few, why):
    assert scheduling.why(kind, source, TODAY, is_new=is_new, has_few=has_few) == why


@given(seed=st.text(min_size=1, max_size=20), tens=st.integers(0, 20))
def test_of_ten_answers_of_a_day_three_are_on_unexpected_topics(seed, tens):
    places = range(10 * tens, 10 * tens + 10)
    drawn = [scheduling.sources_at(place, seed, has_survey=True) for place in places]
    assert sum(first is Source.UNEXPECTED for first, _second in drawn) == 3
    assert drawn == [scheduling.sources_at(place, seed, has_survey=True) for place in places]
    assert scheduling.sources_at(tens, seed, has_survey=False) == (Source.FREQUENT,)


@pytest.mark.parametrize(
    ("tries", "back", "early"),
    [
        (0, None, False),
        (0, 1, True),
        (1, 0, True),
        (1, 2, True),
        (1, 3, False),
        (2, 7, True),
        (2, 8, False),
        (9, 44, True),
        (9, 45, False),
    ],
)
def test_the_same_question_comes_again_after_a_gap(tries, back, early):
    last = None if back is None else ago(back)
    assert scheduling.is_too_early(tries, last, TODAY) is early


@pytest.mark.parametrize(("count", "old"), [(0, False), (1, False), (2, True), (3, False)])
def test_every_third_answer_of_a_day_is_to_a_question_from_before(count, old):
    days = [Day(TODAY, 0, {"types": {"PAST": [count, 0, 0, "", ""]}})]
    assert scheduling.wants_old(days, TODAY) is old
    assert not scheduling.wants_old([Day(ago(1), 0, days[0].facts)], TODAY)
    assert not scheduling.wants_old([], TODAY)


class NextStepTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        make_goal(cls.person, target=8)
        cls.parks, cls.films = make_topic("parks"), make_topic("films")
        cls.near = make_prompt("a-near", topic=cls.parks, item_type="PAST")
        cls.far = make_prompt("b-far", topic=cls.films, item_type="PAST")
        cls.other = make_prompt("c-other", topic=cls.films, item_type="DESC")

    def setUp(self):
        self.enterContext(translation.override("en"))

    def step(self, days=(), topics=()):
        return next_prompt.next_step(self.person, read_learner(self.person), days, topics)

    def weak(self, back=3):
        today = self.person.today
        facts = day(0, PAST="000", DESC="111").facts
        return [Day(today - timedelta(days=back), 0, facts)]

    def test_away_from_the_topics_of_the_last_answers(self):
        assert self.step(self.weak(), [self.parks.pk]).prompt == self.far
        assert self.step(self.weak(), [self.films.pk]).prompt == self.near

    def test_near_topics_are_better_than_another_kind(self):
        step = self.step(self.weak(), [self.parks.pk, self.films.pk])
        assert step.prompt.item_type == "PAST"
        assert "held in 0 of your last 3" in step.why

    def make_past_take(self, prompt, back):
        moment = timezone.now() - timedelta(days=back)
        make_take(self.person, prompt, make_measured(self.person, prompt, recorded_at=moment))

    def test_untried_before_tried_and_tried_before_what_is_too_early(self):
        self.make_past_take(self.near, 2)
        assert self.step(self.weak(), [99]).prompt == self.far
        self.make_past_take(self.far, 10)
        assert self.step(self.weak(), [99]).prompt == self.far
        self.make_past_take(self.far, 1)
        # too early both, and a question of another kind is not
        assert self.step(self.weak(), [99]).prompt == self.other
        self.make_past_take(self.other, 0)
        assert self.step(self.weak(), [99]).prompt == self.near  # too early, but longest ago

    def test_every_third_time_a_question_from_before(self):
        self.make_past_take(self.far, 10)
        today = Day(self.person.today, 0, day(0, DESC="11").facts)
        assert self.step([*self.weak(), today], [99]).prompt == self.far
        assert self.step(self.weak(), [99]).prompt == self.near

    def test_when_everything_was_just_asked_there_is_still_a_next_step(self):
        for prompt in (self.near, self.far, self.other):
            self.make_past_take(prompt, 0)
        assert self.step(self.weak(), [99]).prompt is not None

    def test_only_published_prompts_of_the_step_and_none_at_all(self):
        for prompt in (self.near, self.far, self.other):
            prompt.retire()
        make_prompt(item_type="PAST", min_step=5, max_step=6)
        assert self.step() is None

    def test_read_afresh_it_says_the_same(self):
        intro = make_prompt(item_type="INTRO")
        assert next_prompt.next_for(self.person, read_learner(self.person)).prompt == intro
        self.make_past_take(intro, 0)
        assert Response.objects.spoken_by(self.person).exists()
        step = next_prompt.next_for(self.person, read_learner(self.person))
        assert step.prompt != intro
        assert "not answered" in step.why

    def test_not_the_one_that_was_just_asked(self):
        for prompt in (self.near, self.far, self.other):
            step = next_prompt.next_for(self.person, read_learner(self.person), without=prompt.pk)
            assert step.prompt != prompt

    def test_another_persons_takes_change_nothing(self):
        other = make_user()
        before = self.step(self.weak(), [99])
        make_take(other, before.prompt, make_measured(other, before.prompt))
        assert self.step(self.weak(), [99]) == before


@override_settings(OPIC_RATER="builtin", OPIC_EARS="local")
class BoardGapTests(TestCase):
    """Of three answers of a day one is to a question that fills an empty place of the board."""

    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        make_goal(cls.person, target=8)
        cls.parks, cls.films = make_topic("parks"), make_topic("films")
        cls.desc = make_prompt("a", topic=cls.parks, item_type="DESC")
        cls.parks_story = make_prompt("b", topic=cls.parks, item_type="PAST")
        cls.films_story = make_prompt("c", topic=cls.films, item_type="MEM")

    def setUp(self):
        self.enterContext(translation.override("en"))

    def step(self, count, held=(), topics=(99,)):
        """After so many answers of today, all strong but the description."""
        facts = day(0, DESC="0" * (count or 1), PAST="", MEM="").facts
        facts["types"] = {"DESC": OfType(count, count, 50, "0" * count, "")}
        days = [Day(self.person.today, 0, {**facts, "held": [list(pair) for pair in held]})]
        return next_prompt.next_step(self.person, read_learner(self.person), days, list(topics))

    def test_one_in_three_fills_a_place(self):
        for count in range(1, 10):
            is_for_board = "fills an empty place" in self.step(count).why
            assert is_for_board == (count % next_prompt.GAP_EVERY == 1), count

    def test_what_was_held_lately_is_no_empty_place(self):
        assert self.step(1, [("parks", "past_story")]).prompt == self.films_story
        assert self.step(1, [("films", "past_story")]).prompt == self.parks_story
        both = [("films", "past_story"), ("parks", "past_story")]
        assert "fills an empty place" not in self.step(1, both).why

    def test_a_description_is_no_place_of_this_target(self):
        for prompt in (self.parks_story, self.films_story):
            prompt.retire()
        assert "fills an empty place" not in self.step(1).why

    def test_a_newcomer_and_a_site_without_words_are_asked_as_always(self):
        assert "fills an empty place" not in self.step(1, topics=()).why
        with override_settings(OPIC_RATER="fluency", OPIC_EARS="none"):
            assert "fills an empty place" not in self.step(1).why
