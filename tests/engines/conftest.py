"""The product, a microphone and a screen for all, and each engine in turn.

Asserts at the end of every journey: no uncaught error, no violation of the content security
policy. A picture is left of what fails (test-results/).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import devices, drivers, people
from tests.engines.drivers import Browser
from tests.product import Product

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
RESULTS = Path("test-results")
ENVIRONMENT = {
    "OPIC_EXAM_REPLAY_SECONDS": "1",
    "OPIC_EXAM_NEXT_SECONDS": "0.5",
    "OPIC_UPLOADS_PER_MINUTE": "1000",
}
# a small bank, every question a second and a half long
BANK = """
from django.core.files.base import ContentFile
from materials.models import Prompt, PromptRevision, VoiceClip, clip_storage
from scoring.audio import codec
from tests.exams import cases
from tests.scoring import recordings
cases.load(cases.small_bank())
made = codec.canonical([recordings.as_wav(recordings.speech(1.5))])
name = clip_storage().save("voices/short.m4a", ContentFile(made.data))
clip = VoiceClip.objects.create(text_sha256="short", voice="test", rate=140, source="human",
    file=name, seconds=1.5, size_bytes=len(made.data))
PromptRevision.objects.update(clip=clip)
for revision in PromptRevision.objects.filter(prompt__retired_at=None).order_by("number"):
    Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)
"""


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product"), **ENVIRONMENT)
    with running:
        running.python(BANK)
        yield running


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What leads a browser to the microphone and to the screen."""
    folder = tmp_path_factory.mktemp("devices")
    with devices.microphone(folder) as sound, devices.screen(folder) as picture:
        yield {**sound, **picture}


@pytest.fixture(scope="session", params=["firefox", "webkit"])
def engine(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    environment: dict[str, str],
) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp(request.param)
    with getattr(drivers, request.param)(folder, environment) as browser:
        yield browser


@pytest.fixture(scope="session")
def email(engine: Browser, product: Product) -> str:
    """Somebody who signed up with this engine."""
    return people.sign_up(engine, product)


@pytest.fixture
def browser(engine: Browser, email: str, request: pytest.FixtureRequest) -> Iterator[Browser]:
    yield engine
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        engine.screenshot(RESULTS / f"{request.node.name}.png")
    assert engine.problems() == []


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    if outcome.get_result().failed:
        item.stash[FAILED] = True
