"""After any write, and for any reader, a page is what it is with nothing remembered of before."""

import random
import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts import consents, streaks
from accounts.models import Activity, Goal, User
from exams.models import Attempt, SelfAssessment
from materials.models import Prompt, SampleResponse, Topic
from opic.lib.levels import Level
from opic.templatetags.parts import TOKEN
from practice.models import PracticeTake
from scoring.models import Response, Status
from scoring.rating import dismissals, human
from scoring.summaries import days
from tests.factories import (
    make_corrected,
    make_heard,
    make_measured,
    make_picks,
    make_prompt,
    make_rated,
    make_revision,
    make_sample,
    make_take,
    make_topic,
    make_user,
)
from tests.heard import facts
from tests.opic.test_cached_parts import EACH_TIME

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

STEPS = 25
CACHED = ("template_fragments", "pages")
NEXT_LOOK = re.compile(r"delay:[0-9.]+s")
A_DAY = timedelta(days=1)


def forget() -> None:
    for name in CACHED:
        caches[name].clear()


def restore(remembered: dict[str, dict]) -> None:
    for name, entries in remembered.items():
        caches[name]._cache.update(entries)
        caches[name]._expire_info.update(dict.fromkeys(entries))


class Writes:
    """Everything that changes what pages show, by whatever way a row is written."""

    def __init__(self, rng: random.Random, people: list[User], prompts: list[Prompt]) -> None:
        self.rng, self.people, self.prompts = rng, people, prompts

    def any(self) -> str:
        names = sorted(name for name in vars(Writes) if name.startswith("do_"))
        name = self.rng.choice(names)
        getattr(self, name)(self.rng.choice(self.people))
        return name

    def _speak(self, person: User, make) -> None:
        prompt = self.rng.choice(self.prompts)
        moment = timezone.now() - self.rng.choice([0, 1, 1, 9]) * A_DAY
        response = make(person, prompt, recorded_at=moment)
        make_take(person, prompt, response)
        streaks.note(person, moment, person.time_zone, response.voiced_ms)
        days.recount(response)

    def do_measure(self, person: User) -> None:
        self._speak(person, make_measured)

    def do_rate(self, person: User) -> None:
        level = self.rng.randint(4, 8)
        self._speak(person, lambda *args, **more: make_rated(*args, level=level, **more))

    def do_correct(self, person: User) -> None:
        pair = ("I go", "I went")
        self._speak(person, lambda one, prompt, **more: make_corrected(one, prompt, pair, **more))

    def do_hear(self, person: User) -> None:
        """Words were heard in it; no correction, two, or others."""
        made = facts(word_count=self.rng.randint(5, 90))
        made["corrections"] = made["corrections"][: self.rng.randint(0, 2)]
        self._speak(person, lambda *args, **more: make_heard(*args, with_facts=made, **more))

    def do_dismiss(self, person: User) -> None:
        """A correction is taken away."""
        heard = Response.objects.spoken_by(person).filter(shown_rating__rater="builtin")
        for response in heard.select_related("shown_rating", "speaker")[:1]:
            for row in response.shown_rating.facts["corrections"][:1]:
                dismissals.dismiss(response, row["kind"], row["start"])

    def do_listen(self, person: User) -> None:
        """A person rates an answer."""
        if response := Response.objects.spoken_by(person).first():
            human.give_level(response, self.people[0], Level.IM1, Level.IM2, "I listened.")

    def do_wait(self, person: User) -> None:
        """An answer is taken up again."""
        newest = Response.objects.spoken_by(person).order_by("-recorded_at").first()
        if newest and newest.status != Status.UPLOADED:
            newest.rate_again()

    def do_delete(self, person: User) -> None:
        if take := PracticeTake.objects.made_by(person).order_by("-number").first():
            take.response.delete()

    def do_goal(self, person: User) -> None:
        values = {
            "target": self.rng.randint(3, 9),
            "step": self.rng.randint(1, 6),
            "exam_on": self.rng.choice([None, *(person.today + n * A_DAY for n in (-3, 0, 1, 30))]),
        }
        Goal.objects.update_or_create(learner=person, defaults=values)

    def do_pick(self, person: User) -> None:
        """A survey is saved."""
        topics = list(Topic.objects.all())
        make_picks(person, *self.rng.sample(topics, self.rng.randint(0, len(topics))))

    def do_consent(self, person: User) -> None:
        if consents.may_record(person):
            consents.withdraw(person, "recording")
        else:
            consents.give(person, ["recording", "abroad"])

    def do_minutes(self, person: User) -> None:
        Activity.objects.filter(person=person).update(voiced_ms=self.rng.randint(1, 10**6))

    def do_sit(self, person: User) -> None:
        open_one = Attempt.objects.taken_by(person).open()
        now = timezone.now()
        if not open_one.update(
            status="submitted",
            submitted_at=now,
            started_at=now - timedelta(minutes=40),
            deadline_at=now,
        ):
            attempt = Attempt.objects.create(candidate=person, status="preparing", item_count=15)
            SelfAssessment.objects.create(attempt=attempt, step=self.rng.randint(1, 6))

    def do_rename(self, _person: User) -> None:
        new = f"Topic {self.rng.random()}"
        Topic.objects.filter(pk=self.rng.choice(self.prompts).topic_id).update(
            name_en=new, name_ko=new, name_vi=new
        )

    def do_retire(self, _person: User) -> None:
        prompt = self.rng.choice(self.prompts[1:])
        is_retired = Prompt.objects.get(pk=prompt.pk).retired_at
        Prompt.objects.filter(pk=prompt.pk).update(
            retired_at=None if is_retired else timezone.now()
        )

    def do_reword(self, _person: User) -> None:
        prompt = self.prompts[0]
        revision = make_revision(prompt)
        revision.spare_clip = prompt.published.spare_clip
        revision.save()
        revision.publish()
        prompt.refresh_from_db()

    def do_sample(self, _person: User) -> None:
        if not SampleResponse.objects.update(text=f"A story {self.rng.random()}"):
            make_sample(self.prompts[0])

    def do_move(self, person: User) -> None:
        zone = self.rng.choice(["Asia/Seoul", "America/New_York", "Pacific/Kiritimati"])
        User.objects.filter(pk=person.pk).update(time_zone=zone)
        person.refresh_from_db()

    def do_speak_another_language(self, person: User) -> None:
        User.objects.filter(pk=person.pk).update(language=self.rng.choice(["en", "ko", "vi"]))
        person.refresh_from_db()


