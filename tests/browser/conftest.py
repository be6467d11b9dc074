"""Chromium with a fake microphone, against the whole product as its own processes.

Asserts at the end of every test: no uncaught error, no violation of the content security
policy. A screenshot is kept of what fails (test-results/).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser import sittings
from tests.product import Product
from tests.scoring import recordings

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
RESULTS = Path("test-results")
WATCH = """
window.__faults = [];
addEventListener("error", (event) => __faults.push("error: " + event.message));
addEventListener("unhandledrejection", (event) => __faults.push("rejection: " + event.reason));
document.addEventListener("securitypolicyviolation",
  (event) => __faults.push("csp: " + event.violatedDirective + " " + event.blockedURI));
"""


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("Chromium is missing: run `make test` or install it.")


def launch(playwright: Playwright, *flags: str) -> Browser:
    base = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=chromium(), args=[*base, *flags])


def microphone(wav: Path) -> list[str]:
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
    ]


@pytest.fixture(scope="session", autouse=True)
def every_product_is_copied(prepared_folder: None) -> None:
    """Starting one for a test then takes a second."""


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture(scope="session")
def exam_folder(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, every_product_is_copied: None
) -> Path | None:
    """What every product with quick exams begins with; None where nothing is copied."""
    if Product.copied_from is None:
        return None
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "exam-model"
    return Product.model(folder, sittings.shorten)


@pytest.fixture(scope="session")
def exam(tmp_path_factory: pytest.TempPathFactory, exam_folder: Path | None) -> Iterator[Product]:
    """Quick and with short questions; no test leaves it other than it was."""
    with sittings.quick_exams(tmp_path_factory.mktemp("exam"), exam_folder) as running:
        yield running


@pytest.fixture
def product_of_its_own(tmp_path: Path) -> Iterator[Product]:
    """A copy that a test may kill."""
    with Product(tmp_path / "product") as running:
        yield running


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files for the fake microphone, 48 kHz mono."""
    folder = tmp_path_factory.mktemp("sounds")
    made = {
        "speech": recordings.speech(40),
        "silence": recordings.silence(30),
        "room": recordings.faint_noise(30, 0.0008),
        "late": np.concatenate([recordings.faint_noise(9, 0.0008), recordings.speech(30)]),
    }
    paths = {name: folder / f"{name}.wav" for name in made}
    for name, samples in made.items():
        paths[name].write_bytes(recordings.as_wav(samples))
    return paths


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, sounds: dict[str, Path]) -> Iterator[Callable[..., Browser]]:
    """A browser for each kind of microphone, started when first asked for."""
    running: dict[tuple[str, ...], Browser] = {}

    def get(sound: str = "speech", *flags: str) -> Browser:
        key = (sound, *flags)
        if key not in running:
            mic = microphone(sounds[sound]) if sound in sounds else []
            running[key] = launch(playwright, *mic, *flags)
        return running[key]

    yield get
    for browser in running.values():
        browser.close()


@pytest.fixture
def open_page(
    browsers: Callable[..., Browser], product: Product, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """`open_page(sound=..., flags=..., signed_in=email)`: a fresh context each time."""
    contexts: list[BrowserContext] = []

    def get(sound: str = "speech", *flags: str, **options: Any) -> Page:
        # the worker answers past `page.route`: only the tests that are about it let it in
        usual = {"locale": "en-US", "timezone_id": "Asia/Seoul", "service_workers": "block"}
        options = {**usual, **options}
        context = browsers(sound, *flags).new_context(**{"base_url": product.url, **options})
        context.add_init_script(WATCH)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield get
    pages = [page for context in contexts for page in context.pages]
    failed = getattr(request.node, "rep_call", None)
    if failed is not None and failed.failed:
        RESULTS.mkdir(exist_ok=True)
        for number, page in enumerate(pages):
            page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png", full_page=True)
    problems = [problem for page in pages if not page.is_closed() for problem in _problems(page)]
    for context in contexts:
        context.close()
    assert not problems, problems


def _problems(page: Page) -> list[str]:
    return page.evaluate("window.__faults || []")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    setattr(item, f"rep_{outcome.get_result().when}", outcome.get_result())
