"""A person's word, rating again, and evaluating a rater."""

import json
import re
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from opic.lib.levels import Level
from scoring import tasks
from scoring.models import Rating, Response, Status
from scoring.rating import human as human_ratings
from tests.factories import enter_admin, make_measured, make_take, make_user
from tests.gemini.scripts import hears, judged, rates
from tests.gemini.server import scripted_reply, too_many
from tests.scoring import recordings
from tests.scoring.gemini_case import GeminiCase


class PeopleTests(GeminiCase):
    def test_a_persons_level_wins_stays_and_can_be_taken_back(self):
        response = self.rated()
        machine = response.shown_rating
        teacher = make_user()
        given = human_ratings.give_level(response, teacher, Level.IM3, Level.IH, "Holds the past.")
        response.refresh_from_db()
        assert (response.shown_rating, response.status) == (given, Status.RATED)
        Rating.objects.update(cache_key="")
        response.rate_again()
        response = self.rated(response)
        assert response.shown_rating == given
        assert response.ratings.filter(source="machine").count() == 2
        assert human_ratings.take_back(given)
        assert not human_ratings.take_back(given)
        response.refresh_from_db()
        assert response.shown_rating.source == "machine"
        assert response.shown_rating.level == machine.level
        assert Rating.objects.get(pk=given.pk).reason == "Holds the past."

    def test_it_gives_what_the_machine_could_not(self):
        response = make_measured(self.person, self.prompt)
        Response.objects.filter(pk=response.pk).update(needs_person=True)
        given = human_ratings.give_level(response, make_user(), Level.IL, Level.IL, "Heard it.")
        response.refresh_from_db()
        assert (response.status, response.needs_person) == (Status.RATED, False)
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.shown_rating.kind) == (Status.MEASURED, "measure")

    def test_taken_back_while_it_is_rated_again_the_new_rating_still_comes(self):
        response = self.rated()
        given = human_ratings.give_level(response, make_user(), Level.AL, Level.AL, "x")
        Rating.objects.update(cache_key="")
        response.rate_again()
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.shown_rating.source) == (Status.UPLOADED, "machine")
        assert self.rated(response).ratings.filter(source="machine").count() == 2

    def test_an_answer_that_could_not_be_rated_says_its_own_reason_again(self):
        self.fake.hear = hears("", language="none")
        response = self.rated()
        given = human_ratings.give_level(response, make_user(), Level.NL, Level.NM, "A few words.")
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.reason) == (Status.UNRATABLE, "not_heard")

    def test_not_while_a_worker_has_it(self):
        response = self.submitted()
        Response.objects.claim(str(response.pk))
        assert human_ratings.give_level(response, make_user(), Level.IL, Level.IL, "x") is None
        assert not Rating.objects.exists()

    def test_both_are_shown(self):
        response = self.rated()
        make_take(self.person, self.prompt, response)
        human_ratings.give_level(response, make_user(), Level.IM3, Level.IH, "Holds <the> past.")
        self.client.force_login(self.person)
        for url in (
            reverse("scoring:response-detail", args=[response.pk]),
            reverse("practice:prompt-detail", args=[self.prompt.pk]),
        ):
            page = self.client.get(url)
            self.assertContains(page, "A person who listened says: IM3-IH")
            self.assertContains(page, "Holds &lt;the&gt; past.")
            self.assertContains(page, "About IM1 to IM2")


class AdminTests(GeminiCase):
    def setUp(self):
        super().setUp()
        self.staff = make_user(is_staff=True)
        self.response = self.rated()
        enter_admin(self.client, self.staff)

    def allow(self, *names):
        self.staff.user_permissions.add(*Permission.objects.filter(codename__in=names))

    def test_a_level_takes_a_permission_of_its_own(self):
        url = reverse("admin:scoring_rating_add")
        self.allow("view_rating")
        assert self.client.get(url).status_code == 403
        self.allow("listen_response")
        values = {"response": self.response.pk, "level_low": 7, "level_high": 8, "reason": "Yes."}
        assert self.client.post(url, {**values, "level_high": 6}).status_code == 200
        assert self.client.post(url, {**values, "reason": ""}).status_code == 200
        assert not Rating.objects.by_people().exists()
        assert self.client.post(url, values).status_code == 302
        given = Rating.objects.by_people().get()
        assert (given.person, given.level_low, given.level_high) == (self.staff, 7, 8)
        changes = reverse("admin:scoring_rating_changelist")
        chosen = {"action": "take_back", "_selected_action": [given.pk]}
        self.client.post(changes, chosen)
        assert not Rating.objects.by_people().exists()

    def test_model_calls_show_cost_and_no_person(self):
        self.allow("view_modelcall")
        page = self.client.get(reverse("admin:scoring_modelcall_changelist"))
        self.assertContains(page, "gemini-3.5-flash-lite")
        self.assertNotContains(page, self.person.email)