class StaleSearch(TestCase):
    """Two people, a small bank, and a walk of writes and looks from a seed."""

    @classmethod
    def setUpTestData(cls):
        topics = [make_topic("parks-n"), make_topic("banks-n")]
        cls.prompts = [
            make_prompt(topic=topic, item_type=kind, min_step=1, max_step=6)
            for topic in topics
            for kind in ("DESC", "PAST")
        ]
        cls.people = [make_user("a@example.org"), make_user("b@example.org", language="ko")]

    def check(self, seed: int) -> None:
        rng = random.Random(seed)
        writes = Writes(rng, self.people, self.prompts)
        clients = [Client(), Client()]
        for client, person in zip(clients, self.people, strict=True):
            client.force_login(person)
        urls = [reverse("home"), reverse("practice:prompt-list"), reverse("history")]
        urls.append(reverse("practice:prompt-detail", args=[self.prompts[0].pk]))
        done = []
        for _ in range(STEPS):
            done.append(writes.any())
            for number in rng.sample(range(2), 2):
                for url in urls:
                    shown = self.shown(clients[number], url)
                    remembered = {name: dict(caches[name]._cache) for name in CACHED}
                    forget()
                    fresh = self.shown(clients[number], url)
                    assert shown == fresh, (seed, url, done)
                    restore(remembered)

    def shown(self, client: Client, url: str) -> tuple[int, str]:
        reply = client.get(url)
        page = reply.content.decode()
        assert TOKEN not in page
        tokens = set(re.findall(r'csrfmiddlewaretoken" value="([^"]*)"', page))
        assert len(tokens) < 2, "every form of a page has the token of this reply"
        return reply.status_code, NEXT_LOOK.sub("", EACH_TIME.sub("", page))


class NeverStaleTests(StaleSearch):
    """The search from one seed here, from many in `make soak`; and two cases of their own."""

    def test_after_any_writes(self):
        self.check(seed=0)

    def test_takes_follow_the_exam_day_and_the_readers_zone(self):
        person, prompt = self.people[0], self.prompts[0]
        noon = timezone.now().replace(hour=12, minute=0)
        for recorded_at in (noon, noon.replace(hour=3)):
            take = make_rated(person, prompt, recorded_at=recorded_at, level=5)
            make_take(person, prompt, take)
        client, url = Client(), reverse("practice:prompt-detail", args=[prompt.pk])
        client.force_login(person)
        looks = {}
        for _ in range(2):
            for zone in ("Asia/Seoul", "Pacific/Kiritimati", "Pacific/Midway"):
                User.objects.filter(pk=person.pk).update(time_zone=zone)
                person.refresh_from_db()
                for days_left in (None, 0, 1, 30):
                    exam_on = None if days_left is None else person.today + days_left * A_DAY
                    Goal.objects.update_or_create(learner=person, defaults={"exam_on": exam_on})
                    look = self.shown(client, url)
                    assert looks.setdefault((zone, days_left), look) == look
                    remembered = {name: dict(caches[name]._cache) for name in CACHED}
                    forget()
                    assert self.shown(client, url) == look, (zone, days_left)
                    restore(remembered)
        assert len(set(looks.values())) > 5

    def test_a_level_by_a_person_stands_beside_the_newest_of_the_machine(self):
        person, prompt = self.people[0], self.prompts[0]
        take = make_take(person, prompt, make_rated(person, prompt, level=5))
        human.give_level(take.response, self.people[1], Level.IM1, Level.IM2, "I listened.")
        client, url = Client(), reverse("practice:prompt-detail", args=[prompt.pk])
        client.force_login(person)
        before = self.shown(client, url)
        take.response.ratings.filter(source="machine").update(level_low=7, level_high=8, level=8)
        assert self.shown(client, url) != before


def render(source: str, **values: object) -> SafeString:
    return Template("{% load parts %}" + source).render(Context(values))


def test_a_part_is_rendered_once_a_key_and_takes_the_token_of_each_reply():
    looks = []

    def look() -> str:
        looks.append(1)
        return "seen"

    source = '{% part "x" key %}{{ look }} {{ csrf_token }} {{ name }}{% endpart %}'
    first = render(source, key="1", look=look, csrf_token="one", name="<b>")
    again = render(source, key="1", look=look, csrf_token="two", name="<b>")
    assert (first, again) == ("seen one &lt;b&gt;", "seen two &lt;b&gt;")
    assert len(looks) == 1
    render(source, key="2", look=look, csrf_token="two", name="")
    assert len(looks) == 2
    for _ in range(2):
        assert render(source, key="", look=look, csrf_token="now", name="") == "seen now "
    assert len(looks) == 4


def test_a_part_without_a_key_is_refused():
    with pytest.raises(TemplateSyntaxError, match="its name and its key"):
        Template('{% load parts %}{% part "x" %}{% endpart %}')
