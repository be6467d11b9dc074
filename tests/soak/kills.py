"""Journeys with the plug pulled: SIGKILL of worker, server or browser at a seeded random
moment.

A submitted answer must be on the server in the end, whole; of an answer not yet submitted at
most the last chunk may be missing; nothing stays unsettled after the restart.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.browser.conftest import chromium, microphone
from tests.browser.people import button, responses_of, sign_in_if_asked, sign_up
from tests.product import Product

TARGETS = ("queue", "web", "browser")
CHUNK_SECONDS = 1.0
PROMISED = {"sending", "saved"}  # what the page says once the answer goes out by itself
SLACK_SECONDS = 0.6  # cue, tail and the encoder's own edges


@dataclass
class Journey:
    """One person, one browser profile, one product, one kill."""

    product: Product
    playwright: Playwright
    profile: Path
    wav: Path
    seed: int

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.target = TARGETS[self.seed % len(TARGETS)]
        self.context: BrowserContext | None = None

    def open_browser(self) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", *microphone(self.wav)],
            base_url=self.product.url,
            locale="en-US",
        )
        page = self.context.pages[0]
        page.set_default_timeout(20_000)
        return page

    def browser_group(self) -> int:
        """The browser's main process: the one that was given our profile and is nobody's helper."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
                if f"--user-data-dir={self.profile}" in words and "--type=" not in words:
                    return int(folder.name)
        raise LookupError("no browser with this profile")

    def kill(self) -> None:
        """Pull one plug."""
        if self.target == "browser":
            pid = self.browser_group()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._wait_gone(pid)
            with contextlib.suppress(Error):
                self.context.close()  # type: ignore[union-attr]
            for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
                (self.profile / name).unlink(missing_ok=True)
        else:
            self.product.kill_part(self.target)

    def _wait_gone(self, pid: int) -> None:
        for _ in range(100):
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)

    def run(self) -> None:
        page = self.open_browser()
        self.email = sign_up(page)
        url = page.url
        spoken, submitted = self._speak(page)
        page = self.open_browser() if self.target == "browser" else page
        page.goto(url)
        sign_in_if_asked(page, self.email)
        if not submitted:
            self._finish_draft(page)
        length = self._settled_length()
        least = spoken - CHUNK_SECONDS - SLACK_SECONDS
        assert length >= least, f"seed {self.seed}: {length:.2f} s of {spoken:.2f} s"
        with contextlib.suppress(Error):
            self.context.close()  # type: ignore[union-attr]

    def _speak(self, page: Page) -> tuple[float, bool]:
        """Record with a kill somewhere in it; how long was spoken, and was it submitted before?"""
        seconds = self.random.uniform(3.0, 5.0)
        moment = self.random.uniform(0.5, seconds + 2.0)
        button(page, "Record").click()
        expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
        start = time.monotonic()
        if moment < seconds:
            page.wait_for_timeout(1000 * moment)
            spoken = time.monotonic() - start
            self.kill()
            if self.target == "browser":
                return spoken, False
            page.wait_for_timeout(1000 * (seconds - moment))
            return self._stop_and_submit(page, start), True
        page.wait_for_timeout(1000 * seconds)
        button(page, "Stop").click()
        spoken = time.monotonic() - start
        expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
        button(page, "Submit").click()
        page.wait_for_timeout(1000 * max(moment - seconds, 0) * 0.3)
        promised = page.locator("opic-recorder").get_attribute("data-state") in PROMISED
        self.kill()
        return spoken, promised or self.target != "browser"

    def _stop_and_submit(self, page: Page, start: float) -> float:
        button(page, "Stop").click()
        spoken = time.monotonic() - start
        expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
        button(page, "Submit").click()
        return spoken

    def _finish_draft(self, page: Page) -> None:
        """Nobody was told that it goes out: it is offered again, unless it went all the same."""
        until = time.monotonic() + 10
        recorder = page.locator("opic-recorder")
        while not responses_of(self.product, self.email):
            if recorder.get_attribute("data-state") == "recorded":
                return button(page, "Submit").click()
            assert time.monotonic() < until, f"seed {self.seed}: neither offered nor sent"
            page.wait_for_timeout(100)

    def _settled_length(self) -> float:
        """Seconds of the one answer on the server, once it is settled."""
        until = time.monotonic() + 60
        rows = []
        while time.monotonic() < until:
            rows = responses_of(self.product, self.email)
            if rows and rows[0][0] in {"measured", "rated", "unratable"}:
                assert len(rows) == 1, rows
                return float(rows[0][1]) / 1000
            time.sleep(0.3)
        raise AssertionError(f"seed {self.seed}: not settled: {rows}, {self.product.health()}")


def run_many(
    seeds: range,
    product: Product,
    playwright: Playwright,
    folder: Path,
    wav: Path,
    report: Callable[[int], None] = lambda seed: None,
) -> None:
    for seed in seeds:
        Journey(product, playwright, folder / f"profile-{seed}", wav, seed).run()
        report(seed)
