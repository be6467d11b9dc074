"""What people do on the pages, by the names that scripts and styles go by."""

import time
import uuid
from typing import Any

from tests.engines.drivers import Browser
from tests.product import Product

PASSWORD = "a long enough pass phrase"
RECORDER = "opic-recorder"
ROWS = (
    "SELECT r.id, r.status, r.length_ms, r.voiced_ms, r.segments, r.is_partial"
    " FROM scoring_response r JOIN accounts_user u ON u.id = r.speaker_id"
    " WHERE u.email = ? ORDER BY r.received_at"
)
# how many records lie in a store of the outbox
COUNT = """(name) => new Promise((done, fail) => {
  const opening = indexedDB.open("opic-outbox");
  opening.onerror = () => fail(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction(name).objectStore(name).count();
    asked.onsuccess = () => (opening.result.close(), done(asked.result));
  };
})"""


def sign_up(browser: Browser, product: Product) -> str:
    """From the landing page to the first question, as a newcomer; returns their address."""
    email = f"{browser.name}-{uuid.uuid4().hex[:8]}@example.org"
    browser.goto(f"{product.url}/accounts/signup/")
    browser.type("input[name=email]", email)
    browser.type("input[type=password]", PASSWORD)
    browser.press("main form button[type=submit]")
    browser.wait_for("input[name=code]")
    browser.press("main form button[type=submit]")
    browser.wait_for("input[name=recording]")
    browser.press("input[name=recording]")
    browser.press("form.consent button[type=submit]")
    browser.wait_for(RECORDER)
    return email


def talk(seconds: float) -> None:
    """Let a recording run for so long: its length is what is tested."""
    time.sleep(seconds)


def do(browser: Browser, name: str, host: str = RECORDER, seconds: float = 20) -> None:
    """Press what does this, once it can be pressed."""
    browser.press(f"{host} [data-do={name}]:not([hidden])", seconds)


def expect_state(browser: Browser, state: str, host: str = RECORDER, seconds: float = 20) -> None:
    browser.wait_for(f"{host}[data-state={state}]", seconds)


def record(browser: Browser, seconds: float) -> None:
    """Record until so many seconds are on this device, and stop.

    A first recorder that gives nothing is replaced meanwhile: that takes four seconds.
    """
    do(browser, "record")
    expect_state(browser, "recording")
    browser.wait(f"async () => (await ({COUNT})('chunks')) > 0", seconds=15)
    talk(seconds)
    do(browser, "stop")
    expect_state(browser, "recorded")


def responses_of(product: Product, email: str) -> list[tuple[Any, ...]]:
    """(id, status, length_ms, voiced_ms, segments, is_partial) of a person, oldest first."""
    return product.rows(ROWS, email)
