"""No voice is worked on without its speaker's consent: not in the worker, whatever it is doing when
consent is withdrawn, not from the admin, not at the microphone check.
"""

import ast
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from accounts import consents
from accounts.models import Consent
from exams import closing
from exams.closing import evidence_of
from exams.models import Attempt, AttemptItem, SelfAssessment
from scoring import tasks
from scoring.ears.gemini import GeminiEars
from scoring.levels.sitting import State
from scoring.model_clients import gemini as gemini_client
from scoring.models import ModelCall, Rating, Response, Status, Waits, audio_storage
from scoring.raters.fluency import FluencyRater
from scoring.raters.gemini import GeminiRater
from scoring.rating import jobs, pipeline
from tests.factories import (
    MEASURES,
    enter_admin,
    make_measured,
    make_rated,
    make_response,
    make_user,
)
from tests.gemini.server import error
from tests.scoring.gemini_case import SOUND, GeminiCase

# every step of a worker that takes longer than a statement: consent may be withdrawn before it or
# while it runs
STEPS = {
    "claim": (tasks.Response.objects.__class__, "claim"),
    "open": (pipeline, "_sound_of"),
    "measure": (pipeline, "measure"),
    "job": (jobs, "for_rating"),
    "hear": (GeminiEars, "hear"),
    "rate": (GeminiRater, "rate"),
    "rate embedded": (FluencyRater, "rate"),
    "call": (gemini_client, "_call"),
    "settle": (pipeline, "_settle"),
    "settle measured": (pipeline, "_settle_measured"),
    "aloud": (pipeline, "try_speaking"),
}


EARS = {"gemini": "gemini", "fluency": "none"}


def made_from(response: Response) -> dict[str, object]:
    """Everything the product has made of one voice."""
    row = Response.objects.get(pk=response.pk)
    return {
        "measures": row.measures,
        "shown": row.shown_rating_id,
        "ratings": list(row.ratings.order_by("pk").values_list("pk", "spoken")),
        "hearings": list(row.hearings.order_by("pk").values_list("pk", flat=True)),
        "calls": list(row.model_calls.order_by("pk").values_list("pk", flat=True)),
    }


class WithdrawnAnywhereTests(GeminiCase):
    def withdrawing(self, response, owner, name, *, when, kind="recording"):
        """Patch one step so that consent is withdrawn before or after it, once."""
        real = getattr(owner, name)
        before: dict[str, object] = {}

        def step(*args, **kwargs):
            made = None if when == "before" else real(*args, **kwargs)
            if not before:
                consents.withdraw(self.person, kind)
                before.update(made_from(response), sent=len(self.fake.calls))
            return real(*args, **kwargs) if when == "before" else made

        return mock.patch.object(owner, name, step), before

    def check(self, response, before):
        response = Response.objects.get(pk=response.pk)
        after = {**made_from(response), "sent": len(self.fake.calls)}
        assert after == before
        assert response.is_final
        assert response.claim_token is None
        return response

    def test_nothing_is_made_of_a_voice_after_its_consent_is_withdrawn(self):
        """Withdrawn before and after each step, with both raters: no measure, hearing, rating or
        call comes after.
        """
        reached = set()
        for rater in ("gemini", "fluency"):
            chosen = {**settings.OPIC_CHOSEN, "rater": rater}
            for name, (owner, attribute) in STEPS.items():
                # a call is asked for in the statement before it: what comes between is on its way
                for when in ("after",) if name == "call" else ("before", "after"):
                    consents.give(self.person, ["recording", "abroad"])
                    response = self.submitted()
                    with self.subTest(rater=rater, step=name, when=when), ExitStack() as stack:
                        stack.enter_context(
                            self.settings(
                                OPIC_RATER=rater, OPIC_EARS=EARS[rater], OPIC_CHOSEN=chosen
                            )
                        )
                        patch, before = self.withdrawing(response, owner, attribute, when=when)
                        with patch:
                            self.rated(response)
                        if before:
                            reached.add((rater, name))
                            self.check(response, before)
        assert {name for _rater, name in reached} == set(STEPS), "a step that no worker reaches"

    def test_abroad_withdrawn_between_two_models_makes_no_second_call(self):
        response = self.submitted()

        self.fake.hear = lambda call: error(404, "NOT_FOUND")
        patch, _ = self.withdrawing(response, gemini_client, "_call", when="before", kind="abroad")
        with patch:
            response = self.rated(response)
        assert len(self.fake.calls) == 1
        assert ModelCall.objects.count() == 1
        assert (response.status, response.waits_for) == (Status.MEASURED, Waits.CONSENT)

    def test_a_busy_vendor_after_a_withdrawal_makes_no_band_either(self):
        response = self.submitted()

        self.fake.hear = lambda call: error(503, "UNAVAILABLE")
        patch, _ = self.withdrawing(response, gemini_client, "_call", when="before")
        with patch:
            response = self.rated(response)
        assert (response.status, response.reason) == (Status.UNRATABLE, "no_consent")
        assert not Rating.objects.exists()


