"""The board's page: what it prints for whom, where its empty places lead, and what it costs."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from materials.models import PickedTopic, Prompt
from opic.pages.board.context import LEAST_TOPICS, MISSING, TASKS
from scoring.models import Rating, Response
from scoring.summaries import board, days
from tests.factories import (
    make_goal,
    make_heard,
    make_prompt,
    make_rated,
    make_topic,
    make_user,
)
from tests.heard import TRANSCRIPT, facts, quote
from tests.scoring.summaries.test_board import QUOTE, STRETCHES

BUILTIN = override_settings(OPIC_RATER="builtin", OPIC_EARS="local")
FLUENCY = override_settings(OPIC_RATER="fluency", OPIC_EARS="none")


def hold(person, prompt, *tasks, back=0):
    """An answer that holds these tasks, so many days ago."""
    quotes = [quote(TRANSCRIPT, "the weather was nice")]
    moment = timezone.now() - timedelta(days=back)
    made = facts(tasks=dict.fromkeys(tasks, quotes))
    response = make_heard(person, prompt, with_facts=made, recorded_at=moment)
    days.recount(response)
    return response


@BUILTIN
class BoardCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.other = make_user(), make_user()
        make_goal(cls.person, target=8)
        cls.topics = [make_topic(slug) for slug in ("music", "parks", "films", "hotels")]
        kinds = ("PAST", "CMP", "RP_ASK", "RP_SOLVE", "DESC")
        cls.prompts = {
            (topic.slug, kind): make_prompt(item_type=kind, topic=topic)
            for topic in cls.topics[:3]
            for kind in kinds
        }
        cls.prompts["hotels", "PAST"] = make_prompt(item_type="PAST", topic=cls.topics[3])

    def setUp(self):
        self.client.force_login(self.person)

    def board(self, **more):
        return self.client.get(reverse("board"), **more).context["board"]

    def rows(self):
        return {row.name: row.cells for row in self.board().rows}


class PageTests(BoardCase):
    def test_who_may_look_and_only_look(self):
        hold(self.other, self.prompts["music", "PAST"], "past_story")
        assert Client().get("/board/").status_code == 302
        assert self.client.post("/board/").status_code == 405
        page = self.client.get("/board/")
        self.assertNotContains(page, "the weather was nice")
        part = self.client.get("/board/", headers={"HX-Request": "true"})
        self.assertContains(part, "</html>")

    def test_a_filled_cell_has_the_words_their_sound_their_answer_and_the_day(self):
        response = hold(self.person, self.prompts["music", "PAST"], "past_story")
        story = self.rows()["Music"][0]
        assert story.quote.startswith("the weather was nice")
        assert story.sound == reverse("scoring:response-audio", args=[response.pk])
        page = reverse("scoring:response-detail", args=[response.pk])
        assert story.response == f"{page}#t={story.at}"
        assert float(story.at) < float(story.until)
        Response.objects.update(audio="")
        story = self.rows()["Music"][0]
        assert (story.sound, story.response) == ("", page)
        self.assertNotContains(self.client.get("/board/"), 'data-do="hear"')

    def test_empty_places_lead_to_questions_that_ask_for_them(self):
        for name, cells in self.rows().items():
            for cell in cells:
                if not cell.start:
                    assert name == "Hotels"
                    continue
                place = self.client.get(cell.start)
                prompt = Prompt.objects.get(pk=place["Location"].split("/")[-2])
                asked = parse_qs(urlsplit(cell.start).query)
                assert prompt.topic.slug == asked["topic"][0] == name.lower()
                assert prompt.item_type in board.ITEM_TYPES[asked["task"][0]]

    def test_a_start_that_names_no_place_starts_as_always(self):
        for query in (
            "?topic=music",
            "?task=past_story",
            "?topic=x&task=past_story",
            "?topic=&task=length",
        ):
            assert self.client.get(reverse("practice:start") + query).status_code == 302, query

    def test_of_several_questions_the_one_not_answered_is_asked(self):
        other = make_prompt(item_type="MEM", topic=self.topics[0])
        start = self.rows()["Music"][0].start
        hold(self.person, self.prompts["music", "PAST"])
        assert str(other.pk) in self.client.get(start)["Location"]
        hold(self.person, other)
        assert str(self.prompts["music", "PAST"].pk) in self.client.get(start)["Location"]

    def test_rows_are_picked_topics_then_spoken_ones_then_what_a_column_lacks(self):
        PickedTopic.objects.create(person=self.person, topic=self.topics[3])
        hold(self.person, self.prompts["parks", "DESC"])
        names = [row.name for row in self.board().rows]
        assert names[:2] == ["Hotels", "Parks"]
        able = [cells[2] for cells in self.rows().values() if cells[2].start]
        assert len(able) == LEAST_TOPICS

    def test_it_counts_what_can_be_filled(self):
        assert self.board().count == "0 of 15 filled"
        hold(self.person, self.prompts["music", "PAST"], "past_story", "comparison")
        assert self.board().count == "3 of 15 filled"  # the answer is long enough too

    def test_columns_follow_the_target(self):
        assert len(self.board().labels) == 5
        self.person.goal.target = 6
        self.person.goal.save()
        assert self.board().labels == [
            "A description",
            "What you usually do",
            "Three questions or more",
            "40 seconds or more",
        ]
        assert TASKS.keys() | {board.LENGTH} == MISSING.keys() == board.ITEM_TYPES.keys()

    def test_without_a_target_it_says_so(self):
        self.client.force_login(self.other)
        self.assertContains(self.client.get("/board/"), "You have no target yet")

    def test_before_the_exam_no_verdict_shows(self):
        response = make_rated(self.person, self.prompts["music", "PAST"], upper="MMMMM")
        row = {"functions": {"intermediate": "met", "advanced": "met", "quotes": [QUOTE]}}
        Rating.objects.update(criteria=row, advice={"stretches": STRETCHES})
        days.recount(response)
        self.assertContains(self.client.get("/board/"), "I lost my key")
        self.person.goal.exam_on = self.person.today
        self.person.goal.save()
        page = self.client.get("/board/")
        self.assertNotContains(page, "I lost my key")
        self.assertContains(page, "Your exam is near")

    def test_where_nothing_fills_it_it_says_so_and_home_does_not_offer_it(self):
        hold(self.person, self.prompts["music", "PAST"], "past_story")
        self.assertContains(self.client.get("/"), 'href="/board/"')
        with FLUENCY:
            self.assertContains(self.client.get("/board/"), "nothing fills the board here")
            self.assertNotContains(self.client.get("/"), 'href="/board/"')

    def test_a_table_that_a_screen_reader_can_read_in_every_language(self):
        hold(self.person, self.prompts["music", "PAST"], "past_story")
        for language in ("en", "ko", "vi"):
            self.client.cookies["django_language"] = language
            text = self.client.get("/board/").content.decode()
            [table] = re.findall(r"<table.*?</table>", text, re.DOTALL)
            rows = table.count('role="row"')
            assert table.count("<caption") == 1
            assert table.count('scope="col"') == 6
            assert table.count('scope="row"') == rows - 1
            assert table.count('role="cell"') == 5 * (rows - 1)
            assert not re.search(r'data-(at|until)="\d+,', table)


class CostTests(BoardCase):
    """Six queries, session and person among them, whatever the history."""

    def test_for_none_few_and_many(self):
        tasks = ("past_story", "comparison", "questions")
        with self.assertNumQueries(5):  # no answer whose sound could be asked for
            self.client.get("/board/")
        for more in (2, 40):
            prompts = list(self.prompts.values())
            for number in range(more):
                prompt = prompts[number % len(prompts)]
                hold(self.person, prompt, tasks[number % 3], back=number)
            with self.subTest(more), self.assertNumQueries(6):
                self.client.get("/board/")
