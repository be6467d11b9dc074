"""Lighthouse, mobile preset, on the pages people meet first; and the prompt page on slow 3G.

`make lighthouse`: exits non-zero when a mark or a time is missed. Real product, real Chromium.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.conftest import chromium, launch, microphone
from tests.browser.people import expect_result, record, sign_up, submit
from tests.product import BASE, Product
from tests.scoring import recordings

HERE = Path(__file__).parent
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
COLD, AGAIN = 5.0, 2.0  # seconds until Record can be pressed
# what the browser's tools call Slow 3G, in bytes a second and milliseconds
SLOW_3G = {"downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8, "latency": 400}


def profile(playwright: Playwright, cookies: Any, place: Path) -> Path:
    """Return a new Chromium profile that holds nothing but these cookies.

    Cookies as a header of Lighthouse's own would reach the page, but no request of its scripts.
    """
    folder = Path(tempfile.mkdtemp(dir=place))
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
    )
    context.add_cookies(cookies)
    context.close()
    return folder


def marks(url: str, user_data: Path, folder: Path) -> dict[str, int]:
    """Return Lighthouse's marks of a page, 0 to 100 by category, as the profile's person."""
    out = folder / "report.json"
    command = [
        str(HERE / "node_modules" / ".bin" / "lighthouse"),
        url,
        "--quiet",
        "--output=json",
        f"--output-path={out}",
        f"--only-categories={','.join(LEAST)}",
        f"--chrome-flags=--headless=new --no-sandbox --disable-gpu --user-data-dir={user_data}",
    ]
    environment = {**os.environ, "CHROME_PATH": chromium()}
    for turn in range(5):  # Chromium at times loses the trace's beginning: no mark, so once more
        tried = subprocess.run(command, check=turn == 4, env=environment, timeout=180)
        if tried.returncode == 0:
            break
    report = json.loads(out.read_text())
    for category in report["categories"].values():
        if category["score"] < 1:
            _explain(report, category)
    return {name: round(100 * one["score"]) for name, one in report["categories"].items()}


def _explain(report: dict[str, Any], category: dict[str, Any]) -> None:
    for reference in category["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if audit["score"] is not None and audit["score"] < 0.9 and reference["weight"]:
            sys.stdout.write(f"    {audit['id']}: {audit.get('displayValue', audit['title'])}\n")
            for item in audit.get("details", {}).get("items", [])[:5]:
                place = item.get("sourceLocation", {}).get("url", "")
                sys.stdout.write(f"        {item.get('description', '')} {place}\n")


def usable(page: Page, url: str) -> float:
    """Seconds from asking for the page to a Record button that can be pressed."""
    begun = time.monotonic()
    page.goto(url, wait_until="commit")
    page.locator("[data-do=record]:not([disabled])").wait_for()
    return time.monotonic() - begun


def slow(browser: Browser, product: Product, cookies: Any, url: str) -> tuple[float, float]:
    """On a simulated slow 3G: the first time ever, and again."""
    context = browser.new_context(base_url=product.url, viewport={"width": 390, "height": 844})
    context.add_cookies(cookies)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_3G})
    cold = usable(page, url)
    page.wait_for_timeout(15_000)  # the worker has what it wants
    again = usable(page, url)
    context.close()
    return cold, again


def write(rows: list[str], cold: float, again: float) -> None:
    """docs/lighthouse.md: what was found, beside what must be."""
    least = ", ".join(f"{name} {mark}" for name, mark in LEAST.items())
    head = (
        "# Lighthouse\n\nMade by `make lighthouse`: mobile preset, the system's Chromium, the"
        f" product as `make run` starts it, on loopback. At least: {least}.\n\n"
        "| page | performance | accessibility | best practices |\n|---|---|---|---|\n"
    )
    tail = (
        "\nPrompt page on simulated slow 3G (400 kbit/s, 400 ms): Record can be pressed"
        f" after {cold:.1f} s (at most {COLD:g}), again after {again:.1f} s (at most {AGAIN:g}).\n"
    )
    (BASE / "docs" / "lighthouse.md").write_text(head + "\n".join(rows) + "\n" + tail)


def main() -> int:
    missed, rows = False, []
    with (
        tempfile.TemporaryDirectory() as place,
        sync_playwright() as playwright,
        Product(Path(place) / "product") as product,
    ):
        folder = Path(place)
        wav = folder / "speech.wav"
        wav.write_bytes(recordings.as_wav(recordings.speech(40)))
        browser = launch(playwright, *microphone(wav))
        context = browser.new_context(base_url=product.url, locale="en-US")
        page = context.new_page()
        sign_up(page)
        prompt = page.url
        record(page, 5)
        submit(page)
        expect_result(page)
        page.goto("/history/")
        review = product.url + str(page.locator("#history-rows a").first.get_attribute("href"))
        cookies = context.cookies()
        pages = {
            "landing": (product.url + "/", []),
            "sign-in": (product.url + "/accounts/login/", []),
            "home": (product.url + "/", cookies),
            "prompt page": (prompt, cookies),
            "review": (review, cookies),
        }
        for name, (url, held) in pages.items():
            scores = marks(url, profile(playwright, held, folder), folder)
            missed |= any(scores[one] < least for one, least in LEAST.items())
            sys.stdout.write(f"{name}: {', '.join(f'{k} {v}' for k, v in scores.items())}\n")
            sys.stdout.flush()
            rows.append(f"| {name} | {' | '.join(str(scores[one]) for one in LEAST)} |")
        cold, again = slow(browser, product, cookies, prompt)
        missed |= cold > COLD or again > AGAIN
        sys.stdout.write(
            f"prompt page on slow 3G: Record after {cold:.1f} s, again {again:.1f} s\n"
        )
        write(rows, cold, again)
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