class WaitingTests(GeminiCase):
    def withdrawn(self):
        response = self.submitted()
        consents.withdraw(self.person, Consent.Kind.RECORDING)
        return self.rated(response)

    def test_it_settles_as_waiting_and_opens_nothing(self):
        with mock.patch.object(audio_storage().__class__, "open", side_effect=AssertionError):
            response = self.withdrawn()
        assert (response.status, response.reason) == (Status.UNRATABLE, "no_consent")
        assert response.waits_for == Waits.RECORDING
        assert response.measures is None
        assert response.is_waiting

    def test_given_again_it_is_taken_up_by_itself(self):
        response = self.withdrawn()
        tasks.sweep(at_once=True)
        assert Response.objects.get(pk=response.pk).status == Status.UNRATABLE
        consents.give(self.person, ["recording"])
        with self.captureOnCommitCallbacks(execute=True):
            tasks.sweep(at_once=True)
        response = Response.objects.get(pk=response.pk)
        assert (response.status, response.waits_for) == (Status.RATED, "")

    def test_what_is_shown_stays_shown_while_it_waits(self):
        response = self.rated()
        shown = response.shown_rating
        assert response.rate_again()
        consents.withdraw(self.person, "recording")
        response = self.rated(response)
        assert (response.status, response.shown_rating) == (Status.RATED, shown)
        assert response.waits_for == Waits.RECORDING
        assert response.measures is not None

    def test_a_measure_that_is_shown_stays_too(self):
        response = make_measured(self.person, self.prompt, sound=SOUND)
        assert response.rate_again()
        consents.withdraw(self.person, "recording")
        response = self.rated(response)
        assert (response.status, response.waits_for) == (Status.MEASURED, Waits.RECORDING)
        assert response.ratings.count() == 1

    def test_tries_used_up_make_no_band_without_consent(self):
        response = self.submitted(tries=99, measures=MEASURES)
        consents.withdraw(self.person, "recording")
        assert self.rated(response).reason == "no_consent"
        assert not Rating.objects.exists()

    def test_erased_sound_is_not_promised_to_be_measured(self):
        response = self.withdrawn()
        Response.objects.filter(pk=response.pk).update(audio=None)
        consents.give(self.person, ["recording"])
        tasks.sweep(at_once=True)
        response = Response.objects.get(pk=response.pk)
        assert response.status == Status.UNRATABLE
        assert not response.is_waiting
        self.client.force_login(self.person)
        page = self.client.get(reverse("scoring:response-detail", args=[response.pk]))
        self.assertContains(page, "The recording is deleted.")

    def test_the_page_says_why_and_does_not_ask_again(self):
        response = self.withdrawn()
        self.client.force_login(self.person)
        url = reverse("scoring:response-rating", args=[response.pk])
        panel = self.client.get(url, headers={"HX-Request": "true"})
        self.assertContains(panel, "You took back your consent to recording")
        self.assertContains(panel, reverse("accounts:consent"))
        self.assertNotContains(panel, "hx-trigger")


class MeasuredAgainTests(TestCase):
    def setUp(self):
        self.person = make_user()
        self.response = make_rated(self.person)
        consents.withdraw(self.person, "recording")

    def status(self):
        return Response.objects.get(pk=self.response.pk).status

    def test_the_move_itself_asks(self):
        assert not self.response.rate_again()
        consents.give(self.person, ["recording"])
        assert self.response.rate_again()

    def test_the_admin_leaves_it_alone_and_says_so(self):
        staff = make_user(is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="view_response"))
        enter_admin(self.client, staff)
        chosen = {"action": "rate_again", "_selected_action": [self.response.pk]}
        url = reverse("admin:scoring_response_changelist")
        page = self.client.post(url, chosen, follow=True)
        self.assertContains(page, "1 answer left alone")
        assert self.status() == Status.RATED

    def test_the_command_leaves_it_alone(self):
        out = StringIO()
        call_command("rerate", str(self.response.pk), "--fresh", stdout=out)
        assert "0 answers queued" in out.getvalue()
        assert self.status() == Status.RATED

    def test_the_speaker_is_asked_to_agree_first(self):
        Response.objects.filter(pk=self.response.pk).update(needs_person=True)
        self.client.force_login(self.person)
        url = reverse("scoring:response-again", args=[self.response.pk])
        there = reverse("accounts:consent")
        assert self.client.post(url)["Location"].startswith(there)
        htmx = self.client.post(url, headers={"HX-Request": "true"})
        assert htmx["HX-Redirect"].startswith(there)
        assert self.status() == Status.RATED


