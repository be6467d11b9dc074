"""Stories: written down once, changed, deleted; one's own only."""

import re

from django.test import Client, TestCase
from django.urls import reverse

from practice.models import Story
from tests.factories import make_prompt, make_story, make_take, make_topic, make_user

HX = {"HX-Request": "true"}


class StoryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner, cls.stranger = make_user(), make_user()
        cls.parks, cls.films = make_topic("parks"), make_topic("films")
        cls.url, cls.new = reverse("practice:story-list"), reverse("practice:story-create")

    def setUp(self):
        self.client.force_login(self.learner)

    def change_url(self, story):
        return reverse("practice:story-change", args=[story.pk])

    def delete_url(self, story):
        return reverse("practice:story-delete", args=[story.pk])

    def test_a_story_is_written_down_line_by_line(self):
        fields = {"topic": "parks", "title": "Rain", "keywords": " wet  shoes\r\n\r\nbus\r\n"}
        page = self.client.post(self.new, fields, follow=True)
        assert page.redirect_chain[0][0] == self.url
        story = Story.objects.get()
        assert (story.topic, story.lines) == (self.parks, ["wet shoes", "bus"])
        assert story.learner == self.learner
        self.assertContains(page, "wet shoes")

    def test_sent_twice_it_is_written_down_once(self):
        fields = {"topic": "parks", "title": "Rain", "keywords": "fog\r\nlost"}
        make_story(self.stranger, self.parks, title="Rain", keywords="fog\nlost")
        for headers in ({}, {}, HX):
            assert self.client.post(self.new, fields, headers=headers).status_code in (200, 302)
        mine = Story.objects.written_by(self.learner)
        assert mine.count() == 1
        for other in ({"title": "Snow"}, {"keywords": "sun"}, {"topic": "films"}):
            self.client.post(self.new, {**fields, **other})
        assert mine.count() == 4

    def test_beside_a_question_only_stories_of_its_topic_stand(self):
        make_story(self.learner, self.parks, title="In the rain")
        make_story(self.learner, self.films, title="At the cinema")
        make_story(self.stranger, self.parks, title="Not mine")
        part = self.client.get(f"{self.url}?topic=parks", headers=HX)
        assert part.content.strip().startswith(b'<section id="stories"')
        self.assertContains(part, "In the rain")
        self.assertNotContains(part, "At the cinema")
        self.assertNotContains(part, "Not mine")
        self.assertContains(part, 'type="hidden" name="topic" value="parks"')
        everything = self.client.get(f"{self.url}?topic=nonsense")
        self.assertContains(everything, "At the cinema")
        self.assertNotContains(everything, "Not mine")

    def test_what_is_typed_in_other_forms_stays(self):
        mine, _other = (make_story(self.learner, self.parks, title=name) for name in "ab")
        new, saved = {"topic": "parks", "title": "c", "keywords": "x"}, {"title": "d"}
        for url, fields, replaced in (
            (self.new, new, "story-new"),
            (self.new, {"topic": "parks"}, "story-new"),
            (self.change_url(mine), {**saved, "keywords": "y"}, f"story-{mine.pk}"),
            (self.change_url(mine), saved, f"story-{mine.pk}"),
        ):
            part = self.client.post(url, fields, headers=HX).content.decode()
            tags = re.findall(r'<(?:article|details) id="(story-[^"]+)"([^>]*)>', part)
            preserved = {name for name, rest in tags if "hx-preserve" in rest}
            every = {
                "story-new",
                *(f"story-{pk}" for pk in Story.objects.values_list("pk", flat=True)),
            }
            assert {name for name, _rest in tags} == every
            # one that was just written is on no page yet: there is nothing to keep
            assert preserved == every - {replaced}

    def test_writing_beside_a_question_brings_back_that_topic(self):
        make_story(self.learner, self.films, title="At the cinema")
        fields = {"topic": "parks", "scope": "parks", "title": "Rain", "keywords": "wet"}
        part = self.client.post(self.new, fields, headers=HX)
        self.assertContains(part, "Rain")
        self.assertNotContains(part, "At the cinema")

    def test_changing_one_leaves_its_topic_and_its_owner(self):
        story = make_story(self.learner, self.parks)
        fields = {"title": "Sun", "keywords": "hat", "topic": "films", "learner": self.stranger.pk}
        assert self.client.post(self.change_url(story), fields, headers=HX).status_code == 200
        self.assertRedirects(self.client.post(self.change_url(story), fields), self.url)
        story.refresh_from_db()
        assert (story.title, story.topic, story.learner) == ("Sun", self.parks, self.learner)

    def test_what_is_wrong_is_said_beside_it_and_changes_nothing(self):
        story = make_story(self.learner, self.parks)
        wrong = {"title": "", "keywords": "k" * 1001, "topic": "nonsense"}
        for url in (self.new, self.change_url(story)):
            for headers in ({}, HX):
                reply = self.client.post(url, wrong, headers=headers)
                self.assertContains(reply, "field-error", status_code=422)
                self.assertContains(reply, "<details", status_code=422)
        story.refresh_from_db()
        assert story.title == "The lost umbrella"
        assert Story.objects.count() == 1

    def test_deleting(self):
        one, other = make_story(self.learner), make_story(self.learner)
        part = self.client.post(self.delete_url(one), headers=HX)
        assert (part.status_code, part.content) == (200, b"")
        self.assertRedirects(self.client.post(self.delete_url(other)), self.url)
        assert not Story.objects.exists()

    def test_strangers_the_signed_out_and_wrong_methods(self):
        story = make_story(self.stranger)
        fields = {"title": "Sun", "keywords": "hat"}
        for url in (self.change_url(story), self.delete_url(story)):
            assert self.client.post(url, fields).status_code == 404
            assert self.client.get(url).status_code == 405
            assert Client().post(url).status_code == 302
        assert self.client.get(self.new).status_code == 405
        assert self.client.post(self.url).status_code == 405
        assert Client().get(self.url, headers=HX).status_code == 401
        story.refresh_from_db()
        assert story.title == "The lost umbrella"

    def test_queries_do_not_grow(self):
        make_story(self.learner, self.parks)
        make_story(self.learner, self.films)
        for query in ("", "?topic=parks"):
            with self.assertNumQueries(4):
                self.client.get(self.url + query)
        for _ in range(10):
            make_story(self.learner, self.parks)
        for query in ("", "?topic=parks"):
            with self.assertNumQueries(4):
                self.client.get(self.url + query)

    def test_a_question_loads_its_notes_only_when_they_are_opened(self):
        prompt = make_prompt(topic=self.parks)
        make_story(self.learner, self.parks, title="In the rain")
        make_take(self.learner, prompt)
        with self.assertNumQueries(6):
            page = self.client.get(reverse("practice:prompt-detail", args=[prompt.pk]))
        self.assertNotContains(page, "In the rain")
        self.assertContains(page, f'hx-get="{self.url}?topic=parks"')
        self.assertContains(page, f'href="{self.url}?topic=parks"')
