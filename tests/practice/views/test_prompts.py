from datetime import UTC, datetime

from django.test import TestCase
from django.urls import reverse

from accounts.models import Consent
from materials.models import ComboSet, Prompt, PromptRevision, Topic
from tests.benchmarks import past
from tests.factories import (
    make_goal,
    make_measured,
    make_picks,
    make_prompt,
    make_sample,
    make_take,
    make_topic,
    make_user,
)


class PromptPageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner = make_user()
        cls.stranger = make_user()
        cls.prompt = make_prompt(text="Where do you live? Tell me about the street you live in.")
        cls.url = reverse("practice:prompt-detail", args=[cls.prompt.pk])

    def setUp(self):
        self.client.force_login(self.learner)

    def test_it_shows_the_question_and_asks_for_no_more_than_needed(self):
        reply = self.client.get(self.url)
        self.assertContains(reply, "Where do you live?")
        assert reply["Permissions-Policy"].find("microphone=(self)") >= 0
        assert "no-store" in reply["Cache-Control"]

    def test_other_pages_may_not_ask_for_a_microphone(self):
        reply = self.client.get(reverse("practice:prompt-list"))
        assert "microphone=()" in reply["Permissions-Policy"]

    def test_without_consent_it_asks_for_that_first(self):
        Consent.objects.all().delete()
        reply = self.client.get(self.url)
        assert reply["Location"].startswith(reverse("accounts:consent"))

    def test_a_draft_or_retired_prompt_is_not_there(self):
        draft = make_prompt(is_published=False)
        assert (
            self.client.get(reverse("practice:prompt-detail", args=[draft.pk])).status_code == 404
        )
        self.prompt.retire()
        assert self.client.get(self.url).status_code == 404

    def test_the_good_answer_comes_after_the_first_take(self):
        make_sample(self.prompt, "We sit under the old tree and talk for hours.")
        assert b"old tree" not in self.client.get(self.url).content
        make_take(self.learner, self.prompt)
        assert b"old tree" in self.client.get(self.url).content

    def test_the_goal_is_asked_after_the_first_take_and_once(self):
        ask = reverse("accounts:goal-set").encode()
        assert ask not in self.client.get(self.url).content
        make_take(self.learner, self.prompt)
        assert ask in self.client.get(self.url).content
        make_goal(self.learner)
        assert ask not in self.client.get(self.url).content

    def test_takes_stand_side_by_side_with_what_changed(self):
        first = make_measured(self.learner, self.prompt)
        first.measures["words_per_minute"] = 71.0
        first.save()
        make_take(self.learner, self.prompt, first)
        make_take(self.learner, self.prompt)
        self.assertContains(self.client.get(self.url), "better, before: 71")

    def test_queries_are_six_at_most_and_equal_for_few_and_many_takes(self):
        make_sample(self.prompt)
        make_goal(self.learner)
        for _ in range(3):
            make_take(self.learner, self.prompt)
        with self.assertNumQueries(6):
            self.client.get(self.url)
        for _ in range(297):
            make_take(self.learner, self.prompt)
        with self.assertNumQueries(6):
            reply = self.client.get(self.url)
        assert reply.content.count(b'class="take"') == 20

    def test_the_part_with_the_takes_is_no_page_of_its_own(self):
        make_take(self.learner, self.prompt)
        url = reverse("practice:prompt-takes", args=[self.prompt.pk])
        self.assertRedirects(self.client.get(url), self.url)
        part = self.client.get(url, headers={"HX-Request": "true"})
        self.assertContains(part, f'name="next" value="{self.url}"')

    def test_older_takes_follow(self):
        for _ in range(25):
            make_take(self.learner, self.prompt)
        url = reverse("practice:prompt-takes", args=[self.prompt.pk])
        older = self.client.get(f"{url}?before=6", headers={"HX-Request": "true"})
        assert older.content.count(b'class="take"') == 5

    def test_a_strangers_takes_are_not_shown(self):
        make_take(self.stranger, self.prompt)
        assert b'class="take"' not in self.client.get(self.url).content

    def test_start_leads_to_an_introduction_first(self):
        intro = make_prompt(item_type="INTRO")
        reply = self.client.get(reverse("practice:start"))
        assert reply["Location"] == reverse("practice:prompt-detail", args=[intro.pk])

    def test_next_leads_to_another_question(self):
        url = reverse("practice:next", args=[self.prompt.pk])
        assert self.client.get(url)["Location"] == reverse("practice:prompt-list")
        other = make_prompt()
        make_take(self.learner, self.prompt)
        assert self.client.get(url)["Location"] == reverse(
            "practice:prompt-detail", args=[other.pk]
        )
        assert self.client.post(url).status_code == 405

    def test_the_way_on_stands_beside_every_result_and_nowhere_before(self):
        url = reverse("practice:next", args=[self.prompt.pk])
        onward = f'<a class="btn btn-primary" href="{url}">Next question</a>'
        self.assertNotContains(self.client.get(self.url), onward, html=True)
        make_take(self.learner, self.prompt)
        self.assertContains(self.client.get(self.url), onward, html=True)

    def test_start_with_an_empty_bank_leads_to_the_list(self):
        self.prompt.retire()
        assert self.client.get(reverse("practice:start"))["Location"] == reverse(
            "practice:prompt-list"
        )


class PromptListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner = make_user()
        cls.parks, cls.films = make_topic("parks"), make_topic("films")
        cls.easy = make_prompt("parks-easy", topic=cls.parks, min_step=1, max_step=2)
        cls.middle = make_prompt("parks-middle", topic=cls.parks, item_type="PAST")
        cls.other = make_prompt("films-middle", topic=cls.films)
        cls.url = reverse("practice:prompt-list")

    def setUp(self):
        self.client.force_login(self.learner)

    def keys(self, query=""):
        reply = self.client.get(f"{self.url}?{query}")
        shown = [row.url.rstrip("/").rpartition("/")[2] for row in reply.context["rows"]]
        return set(Prompt.objects.filter(pk__in=shown).values_list("key", flat=True))

    def test_it_opens_at_the_learners_step(self):
        assert self.keys() == {"parks-middle", "films-middle"}
        make_goal(self.learner, step=1)
        assert self.keys() == {"parks-easy"}

    def test_filters(self):
        assert self.keys("step=all") == {"parks-easy", "parks-middle", "films-middle"}
        assert self.keys("topic=parks") == {"parks-middle"}
        assert self.keys("type=PAST") == {"parks-middle"}
        make_take(self.learner, self.middle)
        assert self.keys("untried=on") == {"films-middle"}

    def rows(self, query=""):
        return self.client.get(f"{self.url}?{query}").context["rows"]

    def test_only_what_the_survey_opens(self):
        assert "mine" not in self.client.get(self.url).context["form"].fields
        self.assertContains(self.client.get(self.url), "Tell us your topics")
        make_picks(self.learner, self.films)
        assert self.keys("mine=on") == {"films-middle"}
        assert [row.is_picked for row in self.rows()] == [True, False]
        self.assertNotContains(self.client.get(self.url), "Tell us your topics")

    def test_an_answer_in_a_test_counts_as_tried(self):
        make_measured(self.learner, self.middle, recorded_at=datetime(2026, 11, 12, 3, tzinfo=UTC))
        notes = {row.note for row in self.rows()}
        assert notes == {"answered in a test, 11/12/2026", "not tried yet"}
        assert self.keys("untried=on") == {"films-middle"}
        make_measured(make_user(), self.other)
        assert self.keys("untried=on") == {"films-middle"}

    def test_topics_stand_in_the_order_of_the_readers_language(self):
        names = {"parks": ("Cà phê", "하늘"), "films": ("Đá bóng", "가게")}
        for topic in (self.parks, self.films):
            topic.name_vi, topic.name_ko = names[topic.slug]
            topic.save()
        for language, first in (("en", "Films"), ("ko", "가게"), ("vi", "Cà phê")):
            self.client.cookies["django_language"] = language
            assert self.rows()[0].topic == first
            choices = self.client.get(self.url).context["form"].fields["topic"].choices
            assert choices[1][1] == first

    def test_a_set_stands_in_the_exams_order_as_one_group(self):
        combo = ComboSet.objects.create(
            key="parks-picnic", kind="ROLE_PLAY", topic=self.parks, name_en="A picnic"
        )
        for place, kind in ((1, "RP_SOLVE"), (2, "RP_EXP"), (0, "RP_ASK")):
            fields = {"item_type": kind, "combo_set": combo, "place_in_set": place}
            make_prompt(f"z-{kind.lower().replace('_', '-')}", topic=self.parks, **fields)
        make_prompt("parks-zoo", topic=self.parks)
        rows = self.rows("topic=parks")
        assert [row.is_in_set for row in rows] == [False, True, True, True, False]
        assert [row.kind.partition(" · ")[2] for row in rows[1:4]] == [
            f"A picnic, {place} of 3" for place in (1, 2, 3)
        ]

    def test_a_heading_stands_once_over_its_topic_also_where_a_page_ends_in_it(self):
        for number in range(40):
            make_prompt(f"films-{number:02}", topic=self.films)
        first = self.client.get(self.url)
        assert [row.topic for row in first.context["rows"]] == ["Films", *29 * [""]]
        more = self.client.get(f"{self.url}?{first.context['more']}").context["rows"]
        assert [row.topic for row in more] == [*11 * [""], "Parks"]

    def test_long_questions_are_cut_between_words(self):
        make_prompt("films-long", topic=self.films, text="word " * 60)
        words = next(row.words for row in self.rows() if row.words.startswith("word"))
        assert words.endswith("word…")
        assert len(words) <= 131

    def test_the_day_of_the_last_take_is_written_the_readers_way(self):
        response = make_measured(
            self.learner, self.middle, recorded_at=datetime(2026, 11, 24, 20, tzinfo=UTC)
        )
        make_take(self.learner, self.middle, response)
        for language, day in (("en", "11/25/2026"), ("ko", "2026-11-25"), ("vi", "25-11-2026")):
            self.client.cookies["django_language"] = language
            self.assertContains(self.client.get(self.url), day)

    def test_what_a_url_says_wrongly_is_left_out(self):
        assert self.keys("step=99&topic=none&type=X") == {"parks-middle", "films-middle"}

    def test_htmx_gets_the_rows_and_a_browser_the_page(self):
        part = self.client.get(self.url, headers={"hx-request": "true"})
        assert part.content.strip().startswith(b'<section id="prompt-rows"')
        assert b"prompt-filters" in self.client.get(self.url).content
        assert "HX-Request" in part["Vary"]
        restored = {"hx-request": "true", "hx-history-restore-request": "true"}
        assert b"prompt-filters" in self.client.get(self.url, headers=restored).content

    def test_queries_do_not_grow(self):
        make_goal(self.learner)
        with self.assertNumQueries(5):
            self.client.get(self.url)
        for _ in range(40):
            make_take(self.learner, make_prompt(topic=self.parks))
        with self.assertNumQueries(5):
            reply = self.client.get(self.url)
        assert len(reply.context["rows"]) == 30
        more = self.client.get(f"{self.url}?{reply.context['more']}")
        assert len(more.context["rows"]) == 12

    def test_signed_out_a_fragment_gets_401_and_a_page_the_way_to_sign_in(self):
        self.client.logout()
        assert self.client.get(self.url, headers={"hx-request": "true"}).status_code == 401
        assert self.client.get(self.url).status_code == 302