class SittingTests(TestCase):
    def test_the_microphone_check_reads_nothing_without_consent(self):
        person = make_user(may_record=False)
        attempt = Attempt.objects.create(
            candidate=person, blueprint_version="1", bank_revision="1", seed="x", item_count=1
        )
        SelfAssessment.objects.create(attempt=attempt, step=5)
        self.client.force_login(person)
        url = reverse("exams:attempt-check", args=[attempt.pk])
        with mock.patch("scoring.uploads.storage.check", side_effect=AssertionError):
            reply = self.client.post(url, {"manifest": "{}"})
        assert (reply.status_code, reply.json()["code"]) == (403, "consent")
        assert reply.json()["message"]

    def test_an_answer_that_waits_for_consent_is_left_out_and_the_result_not_complete(self):
        response = make_response(
            make_user(), status=Status.UNRATABLE, reason="no_consent", waits_for=Waits.RECORDING
        )
        item = AttemptItem(
            number=2, response=response, revision=response.revision, left_at=timezone.now()
        )
        assert evidence_of(item).state is State.LEFT_OUT
        assert not closing._is_complete([item])


# --- every function that opens a recording asks first --------------------------------------------

BASE = Path(settings.BASE_DIR)
PACKAGES = ("opic", "accounts", "practice", "exams", "scoring", "materials")
ASKS = {"demand_recording", "demand_abroad", "may_record"}
EXEMPT = {
    ("scoring/views.py", "response_audio"): "owners hear themselves",
    ("scoring/views.py", "response_better"): "owners hear what was made for them",
    ("opic/pages/account_data/export.py", "archive"): "owners take their own data with them",
    ("scoring/rating/retention.py", "orphans"): "names and times of files; none is opened",
    ("scoring/rating/retention.py", "files_of_nobody"): "the same, of guests",
    (
        "scoring/uploads/guests.py",
        "receive",
    ): "a guest asked for it by a tap",
    ("scoring/rating/guests.py", "_hear"): "of a guest, who asked for it; nobody's row",
    ("opic/health/ready.py", "__call__"): "writes and reads back a file of its own",
    (
        "scoring/evaluation/runner.py",
        None,
    ): "files that an operator names; no person's stored recording",
    (
        "scoring/audio/codec.py",
        None,
    ): "pure: bytes it is handed, by the callers that are walked here",
    ("scoring/tasks.py", "warm_up"): "silence made on the spot",
    ("scoring/audio/decoder_process.py", "_warm"): "silence made on the spot",
    (
        "scoring/audio/decoder_process.py",
        "_work",
    ): "a child without rows: bytes its callers asked for",
    ("scoring/uploads/storage.py", "check"): "called by receive (the ticket's consent) and try_out",
    (
        "scoring/uploads/requests.py",
        "receive",
    ): "takes an UploadGrant, which `authorize` gives after asking",
}


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


WRITES = {"save", "delete"}


def _reads_storage(node: ast.AST) -> Iterator[ast.Call]:
    """Every use of the storage of recordings but writing to it: opened, handed on, kept."""
    written = {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and part.attr in WRITES
    }
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _name(part) == "audio_storage" and part not in written:
            yield part


def _decodes(call: ast.Call) -> bool:
    if _name(call) in {"Sound", "canonical", "pcm_of"}:
        return True
    return ast.unparse(call.func) == "upload_storage.check"


def openers() -> Iterator[tuple[str, str, bool]]:
    """File, function, and whether consent is asked above the line that opens a recording."""
    for package in PACKAGES:
        for path in sorted((BASE / package).rglob("*.py")):
            for function in ast.walk(ast.parse(path.read_text())):
                if not isinstance(function, ast.FunctionDef):
                    continue
                calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                lines = [call.lineno for call in calls if _decodes(call)]
                lines += [call.lineno for call in _reads_storage(function)]
                asked = [call.lineno for call in calls if _name(call) in ASKS]
                if lines:
                    name = path.relative_to(BASE).as_posix()
                    yield name, function.name, bool(asked) and min(asked) < min(lines)


def test_every_function_that_opens_a_recording_asks_for_consent_first():
    functions = list(openers())
    exempt = {(path, name) for path, name, _ in functions if (path, name) in EXEMPT}
    exempt |= {(path, None) for path, _, _ in functions if (path, None) in EXEMPT}
    open_doors = [
        (path, name)
        for path, name, asks in functions
        if not asks and (path, name) not in EXEMPT and (path, None) not in EXEMPT
    ]
    assert open_doors == []
    assert exempt == set(EXEMPT), "an exemption that nobody needs"
    assert ("scoring/rating/pipeline.py", "_sound_of", True) in functions
    assert ("scoring/uploads/requests.py", "try_out", True) in functions


@pytest.mark.parametrize(
    ("module", "name"),
    [("pipeline", "_sound_of"), ("pipeline", "_made_rating"), ("hearing", "_save")],
)
def test_the_walk_sees_a_check_that_is_taken_out(module, name):
    """Guard of the guard: the three functions that read or write a voice's traces ask by name."""
    tree = ast.parse((BASE / f"scoring/rating/{module}.py").read_text())
    function = next(node for node in ast.walk(tree) if getattr(node, "name", "") == name)
    assert any(_name(node) in ASKS for node in ast.walk(function) if isinstance(node, ast.Call))
