"""What is shown of an answer whose words were heard, and while they are being heard."""

import re
from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone, translation

from opic.lib.levels import Level
from scoring.display.advice import ADVICE, advice_of
from scoring.display.example import FIGURES, TARGET, example
from scoring.display.facts import facts_view
from scoring.display.heard_words import transcript_html, words_of
from scoring.display.measure_rows import timeline_of
from scoring.levels.delivery import advice_for, rows_for
from scoring.models import Hearing, Rating, Response
from tests.factories import (
    MEASURES,
    make_goal,
    make_heard,
    make_measured,
    make_prompt,
    make_response,
    make_take,
    make_user,
)
from tests.heard import TRANSCRIPT, facts, quote
from tests.heard import words_of as made_words

LEVELS = re.compile(r"\b(?:N[LMH]|I[LH]|IM[123]|AL)\b")
FRAGMENT = {"HX-Request": "true"}
TAGS = re.compile(r"<[^>]+>")


class WordTests(TestCase):
    def test_words_stand_where_the_transcript_has_them(self):
        for word, one in zip(words_of(made_words(TRANSCRIPT)), TRANSCRIPT.split(" "), strict=True):
            assert TRANSCRIPT[word.end - len(one) : word.end] == one == word.text

    def test_each_word_plays_and_the_text_is_the_transcript_s(self):
        html = transcript_html(made_words(TRANSCRIPT))
        assert TAGS.sub("", html) == TRANSCRIPT
        assert html.count("data-at=") == len(TRANSCRIPT.split())

    def test_words_that_are_not_sure_say_so_without_colour(self):
        html = transcript_html(made_words("I met my sister twice", unsure=("sister", "twice")))
        assert html.count('role="button"') == 1
        assert "(we are not sure of these words)" in html
        assert "sister twice" in html

    def test_a_pause_inside_a_clause_is_marked_behind_its_word_and_read_aloud(self):
        html = str(facts_view(facts()).html)
        assert html.count("pause-mark") == 2
        assert re.search(
            r">my</span> <span class=.pause-mark.><span aria-hidden=.true.>1.4 s", html
        )
        assert "(pause of 1.4 seconds)" in html

    def test_fillers_are_counted_only_where_one_was_heard(self):
        """Ears leave out many: a nought would often be untrue."""
        for count, is_shown in ((2, True), (0, False)):
            labels = [label for label, _figure in facts_view(facts(fillers=count)).counts]
            assert any("Fillers" in label for label in labels) == is_shown

    def test_speech_is_escaped(self):
        html = transcript_html([["<img", 0, 1, 0.9], ["onerror=1>", 1, 2, 0.1]])
        assert "<img" not in html


class AdviceTests(TestCase):
    ROWS = rows_for(MEASURES, Level.IH)

    def test_the_judge_s_choice_is_said_and_an_unnamed_one_leaves_it_to_the_figures(self):
        chosen = advice_of(self.ROWS, facts())
        assert chosen.text == str(ADVICE["pauses_inside"])
        assert (chosen.quote, chosen.at) == ("near my house", "4.10")
        other = advice_of(self.ROWS, facts(advice={"key": "of tomorrow", "quote": None}))
        assert other.text == str(ADVICE[advice_for(self.ROWS)])

    def test_every_key_has_a_text(self):
        keys = "length pauses_inside runs pace time_frame_past time_frame_future points questions"
        assert {*keys.split(), "links", "repeats", "correction", "hold"} <= ADVICE.keys()
        assert {row.name for row in self.ROWS} | {"run_words"} <= ADVICE.keys()

    def test_the_example_s_tip_comes_from_its_own_figures(self):
        assert example().advice == str(ADVICE[advice_for(rows_for(FIGURES, TARGET))])
        page = self.client.get("/").content.decode()
        assert example().advice in page
        shown = TAGS.sub(" ", page[page.index('class="panel rating"') :])
        assert set(LEVELS.findall(shown)) <= {TARGET.name}


class PanelTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        cls.prompt = make_prompt()
        make_goal(cls.person, target=Level.IH)

    def setUp(self):
        self.client.force_login(self.person)

    def panel(self, response):
        url = reverse("scoring:response-rating", args=[response.pk])
        return self.client.get(url, headers=FRAGMENT).content.decode()

    def question(self):
        return self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))

    def test_all_that_was_found_is_shown_with_its_words(self):
        page = self.panel(make_heard(self.person, self.prompt))
        for text in (
            "84 words a minute, counted",
            "6.2 words at a stretch",
            "You stop in the middle of a clause",
            "you cannot eat there",
            "say what went wrong",
            "not heard in the answer",
            "Next month I will go",
            "We did not hear the ending of",
            "Next question",
            "Again",
        ):
            assert text in page, text
        assert page.count('id="response-transcript"') == 1
        assert page.count("I did not say this") == 2

    def test_a_time_that_is_not_claimed_is_not_said_to_be_missing(self):
        """The judge is silent about most pasts: "Last month it rained, so we ran home" too."""
        for frame in ("past", "future"):
            made = facts(advice={"key": f"time_frame_{frame}", "is_again": False, "facts": {}})
            made["time_frames"][frame] = []
            page = self.panel(make_heard(self.person, self.prompt, with_facts=made))
            times = page[page.index("Time in your answer") :]
            assert "none we are sure of" in times[: times.index("</dl>")]
            advice = page[page.index("Next:") :][:400]
            assert "We are not sure of any" in advice
            assert "We heard no" not in page

    def test_only_the_target_s_name_stands_beside_figures(self):
        for make in (make_measured, make_heard):
            response = make(self.person, self.prompt)
            for page in (self.panel(response), self.own_page(response)):
                shown = TAGS.sub(" ", page[page.index('id="response-rating"') :])
                assert set(LEVELS.findall(shown)) <= {"IH"}, make
                assert "band-step" not in page

    def own_page(self, response):
        url = reverse("scoring:response-detail", args=[response.pk])
        return self.client.get(url).content.decode()

    def test_where_too_little_was_understood_only_words_and_pauses_stand(self):
        page = self.panel(make_heard(self.person, with_facts=facts(is_understood=False)))
        assert "Too little of this was understood" in page
        assert "about 83 words a minute" in page
        for text in ("you cannot eat there", "say what went wrong", "Next month I will go</span>"):
            assert text not in page

    def test_no_words_no_claim_about_them(self):
        page = self.panel(make_measured(self.person))
        assert "Your words were not heard" in page
        assert "response-transcript" not in page

    def test_figures_stand_beside_the_take_before_in_words(self):
        at = timezone.now() - timedelta(minutes=5)
        slow = facts(words_per_minute=70.0, run_words=7.0)
        make_take(
            self.person,
            self.prompt,
            make_heard(self.person, self.prompt, with_facts=slow, recorded_at=at),
        )
        make_take(self.person, self.prompt, make_heard(self.person, self.prompt))
        newest = Response.objects.order_by("-recorded_at").first()
        for page in (self.panel(newest), self.own_page(newest), self.question().content.decode()):
            assert "better than last time (70)" in page
            assert "worse than last time (7.0)" in page

    def test_counted_words_are_not_compared_with_guessed_ones(self):
        at = timezone.now() - timedelta(minutes=5)
        make_measured(self.person, self.prompt, recorded_at=at)
        page = self.panel(make_heard(self.person, self.prompt))
        assert "last time (83)" not in page
        assert "as last time" in page

    def test_words_come_piece_by_piece(self):
        response = make_response(self.person, self.prompt, measures={**MEASURES})
        page = self.panel(response)
        assert "How you spoke" in page
        assert 'data-stage="measured"' in page
        part = made_words(TRANSCRIPT)[:5]
        heard = {"transcript": "Well last weekend I go", "words": part, "is_whole": False}
        Hearing.objects.create(response=response, ears="x", heard=heard)
        page = self.panel(response)
        assert "Heard so far" in page
        assert page.count('class="said"') == 5
        assert "hx-trigger" in page
        Hearing.objects.update(heard={**heard, "is_whole": True})
        assert "Heard. Now judging it" in self.panel(response)

    def test_the_panel_is_no_live_region_and_says_its_stage_once(self):
        page = self.panel(make_heard(self.person))
        assert "aria-live" not in page
        assert 'data-news="Your result is there."' in page

    def test_a_correction_costs_one_query_on_the_question_s_page(self):
        for _ in range(3):
            make_take(self.person, self.prompt, make_heard(self.person, self.prompt))
        self.question()
        with self.assertNumQueries(7):
            self.question()

    def test_two_takes_are_compared_by_their_words(self):
        early = facts(word_count=30, transcript="I go to the lake")
        make_take(self.person, self.prompt, make_heard(self.person, self.prompt, with_facts=early))
        make_take(self.person, self.prompt, make_heard(self.person, self.prompt))
        page = self.question().content.decode()
        assert "What we heard, beside the take before" in page
        assert "Both takes in words" in page
        assert "<ins>" in page

    def test_measures_of_before_are_shown_in_today_s_figures(self):
        old = {**MEASURES, "version": "1", "runs": [[0, 1], [1.3, 1], [3, 2]], "pauses": []}
        response = make_measured(self.person)
        Response.objects.filter(pk=response.pk).update(measures=old)
        page = self.panel(response)
        assert "2.1 s at a stretch" in page
        assert "1 pause." in page

    def test_every_text_is_whole_in_three_languages(self):
        response = make_heard(self.person)
        for language in ("en", "ko", "vi"):
            with translation.override(language):
                assert "%(" not in self.panel(response)


class TimelineTests(TestCase):
    def test_it_is_a_picture_and_says_the_same_in_words(self):
        line = timeline_of({"length_seconds": 10, "runs": [[0, 4], [6, 4]], "pauses": [[4, 2]]})
        assert line.spoken == [("0.0%", "40.0%"), ("60.0%", "40.0%")]
        assert line.text == "1 pause. The longest: 2.0 s, at 0:04."
        assert timeline_of(MEASURES) is None


def test_a_shown_rating_alone_may_carry_facts():
    assert Rating().facts == {}
    assert quote("a b c", "b c")["start"] == 2
