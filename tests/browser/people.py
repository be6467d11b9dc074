"""What people do on the pages, by the names they see."""

import itertools
import json
import os
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.product import Product

_numbers, _pool = itertools.count(1), itertools.count()
PASSWORD = "a long enough pass phrase"


def new_email() -> str:
    return f"person{next(_numbers)}-{os.getpid()}@example.org"


def sign_up(page: Page) -> str:
    """Somebody new before the first question: signed in already, where such people are kept."""
    if Product.copied_from is None:
        return sign_up_by_hand(page)
    people = json.loads((Product.copied_from / "people.json").read_text())
    email, cookie = people[next(_pool)]
    page.goto("/healthz")
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": page.url}])
    page.goto("/practice/start/")
    expect(page.get_by_role("button", name="Record")).to_be_visible()
    return str(email)


def sign_up_by_hand(page: Page) -> str:
    """From the landing page to the first question, as a newcomer."""
    email = go_to_consent(page)
    agree(page)
    return email


def go_to_consent(page: Page) -> str:
    """From the landing page to the one that asks for consent, with a new account."""
    email = new_email()
    page.goto("/")
    page.get_by_role("link", name="Create an account").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Create an account").click()
    page.locator("main form").first.get_by_role("button").click()
    expect(page.get_by_label(re.compile("Record my voice"))).to_be_visible()
    return email


def agree(page: Page) -> None:
    """To be recorded: at the first question afterwards."""
    page.get_by_label(re.compile("Record my voice")).check()
    button(page, "Agree and start speaking").click()
    expect(page.get_by_role("button", name="Record")).to_be_visible()
    page.wait_for_load_state()  # its scripts are there too


def drop_session(page: Page, product: Product) -> None:
    """The row of this browser's session goes: what the page holds is worth nothing any more."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    product.write("DELETE FROM django_session WHERE session_key = ?", cookies["sessionid"])


def end_devices(product: Product, email: str) -> None:
    """As from the list of sessions: tickets die with their device."""
    product.write(
        "UPDATE accounts_devicesession SET ended_at = CURRENT_TIMESTAMP"
        " WHERE person_id = (SELECT id FROM accounts_user WHERE email = ?)",
        email,
    )


def enter(page: Page, product: Product, cookie: str, language: str = "en") -> None:
    """Give a browser somebody's session, in a language."""
    cookies = {"sessionid": cookie, "django_language": language}
    page.context.add_cookies(
        [{"name": key, "value": value, "url": product.url} for key, value in cookies.items()]
    )


def sign_in_if_asked(page: Page, email: str) -> None:
    """A browser killed soon after sign-in may not have written its cookies to the disk."""
    if not page.url.split("?")[0].endswith("/accounts/login/"):
        return
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    expect(page.locator("opic-recorder")).to_be_visible()


def prove(page: Page) -> None:
    """On the page that asks whether it is you: the password."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Continue").click()


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def wait_until(page: Page, condition: Callable[[], Any], seconds: float = 30) -> None:
    """Return once `condition()` holds, for what `expect` cannot see: a row, a list of requests.

    Routes and events of the page are served meanwhile. Raises AssertionError after `seconds`.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"Not so after {seconds} s."
        page.wait_for_timeout(100)  # the pause between two looks


def talk_for(page: Page, seconds: float) -> None:
    """Let a recording run for so long: the one wait for time, its length is what is tested."""
    page.wait_for_timeout(seconds * 1000)


def record(page: Page, seconds: float) -> None:
    """Record, speak for so long, stop."""
    # its words are "Record again" where there is an answer
    page.locator("opic-recorder [data-do=record]").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    talk_for(page, seconds)
    button(page, "Stop").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")


def submit(page: Page) -> None:
    button(page, "Submit").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "saved")


def expect_result(page: Page, status: str = "measured") -> None:
    expect(page.locator("#response-rating")).to_have_attribute("data-status", status)


def responses_of(product: Product, email: str) -> list[tuple[Any, ...]]:
    """(status, length_ms, voiced_ms, segments, is_partial) of a person's answers, oldest first."""
    return product.rows(
        "SELECT r.status, r.length_ms, r.voiced_ms, r.segments, r.is_partial"
        " FROM scoring_response r JOIN accounts_user u ON u.id = r.speaker_id"
        " WHERE u.email = ? ORDER BY r.received_at",
        email,
    )


def wait_for_response(page: Page, product: Product, email: str, seconds: float = 70) -> None:
    """Until the first answer is on the server. The outbox is hidden until it has looked, so its
    being hidden says nothing yet.
    """
    wait_until(page, lambda: responses_of(product, email), seconds)
    expect(page.locator("opic-outbox")).to_be_hidden()
    assert len(responses_of(product, email)) == 1
