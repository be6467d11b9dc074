"""The board: what fills a cell, and that it equals a plain count over all answers, whatever happens
to them.
"""

from datetime import UTC, datetime, timedelta

from django.test import TestCase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from opic.lib.levels import Level
from practice import takes
from scoring.levels.delivery import TYPICAL
from scoring.models import DaySummary, Rating, Response
from scoring.rating import dismissals, human
from scoring.summaries import board, days
from scoring.summaries.board import Spoken, board_of, filled, held_in, tasks_for
from tests.factories import (
    make_heard,
    make_prompt,
    make_rated,
    make_take,
    make_topic,
    make_user,
)
from tests.heard import TRANSCRIPT, facts, quote, words_of

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)  # noon in Seoul
TASKS = ("past_story", "comparison", "questions", "complication", "description", "routine")
STRETCHES = [
    {"text": "I live near a park.", "at": 1.0, "clear": "clear"},
    {"text": "Last year I lost my key and I called my brother.", "at": 4.5, "clear": "clear"},
    {"text": "He came at once.", "at": 9.0, "clear": "clear"},
]
QUOTE = "I lost my key and I called my brother."


def spoken(**fields):
    return Spoken(
        **{"response": "a", "topic": "parks", "item_type": "PAST", "moment": 1.0, **fields}
    )


def verdict(value, standard="advanced", quotes=(QUOTE,)):
    return {"functions": {standard: value, "quotes": list(quotes)}}


class CellTests(TestCase):
    def test_every_target_has_columns_and_every_column_questions_that_ask_for_it(self):
        for target in Level:
            tasks = tasks_for(target)
            assert ("past_story" in tasks) == (target >= Level.IM3)
            assert "questions" in tasks
            assert tasks[-1] == "length"
            assert all(board.ITEM_TYPES[task] for task in tasks)

    def test_facts_fill_with_the_clause_they_stand_in(self):
        quotes = [quote(TRANSCRIPT, "the weather was nice")]
        one = spoken(tasks={"past_story": quotes, "comparison": []}, words=words_of(TRANSCRIPT))
        [held] = held_in(one)
        assert (held.task, held.source) == ("past_story", "f")
        assert held.text.startswith("the weather was nice and we walked")
        assert len(held.text) <= board.MOST_CHARACTERS
        assert held.at == quotes[0]["at"] < held.until

    def test_a_clause_ends_a_piece_and_a_long_one_is_cut(self):
        words = [
            [text, 1.0 * at, at + 0.5, 0.9]
            for at, text in enumerate(["We", "went", "to", "Hue,", "and"])
        ]
        [held] = held_in(spoken(tasks={"past_story": [{"start": 0}]}, words=words))
        assert (held.text, held.at, held.until) == ("We went to Hue,", 0.0, 3.5)
        words = [["word" * 4, 0.0, 0.5, 0.9]] * 40
        [held] = held_in(spoken(tasks={"past_story": [{"start": 0}]}, words=words))
        assert held.text.endswith("word…")
        assert len(held.text) <= board.MOST_CHARACTERS

    def test_a_verdict_fills_where_what_was_asked_for_was_done(self):
        def tasks(item_type, criteria, **fields):
            one = spoken(item_type=item_type, criteria=criteria, stretches=STRETCHES, **fields)
            return [held.task for held in held_in(one) if held.source == "v"]

        assert tasks("PAST", verdict("met")) == ["past_story"]
        assert tasks("CHG", verdict("met")) == ["comparison"]
        assert tasks("RP_SOLVE", verdict("met")) == ["complication"]
        assert tasks("RP_ASK", verdict("met", "intermediate")) == ["questions"]
        assert tasks("PAST", verdict("partly")) == []
        assert tasks("PAST", verdict("met", "intermediate")) == []  # asked for at Advanced
        assert tasks("DESC", verdict("met", "beyond")) == []
        assert tasks("INTRO", verdict("met", "intermediate")) == []
        assert tasks("PAST", verdict("met", quotes=())) == []
        assert tasks("PAST", verdict("met"), is_weak=True) == []

    def test_a_verdicts_quotation_plays_its_stretch(self):
        one = spoken(criteria=verdict("met"), stretches=STRETCHES)
        held = next(held for held in held_in(one) if held.source == "v")
        assert (held.text, held.at, held.until) == (QUOTE, 4.5, 9.0)
        untimed = [{**row, "at": None} for row in STRETCHES]
        one = spoken(criteria=verdict("met"), stretches=untimed)
        held = next(held for held in held_in(one) if held.source == "v")
        assert (held.at, held.until) == (None, None)

    def test_length_goes_by_the_target_of_today_from_first_to_last_sound(self):
        runs = [[5.0, 10.0], [60.0, 5.0]]
        one = spoken(
            words=words_of(TRANSCRIPT),
            is_understood=True,
            measures={"runs": runs, "length_seconds": 90},
        )
        [held] = held_in(one)
        assert (held.task, held.seconds) == ("length", 60.0)
        made = [board_of([one])]
        for target in Level:
            is_long = TYPICAL[target].length_seconds[0] <= 60
            assert (("parks", "length") in filled(made, target)) == is_long
        assert held_in(spoken(words=words_of(TRANSCRIPT), measures={"runs": runs})) == []

    def test_al_wants_a_story_in_an_answer_of_its_length(self):
        quotes = [quote(TRANSCRIPT, "the weather was nice")]
        fields = {
            "tasks": {"past_story": quotes, "questions": quotes},
            "words": words_of(TRANSCRIPT),
        }
        short = spoken(moment=2.0, measures={"length_seconds": 50}, **fields)
        long = spoken(response="b", measures={"length_seconds": 80}, **fields)
        made = [board_of([short, long])]
        assert filled(made, Level.IH)["parks", "past_story"].response == "a"
        assert filled(made, Level.AL)["parks", "past_story"].response == "b"
        assert filled(made, Level.AL)["parks", "questions"].response == "a"

    def test_a_verdict_is_withheld_while_levels_are_and_facts_are_not(self):
        quotes = [quote(TRANSCRIPT, "It is bigger")]
        rated = spoken(moment=NOON.timestamp(), criteria=verdict("met"), stretches=STRETCHES)
        heard = spoken(
            response="b",
            moment=NOON.timestamp(),
            tasks={"comparison": quotes},
            words=words_of(TRANSCRIPT),
        )
        made = [board_of([rated, heard])]
        both = {("parks", "past_story"), ("parks", "comparison")}
        assert filled(made, Level.IH).keys() - {("parks", "length")} == both
        assert filled(made, Level.IH, NOON + timedelta(seconds=1)).keys() >= both
        assert ("parks", "past_story") not in filled(made, Level.IH, NOON)
        assert ("parks", "comparison") in filled(made, Level.IH, NOON)

    def test_no_level_stands_in_it(self):
        person = make_user()
        response = make_rated(person, make_prompt(item_type="PAST"), upper="MMMMM")
        Rating.objects.update(advice={"stretches": STRETCHES})
        days.recount(response)
        row = DaySummary.objects.get()
        assert "level" not in str(row.board)