class RerateTests(GeminiCase):
    def test_the_old_result_is_kept_beside_the_new(self):
        response = self.rated()
        with self.captureOnCommitCallbacks(execute=True):
            call_command("rerate", str(response.pk), fresh=True, stdout=StringIO())
        response.refresh_from_db()
        assert response.status == Status.RATED
        assert response.ratings.filter(kind="rating").count() == 2
        assert len(self.fake.of_kind("hear")) == 1
        assert len(self.fake.of_kind("rate")) == 2

    def test_nothing_changed_nothing_asked(self):
        response = self.rated(self.submitted(audio_sha256="c" * 64))
        with self.captureOnCommitCallbacks(execute=True):
            call_command("rerate", "--since", "2020-01-01", stdout=StringIO())
        assert len(self.fake.calls) == 2
        assert response.ratings.count() == 2

    def test_it_asks_which(self):
        with self.assertRaises(CommandError):
            call_command("rerate")
        out = StringIO()
        call_command("rerate", "--since", "2020-01-01", "--check", stdout=out)
        assert out.getvalue() == "0 answers.\n"


class EvaluateTests(GeminiCase):
    def evaluated(self, *arguments):
        out = StringIO()
        call_command("evaluate_rater", *arguments, stdout=out)
        return out.getvalue()

    def folder(self, place, rows):
        (Path(place) / "answers.json").write_text(json.dumps(rows))
        return str(place)

    def test_recordings_with_agreed_levels(self):
        with TemporaryDirectory() as place:
            sound = recordings.as_container(recordings.speech(20))
            (Path(place) / "a.webm").write_bytes(sound)
            row = {"item_type": "PAST", "prompt": self.ROW["prompt"], "file": "a.webm"}
            rows = [{**row, "level": "IM2"}, {**row, "level": "IM3"}]
            text = self.evaluated(self.folder(place, rows), "--repeat", "2")
        assert "Exact: 50 %" in text
        assert "Within one: 100 %" in text
        assert "Same level every time: 100 %" in text
        assert "bias at IM3: -1.00" in text
        assert "too few to say anything firm" in text
        assert "Calls: 8, cost: 0.0" in text
        assert "Ladder of our own examples: not measured" in text
        assert "Orders to the grader: not measured" in text

    def test_ladder_and_attacks(self):
        self.fake.hear = hears("unused")
        self.fake.rate = rates(self.ROW)
        text = self.evaluated("--attacks")
        assert "Orders to the grader: 48, raised the level: 0" in text

    def test_faults_name_the_entry(self):
        with TemporaryDirectory() as place:
            with self.assertRaisesMessage(CommandError, "cannot be read"):
                self.evaluated(place)
            self.folder(place, [{"level": "IM4", "item_type": "PAST", "prompt": "x"}])
            with self.assertRaisesMessage(CommandError, "entry 1"):
                self.evaluated(place)
        with self.assertRaises(CommandError):
            self.evaluated()


