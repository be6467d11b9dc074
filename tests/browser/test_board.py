"""The board in a browser: a piece plays and stops, its answer opens at its moment, empty
places lead to questions; on every size of screen and by key.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.people import enter, new_email
from tests.browser.test_access import violations
from tests.screens_heard import HOLD, somebody

SIZES = ((390, 664), (390, 844), (320, 568), (640, 400), (1280, 800))
SOUND = "document.querySelector('opic-board-player audio')"


@pytest.fixture
def board(open_page, product):
    """The page, and the seconds at which the one filled cell begins."""
    page = open_page(viewport={"width": 390, "height": 664})
    heard = somebody(product, new_email())
    at = float(product.python(HOLD.format(response=heard.response)).splitlines()[-1])
    enter(page, product, heard.cookie)
    page.goto("/board/")
    return page, at


def test_a_piece_plays_and_stops_by_itself_and_by_a_second_press(board):
    page, at = board
    piece = page.get_by_role("button", name="It is bigger than the park")
    piece.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => !{SOUND}.paused && {SOUND}.currentTime > {at - 0.2}")
    expect(piece).to_have_attribute("aria-pressed", "true")
    expect(piece).to_have_attribute("aria-pressed", "false", timeout=10_000)
    until = float(piece.get_attribute("data-until"))
    assert until <= page.evaluate(f"{SOUND}.currentTime") < until + 0.6
    piece.click()
    expect(piece).to_have_attribute("aria-pressed", "true")
    piece.click()
    expect(piece).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(f"{SOUND}.paused")


def test_a_sound_that_is_away_is_said_to_be(board):
    page, _at = board
    page.route("**/audio/", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="It is bigger than the park").click()
    expect(page.get_by_text("This recording cannot be played now")).to_be_visible()


def test_its_answer_opens_at_its_moment_and_an_empty_place_leads_to_a_question(board):
    page, at = board
    page.get_by_role("row").filter(has_text="It is bigger").locator("a[href*='#t=']").first.click()
    page.wait_for_url("**/responses/**")
    sound = "document.querySelector('opic-wave-player audio').currentTime"
    page.wait_for_function(f"() => Math.abs({sound} - {at}) < 0.1")
    page.goto("/board/")
    page.get_by_role("link", name="Answer a question").first.click()
    page.wait_for_url("**/practice/prompts/**")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_it_is_a_table_on_every_screen_and_nothing_is_out_of_reach(board, look):
    page, _at = board
    page.emulate_media(color_scheme=look)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        expect(page.get_by_role("columnheader")).to_have_count(6)
        assert page.get_by_role("rowheader").count() == page.get_by_role("row").count() - 1
        assert violations(page) == []