# --- the same, counted plainly --------------------------------------------------------------------

PLAIN = {
    "PAST": "past_story",
    "CMP": "comparison",
    "RP_ASK": "questions",
    "RP_SOLVE": "complication",
}


def _plain_tasks(rating, item_type, is_shown):
    """What one rating says was held: by facts, and by a verdict where that may be shown."""
    held = [task for task, quotes in rating.facts.get("tasks", {}).items() if quotes]
    standard = "intermediate" if item_type == "RP_ASK" else "advanced"
    row = rating.criteria.get("functions", {}) if rating.kind == "rating" else {}
    is_met = row.get(standard) == "met" and row.get("quotes") and not rating.is_weak
    return [*held, PLAIN[item_type]] if is_met and is_shown else held


def plain_count(person, target, since, today):
    """(topic, task) -> id of the answer that fills it: all answers, one by one, in no hurry."""
    cells: dict = {}
    lengths: dict = {}
    rows = Response.objects.filter(speaker=person, shown_rating__isnull=False)
    rows = rows.select_related("shown_rating", "revision__prompt__topic")
    for response in sorted(rows, key=lambda one: (one.recorded_at, str(one.pk))):
        day = days.day_of_response(response)
        if day < today - timedelta(days=365):
            continue
        rating, prompt = response.shown_rating, response.revision.prompt
        topic, seconds = prompt.topic.slug, response.measures["length_seconds"]
        is_shown = since is None or response.recorded_at < since
        for task in _plain_tasks(rating, prompt.item_type, is_shown):
            is_enough = target < Level.AL or seconds >= 70 or task == "questions"
            if is_enough and task in tasks_for(target):
                cells[topic, task] = str(response.pk)
        if rating.facts.get("is_understood") or rating.advice.get("stretches"):
            mine = (seconds, response.recorded_at, str(response.pk))
            lengths[topic, day] = max(lengths.get((topic, day), mine), mine)
    for (topic, _day), (seconds, _moment, pk) in sorted(lengths.items(), key=lambda one: one[0][1]):
        if seconds >= TYPICAL[target].length_seconds[0]:
            cells[topic, "length"] = pk
    return cells


