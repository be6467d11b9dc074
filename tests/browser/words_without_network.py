"""The default start hears: from a question to one's words, with no key and the real weights.

tests/opic/test_alone.py runs these on a machine without a network; the browser has none either.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import button, record, sign_up_by_hand, submit
from tests.browser.test_guest import sign_up_from, speak_as_guest
from tests.browser.test_result import SEEKS
from tests.product import Product
from tests.scoring.ears import real


@pytest.fixture(scope="module")
def hearing_product(tmp_path_factory):
    """A copy of the product as a newcomer has it: the weights in place, nothing else set."""
    folder = tmp_path_factory.mktemp("hearing")
    real.save_weights(folder)
    with Product(folder) as product:
        yield product


def words_of(page):
    return page.locator("#response-transcript").inner_text()


def test_a_newcomer_speaks_and_sees_the_words_twice_and_goes_on(open_page, hearing_product):
    page = open_page(base_url=hearing_product.url, viewport={"width": 390, "height": 664})
    sign_up_by_hand(page)
    first = page.url
    for _take in range(2):
        record(page, 14)
        submit(page)
        panel = page.locator("#response-rating")
        expect(panel).to_have_attribute("data-status", "measured", timeout=60_000)
        expect(page.locator("#response-transcript")).to_be_visible()
        assert len(words_of(page).split()) > 10
        expect(panel.locator(".ladder")).to_have_count(0)
        expect(panel).to_contain_text(re.compile(r"\d+ words a minute"))

    # a word plays from its own moment
    page.evaluate(SEEKS)
    word = page.locator("#response-transcript .said").nth(4)
    at = float(word.get_attribute("data-at"))
    word.click()
    page.wait_for_function("() => __seeks.length > 0")
    assert abs(page.evaluate("__seeks[0]") - at) <= 0.3

    expect(page.locator("#prompt-takes")).to_contain_text(re.compile("better|worse|same", re.I))
    page.locator(".rating-onward").get_by_role("link", name="Next question").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    assert page.url != first
    button(page, "Play question").click()
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")


def test_a_guest_sees_their_words_signs_up_and_goes_on_with_them(open_page, hearing_product):
    page = open_page(base_url=hearing_product.url, viewport={"width": 390, "height": 664})
    speak_as_guest(page, 12)
    button(page, "Show me how it went").click()
    panel = page.locator("#response-rating")
    expect(panel).to_have_attribute("data-stage", "done", timeout=60_000)
    as_guest = words_of(page)
    assert len(as_guest.split()) > 10
    sign_up_from(page, "Sign up to keep it")
    button(page, "Agree and start speaking").click()
    expect(panel).to_have_attribute("data-stage", "done", timeout=60_000)
    # the same sound, heard again as one's own
    assert words_of(page) == as_guest
    record(page, 12)
    submit(page)
    expect(page.locator(".take")).to_have_count(2)
    expect(panel).to_have_attribute("data-stage", "done", timeout=60_000)
    expect(page.locator("#prompt-takes")).to_contain_text(re.compile("better|worse|same", re.I))
    first = page.url
    page.locator(".rating-onward").get_by_role("link", name="Next question").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    assert page.url != first
