"""What a candidate does in a test, by the names they see."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.people import button, sign_up, talk_for
from tests.product import Product

FAST = {
    "OPIC_EXAM_REPLAY_SECONDS": "1",
    "OPIC_EXAM_NEXT_SECONDS": "0.5",
    "OPIC_UPLOADS_PER_MINUTE": "1000",
}
# the whole bank, every question asked in half a second: what is asked is not what these are about
SHORT_QUESTIONS = """
from django.core.files.base import ContentFile
from materials.bank import load
from materials.packs_reader import read_bank
from materials.models import Prompt, PromptRevision, VoiceClip, clip_storage
from scoring.audio import codec
from tests.scoring import recordings
made = codec.canonical([recordings.as_wav(recordings.speech(0.5))])
name = clip_storage().save("voices/short.m4a", ContentFile(made.data))
clip = VoiceClip.objects.create(text_sha256="short", voice="test", rate=140, source="human",
    file=name, seconds=0.5, size_bytes=len(made.data))
load(read_bank())
PromptRevision.objects.update(clip=clip)
for revision in PromptRevision.objects.filter(prompt__retired_at=None).order_by("number"):
    Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)
"""
# two sittings, rated: the older weaker; always the same draw, as the level hangs on it
RATED_SITTING = """
from datetime import timedelta
from types import SimpleNamespace
from accounts.models import Goal, User
from exams import closing
from exams.sitting import lifecycle
from opic.lib.levels import Level
from scoring.models import Response
from tests.exams.cases import make_item_response, make_attempt
person = User.objects.get(email="{email}")
Goal.objects.get_or_create(learner=person, defaults={{"target": Level.IH}})
lifecycle.secrets = SimpleNamespace(token_hex=lambda _bytes: "0123456789abcdef")
for codes in ("MN", "MP"):
    attempt = make_attempt(person)
    attempt.start()
    for number in range(1, 16):
        if number == 8:
            lifecycle.readjust(attempt, "harder")
        lifecycle.advance(attempt, lifecycle.Left(number, is_skipped=number == 5))
    for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
        if item.number == 5:
            continue
        make_item_response(item, "MM" if item.number in (4, 9) else codes)
    attempt.submit()
    closing.close_if_final(str(attempt.pk))
    back = timedelta(days=7) if codes == "MN" else timedelta(hours=1)
    start = attempt.started_at - back
    deadline = start + timedelta(minutes=40)
    attempt.__class__.objects.filter(pk=attempt.pk).update(
        made_at=attempt.made_at - back, started_at=start, deadline_at=deadline
    )
    for item in attempt.items.exclude(response=None):
        said = timedelta(seconds=20 + 125 * (item.number - 1))
        Response.objects.filter(pk=item.response_id).update(recorded_at=start + said)
"""
# two sittings without a rater: the older shorter; in each one question skipped
MEASURED_SITTING = """
from datetime import timedelta
from accounts.models import Goal, User
from exams import closing
from exams.models import AttemptItem
from exams.sitting import lifecycle
from opic.lib.levels import Level
from scoring.models import Response
from tests.exams.cases import make_attempt, make_measured_item
person = User.objects.get(email="{email}")
Goal.objects.get_or_create(learner=person, defaults={{"target": Level.IH}})
for back, shift in ((timedelta(days=7), 0), (timedelta(hours=1), 12)):
    attempt = make_attempt(person)
    attempt.start()
    start = attempt.started_at - back
    for number in range(1, 16):
        if number == 8:
            lifecycle.readjust(attempt, "similar")
        lifecycle.advance(attempt, lifecycle.Left(number, is_skipped=number == 5))
    for item in attempt.items.select_related("revision__prompt", "attempt__candidate"):
        if item.number == 5:
            continue
        seconds = 20 + shift + 7 * (item.number % 7)
        said = start + timedelta(seconds=20 + 125 * (item.number - 1))
        make_measured_item(
            item,
            length_seconds=float(seconds),
            words_per_minute=70.0 + 5 * (item.number % 9),
            mean_pause_seconds=0.6 + (item.number % 4) / 3,
        )
        Response.objects.filter(attempt_item=item).update(recorded_at=said)
    attempt.submit()
    closing.close_if_final(str(attempt.pk))
    attempt.__class__.objects.filter(pk=attempt.pk).update(
        made_at=attempt.made_at - back,
        started_at=start,
        deadline_at=start + timedelta(minutes=40),
    )