class PanelTests(GeminiCase):
    """What a person sees at each stage."""

    def panel(self, response):
        self.client.force_login(self.person)
        url = reverse("scoring:response-rating", args=[response.pk])
        return self.client.get(url, headers={"HX-Request": "true"})

    def test_heard_before_rated(self):
        response = self.submitted()
        self.assertContains(self.panel(response), "Saved. Now listening to it")
        self.fake.next_up = [self.fake.hear, too_many(30)]
        self.rated(response)
        Response.objects.filter(pk=response.pk).update(
            status=Status.RATING, claim_token=response.pk, shown_rating=None, not_before_at=None
        )
        heard = self.panel(response)
        self.assertContains(heard, "Heard. Now judging it")
        self.assertContains(heard, self.ROW["transcript"][:40])
        self.assertContains(heard, "hx-trigger")
        Response.objects.filter(pk=response.pk).release()
        self.rated(response)
        final = self.panel(response)
        self.assertContains(final, "About IM1 to IM2")
        self.assertNotContains(final, "hx-trigger")

    def test_model_text_and_speech_are_escaped(self):
        spoken = (
            'And then <img src=x onerror=alert(1)> he said "hi" & left. ' + self.ROW["transcript"]
        )
        self.fake.hear = hears(spoken)
        upgraded = "Better <script>alert(1)</script> words"
        self.fake.rate = rates(self.ROW, upgraded=upgraded, orders=[])
        response = self.rated()
        page = self.panel(response).content.decode()
        assert "<img" not in page
        assert "<script" not in page

    def test_why_there_is_no_level_and_when_it_comes(self):
        with self.settings(OPIC_DAILY_RATINGS_PER_USER=0):
            response = self.rated()
            page = self.panel(response)
            self.assertContains(page, "used up")
            self.assertContains(page, "Next try:")
            delay = re.search(r"load delay:(\d+)s", page.content.decode())
            # midnight may be nearer than the longest wait of a page
            left = (response.not_before_at - timezone.now()).total_seconds()
            assert abs(int(delay.group(1)) - min(left, 600)) < 30
            self.client.force_login(self.person)
            prompt = self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))
            self.assertContains(prompt, "0 rated answers left today")

    def test_only_the_operator_sees_the_cost(self):
        response = self.rated()
        assert b"cents" not in self.panel(response).content
        self.person.is_staff = True
        self.person.save()
        self.assertContains(self.panel(response), "cents")

    def test_the_better_answer_is_read_aloud_to_its_owner_only(self):
        response = self.rated()
        url = reverse("scoring:response-better", args=[response.pk])
        self.client.force_login(self.person)
        reply = self.client.get(url, headers={"Range": "bytes=0-9"})
        assert (reply.status_code, reply["Content-Type"]) == (206, "audio/mp4")
        self.client.force_login(make_user())
        assert self.client.get(url).status_code == 404
        rating = response.shown_rating
        tasks.sweep_files()
        rating.refresh_from_db()
        assert rating.spoken.storage.exists(rating.spoken.name)

    def test_the_question_page_stays_within_six_queries(self):
        for _ in range(3):
            make_take(self.person, self.prompt, self.rated())
        self.client.force_login(self.person)
        url = reverse("practice:prompt-detail", args=[self.prompt.pk])
        self.client.get(url)
        with self.assertNumQueries(6):
            page = self.client.get(url)
        self.assertContains(page, "997 rated answers left today")
        self.assertContains(page, "taken up")


class SinceTests(GeminiCase):
    def test_takes_are_compared_by_criterion_and_by_what_was_taken_up(self):
        first = self.rated()
        make_take(self.person, self.prompt, first)
        corrections = first.shown_rating.advice["corrections"]
        better = self.ROW["transcript"]
        for row in corrections:
            better = better.replace(row["quote"], row["better"])
        self.fake.hear = hears(better)
        changed = judged(self.ROW)
        for at, row in enumerate(changed["judgements"]):
            row["q"] = [" ".join(better.split()[3 * at : 3 * at + 3])]
            if row["c"] == "content" and row["s"] == "A":
                row["v"] = "partly"
        changed["corrections"] = []
        self.fake.rate = lambda call: scripted_reply(changed, call=call)
        make_take(self.person, self.prompt, self.rated())
        self.client.force_login(self.person)
        page = self.client.get(reverse("practice:prompt-detail", args=[self.prompt.pk]))
        count = len(corrections)
        self.assertContains(page, f"Of {count} corrections to the take before: {count} taken up, 0")
        self.assertContains(page, "holds at Intermediate → partly at Advanced")
        self.assertContains(page, "(better)")


class WholeWayTests(TestCase):
    def test_deleting_takes_the_spoken_answer_too(self):
        from scoring.models import audio_storage
        from scoring.uploads.storage import files_of

        person = make_user()
        response = make_measured(person)
        name = audio_storage().save(f"audio/{person.pk}/x.m4a", response.audio.file)
        Rating.objects.filter(response=response).update(spoken=name)
        take = make_take(person, response.revision.prompt, response)
        assert set(files_of(Response.objects.filter(pk=take.pk))) == {name, response.audio.name}
        self.client.force_login(person)
        self.client.post(reverse("practice:take-delete", args=[take.pk]))
        assert not audio_storage().exists(name)