SPEAK = st.tuples(
    st.just("speak"),
    st.integers(0, 3),  # item type
    st.integers(0, 1),  # topic
    st.sampled_from([0, 0, 1, 40, 400]),  # days ago
    st.sampled_from([20.0, 55.0, 90.0]),
    st.lists(st.sampled_from(TASKS), max_size=2, unique=True),
    st.sampled_from(["heard", "met", "partly", "weak"]),
)
OTHER = st.tuples(
    st.sampled_from(["again", "person", "dismiss", "delete", "rebuild", "stale"]),
    st.integers(0, 7),
)


class PlainCountTests(HypothesisCase):
    """After any course of things the board equals the plain count, for each target and embargo."""

    def setUp(self):
        self.person, self.teacher = make_user(), make_user()
        topics = [make_topic("parks"), make_topic("music")]
        self.prompts = [
            [make_prompt(item_type=item_type, topic=topic) for topic in topics]
            for item_type in PLAIN
        ]
        self.today = self.person.today
        self.number = 0

    def rating_of(self, how, tasks):
        quotes = [quote(TRANSCRIPT, "the weather was nice")]
        if how == "heard":
            made = facts(tasks=dict.fromkeys(tasks, quotes))
            return {"kind": "measure", "band_low": 4, "band_high": 7, "facts": made}
        word = "met" if how == "weak" else how
        row = {"intermediate": word, "advanced": word, "quotes": [QUOTE]}
        levels = {"level": 6, "level_low": 5, "level_high": 6}
        advice = {"stretches": STRETCHES}
        criteria = {"functions": row}
        return {
            "kind": "rating",
            **levels,
            "criteria": criteria,
            "advice": advice,
            "is_weak": how == "weak",
        }

    def speak(self, item_type, topic, back, seconds, tasks, how):
        self.number += 1
        moment = datetime.now(UTC) - timedelta(days=back, seconds=5 * (self.number % 3))
        prompt = self.prompts[item_type][topic]
        response = make_heard(self.person, prompt, recorded_at=moment)
        Response.objects.filter(pk=response.pk).update(measures={"length_seconds": seconds})
        make_take(self.person, prompt, response)
        self.show(response, how, tasks)

    def show(self, response, how, tasks):
        rating = Rating.objects.create(response=response, **self.rating_of(how, tasks))
        status = "measured" if how == "heard" else "rated"
        Response.objects.filter(pk=response.pk).update(shown_rating=rating, status=status)
        response.refresh_from_db()
        days.recount(response)

    def change(self, name, place):
        responses = list(Response.objects.order_by("recorded_at", "pk"))
        if not responses:
            return
        response = responses[place % len(responses)]
        if name == "again":
            self.show(response, ("met", "heard", "partly")[place % 3], [TASKS[place % len(TASKS)]])
        elif name == "person":
            human.give_level(response, self.teacher, Level.IM1, Level.IM2, "heard it")
        elif name == "dismiss":
            dismissals.dismiss(response, "time_word", 5)
        elif name == "delete":
            takes.delete(response.practice_take)
        elif name == "rebuild":
            list(days.rebuild(self.person))
        else:
            DaySummary.objects.update(board={})

    @given(st.lists(st.one_of(SPEAK, OTHER), min_size=1, max_size=8))
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    def test_it_equals_the_plain_count(self, course):
        for name, *values in course:
            if name == "speak":
                self.speak(*values)
            else:
                self.change(name, *values)
        boards = days.read_boards(self.person, self.today - timedelta(days=365))
        for target in (Level.IM2, Level.IH, Level.AL):
            for since in (None, datetime.now(UTC) - timedelta(days=20)):
                cells = {key: held.response for key, held in filled(boards, target, since).items()}
                assert cells == plain_count(self.person, target, since, self.today)