class WholeListTests(TestCase):
    """The list of the whole built-in bank, page after page."""

    @classmethod
    def setUpTestData(cls):
        cls.learner = make_user()
        cls.bank = past.whole_bank()

    def pages(self, language, query):
        self.client.force_login(self.learner)
        self.client.cookies["django_language"] = language
        more, pages = query, []
        while more:
            reply = self.client.get(f"{reverse('practice:prompt-list')}?{more}")
            pages.append(reply.context["rows"])
            more = reply.context["more"]
        return pages

    def test_every_question_comes_once_and_topics_as_each_language_sorts(self):
        for language in ("en", "ko", "vi"):
            pages = self.pages(language, "step=all")
            rows = [row for page in pages for row in page]
            assert len({row.url for row in rows}) == len(rows) == len(self.bank)
            headings = [row.topic for row in rows if row.topic]
            column = f"name_{language}"
            wanted = Topic.objects.order_by(f"sort_{language}").values_list(column, flat=True)
            assert headings == list(wanted)

    def test_no_two_rows_of_a_page_look_the_same(self):
        for page in self.pages("en", "step=4"):
            # what two lines of the narrowest phone hold
            seen = [(row.words[:60], row.kind) for row in page]
            assert len(set(seen)) == len(seen)
        texts = PromptRevision.objects.values_list("text", flat=True)
        assert any(len(text) > 130 for text in texts)
