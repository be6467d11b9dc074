"""The settings on a phone: short while all is folded, and open where somebody wants to be."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import button, sign_up

PHONE = {"width": 390, "height": 664}
MOST_HEIGHT = 1200
FORGED = """() => {
  const select = document.querySelector("[name=time_zone]");
  select.add(new Option("Olympus", "Mars/Olympus", true, true));
}"""


@pytest.fixture
def page(open_page):
    page = open_page(viewport=PHONE)
    sign_up(page)
    page.goto("/accounts/settings/")
    return page


def height(page):
    return page.evaluate("document.documentElement.scrollHeight")


def test_it_is_short_and_each_part_opens_by_keyboard(page):
    assert height(page) <= MOST_HEIGHT
    folds = page.locator("details.fold")
    count = folds.count()
    assert count == 7
    assert page.get_by_role("heading", level=2).count() == count
    folds.first.locator("> summary").focus()
    for place in range(count):
        fold = folds.nth(place)
        expect(fold.locator("> summary")).to_be_focused()
        page.keyboard.press("Enter")
        expect(fold).to_have_attribute("open", "")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.keyboard.press("Enter")
        expect(fold).not_to_have_attribute("open", "")
        page.keyboard.press("Tab")  # what is folded is not in the way


def test_what_is_wrong_is_not_folded_away(page):
    page.get_by_role("heading", name="You", exact=True).click()
    page.evaluate(FORGED)
    page.locator("details.fold[open]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is no such time zone.")).to_be_visible()
    expect(page.locator("details.fold[open]")).to_have_count(1)
    page.get_by_label("Time zone").select_option("UTC")
    button(page, "Save").click()
    expect(page.locator("details.fold[open]")).to_have_count(0)
    expect(page.locator("details.fold").first.locator(".fold-value")).to_contain_text("UTC")


def test_a_link_to_a_part_finds_it_open(page):
    page.goto("/accounts/settings/?part=goal#goal-title")
    expect(page.get_by_label("Target level")).to_be_in_viewport()