"""
ONE_MICROPHONE = """
window.__microphones = 0;
const devices = navigator.mediaDevices;
const open = devices?.getUserMedia?.bind(devices);
if (open) devices.getUserMedia = (...wishes) => (window.__microphones++, open(...wishes));
"""


def shorten(product: Product) -> None:
    product.python(SHORT_QUESTIONS)


@contextmanager
def quick_exams(folder: Path, model: Path | None, **environment: str) -> Iterator[Product]:
    """A running product with quick exams: a copy of `model`, or made on its own where none is."""
    product = Product(folder, **FAST, **environment)
    if model:
        product.copied_from = model
    with product:
        if not model:
            shorten(product)
        yield product


def set_up(page: Page, *, step: int = 5, mode: str = "Real exam") -> str:
    """Sign up, a ready survey, the step: at the microphone check afterwards."""
    page.add_init_script(ONE_MICROPHONE)
    email = sign_up(page)
    page.goto("/exams/survey/")
    page.get_by_text("Take a ready set of answers").click()
    button(page, "Use “Films, music and travel”").click()
    expect(page.get_by_role("heading", name="Part 4 of 4")).to_be_visible()
    button(page, "Next").click()
    page.locator(f'input[name="step"][value="{step}"]').check()
    page.get_by_label(re.compile(mode)).check()
    button(page, "To the microphone check").click()
    expect(page.get_by_role("heading", name="Set-up")).to_be_visible()
    return email


def pass_check(page: Page) -> None:
    button(page, "Check the microphone").click()
    expect(page.get_by_text("It arrived and can be heard")).to_be_visible(timeout=20_000)
    button(page, "To the sample question").click()


def begin(page: Page) -> None:
    """Check, sample question, Begin: at the first question afterwards."""
    pass_check(page)
    respond(page, 0.5)
    button(page, "Begin the test").click()
    expect_question(page, 1)


def expect_question(page: Page, number: int) -> None:
    expect(page.locator("[data-part=place]")).to_have_text(
        re.compile(rf"^Question {number} of \d+$"), timeout=20_000
    )


def speak(page: Page, seconds: float) -> None:
    """Play, and say something once recording has begun."""
    button(page, "Play").click()
    expect(page.locator("opic-sitting")).to_have_attribute("data-state", "recording")
    talk_for(page, seconds)


def respond(page: Page, seconds: float = 1.5) -> None:
    speak(page, seconds)
    expect(button(page, "Next")).to_be_enabled()
    button(page, "Next").click()


def readjust(page: Page, name: str = "Similar questions") -> None:
    expect(page.get_by_role("heading", name="How should it go on?")).to_be_visible()
    page.get_by_role("button", name=name).click()
    expect_question(page, 8)


def expect_handed_in(page: Page, timeout: float = 30_000) -> None:
    page.wait_for_url(re.compile(r"/exams/attempts/[0-9a-f-]+/$"), timeout=timeout)
    expect(page.locator("#attempt-result")).to_be_visible(timeout=timeout)


def items_of(product: Product, email: str) -> list[tuple[Any, ...]]:
    """(number, status, length_ms, is_late, is_skipped) of every item of a person's sittings."""
    return product.rows(
        "SELECT i.number, r.status, r.length_ms, i.is_late, i.is_skipped, i.heard_twice"
        " FROM exams_attemptitem i JOIN exams_attempt a ON a.id = i.attempt_id"
        " JOIN accounts_user u ON u.id = a.candidate_id"
        " LEFT JOIN scoring_response r ON r.id = i.response_id"
        " WHERE u.email = ? ORDER BY a.made_at, i.number",
        email,
    )
