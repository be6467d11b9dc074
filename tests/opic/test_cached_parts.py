"""Parts of pages that are rendered once: nobody sees what was rendered for another, or before."""

import dataclasses
import re
import unicodedata

import pytest
from django.core.cache import caches
from django.test import Client, TestCase
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import User
from opic.lib.web.filter_form import FilterForm
from opic.pages.history.forms import HistoryFilterForm
from practice.forms import PromptFilterForm
from practice.models import PracticeTake
from tests.factories import make_goal, make_measured, make_prompt, make_take, make_topic, make_user

# another in every reply: a nonce, a masked token, what permits an upload
EACH_TIME = re.compile(
    r'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken": "[^"]*"|tickets="[^"]*"'
)


def shown(client: Client, url: str) -> str:
    reply = client.get(url)
    assert reply.status_code == 200, url
    return EACH_TIME.sub("", reply.content.decode())


class CachedPartTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.topic = make_topic("parks-x")
        cls.prompts = [make_prompt(topic=cls.topic, min_step=1, max_step=6) for _ in range(3)]
        cls.people = [
            make_user("a@example.org", language="en"),
            make_user("b@example.org", language="ko", is_staff=True),
            make_user("c@example.org", language="vi", has_unread=True),
            make_user("d@example.org", language="en", name="D", is_staff=True),
        ]
        for count, person in enumerate(cls.people):
            make_goal(person)
            for _ in range(count):
                make_take(person, cls.prompts[0], make_measured(person, cls.prompts[0]))
        cls.urls = [
            reverse("home"),
            reverse("practice:prompt-list"),
            reverse("practice:prompt-list") + "?topic=parks-x&untried=on",
            reverse("practice:prompt-detail", args=[cls.prompts[0].pk]),
            reverse("history"),
            reverse("history") + "?mode=practice&since=nonsense",
            reverse("accounts:settings"),
            reverse("privacy"),
        ]

    def clients(self) -> list[Client]:
        clients = [Client() for _ in self.people]
        for client, person in zip(clients, self.people, strict=True):
            client.force_login(person)
        return [*clients, Client()]

    def test_nobody_sees_what_was_rendered_for_another(self):
        clients = self.clients()
        signed_out = {reverse("home"), reverse("privacy")}
        pairs = [
            (number, url)
            for url in self.urls
            for number in range(len(clients))
            if number < len(self.people) or url in signed_out
        ]
        alone = {}
        for number, url in pairs:
            caches["template_fragments"].clear()
            alone[number, url] = shown(clients[number], url)
        caches["template_fragments"].clear()
        for _ in range(2):
            for number, url in pairs:
                assert shown(clients[number], url) == alone[number, url], (number, url)

    def test_each_language_is_named_in_itself_whatever_the_page_is_in(self):
        for language in ("en", "ko", "vi"):
            client = Client()
            client.cookies["django_language"] = language
            page = client.get(reverse("home")).content.decode()
            names = re.findall(r'<button[^>]*name="language"[^>]*>\s*(.*?)\s*<', page)
            # Django writes some letters in two code points
            names = [unicodedata.normalize("NFC", name) for name in names]
            # in the menu, and on the first page once more
            assert names == 2 * ["English", "한국어", "Tiếng Việt"], language

    def test_a_write_is_seen_at_once(self):
        client = self.clients()[1]
        person, prompt = self.people[1], self.prompts[0]
        urls = [self.urls[1], self.urls[3], self.urls[4]]
        before = [shown(client, url) for url in urls]
        take = make_take(person, prompt, make_measured(person, prompt))
        after = [shown(client, url) for url in urls]
        assert all(one != other for one, other in zip(before, after, strict=True))
        PracticeTake.objects.filter(pk=take.pk).delete()
        take.response.delete()
        assert [shown(client, url) for url in urls] == before
        type(self.topic).objects.filter(pk=self.topic.pk).update(name_ko="공원 이름")
        assert all("공원 이름" in shown(client, url) for url in (self.urls[1], self.urls[4]))
        User.objects.filter(pk=person.pk).update(language="vi")
        assert all("공원 이름" not in shown(client, url) for url in urls)

    def test_what_a_part_is_cached_under_is_plain_text(self):
        """A lazy text or a row of the database would say the same of different contents."""
        client = self.clients()[3]
        for url in (self.urls[1], self.urls[4]):
            rows = client.get(url).context["rows"]
            assert rows
            for row in rows:
                for field in dataclasses.fields(row):
                    assert_plain(getattr(row, field.name))


def assert_plain(value: object) -> None:
    assert not isinstance(value, Promise), value
    if isinstance(value, list | tuple):
        for part in value:
            assert_plain(part)
    else:
        assert isinstance(value, str | bool), value


@pytest.mark.parametrize("form_class", [PromptFilterForm, HistoryFilterForm])
def test_filters_that_look_different_are_told_apart(form_class: type[FilterForm]) -> None:
    one, other = ("one-x", "One"), ("other-x", "Other")
    queries = [{}, {"topic": "one-x"}, {"topic": "nonsense"}, {"type": "DESC"}]
    queries += [{"untried": "on"}, {"step": "3"}] if form_class is PromptFilterForm else []
    queries += (
        [{"since": "2026-01-01"}, {"since": "no day"}] if form_class is not PromptFilterForm else []
    )
    forms = [form_class(query, topics) for query in queries for topics in ([one], [one, other])]
    for form in forms:
        form.wanted()
    looks = [form.as_p() for form in forms]
    keys = [str(form.printed()) for form in forms]
    for look, key in zip(looks, keys, strict=True):
        same = [index for index, other_key in enumerate(keys) if other_key == key]
        assert all(looks[index] == look for index in same)
    assert len(set(keys)) >= len(set(looks))
