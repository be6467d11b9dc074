"""The question's page: what must be pressed is never covered, in any state of the recorder."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import button, expect_result, record, sign_up, submit, talk_for
from tests.browser.recording import STATE, recorder
from tests.browser.stage import (
    LOOKS,
    SIZES,
    box,
    covered,
    half_hidden_at_focus,
    unfold_everything,
    viewport,
)

ONE_ROW = 88
WIDE = "1280x800"


def inspect(page, state, *, is_live):
    """Nothing is covered, by pointer or by key, in both looks; what shows sound is there or not."""
    expect(recorder(page)).to_have_attribute(STATE, state)
    for part in ("canvas[data-part=wave]", "opic-recorder meter"):
        assert page.locator(part).is_visible() == is_live, (state, part)
    if not is_live:
        assert box(page, "opic-recorder")["height"] <= ONE_ROW, state
    for look in LOOKS:
        page.emulate_media(color_scheme=look)
        assert covered(page) == [], (state, look)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), state
    assert half_hidden_at_focus(page) == [], state
    page.evaluate("scrollTo(0, 0)")


def stands_in_view(page, name):
    """Without scrolling: nothing lies over its middle."""
    return button(page, name).evaluate(
        """(one) => { const { left, top, width, height } = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(left + width / 2, top + height / 2)); }"""
    )


@pytest.mark.parametrize("size", SIZES)
def test_nothing_that_must_be_pressed_is_covered(open_page, size):
    page = open_page(viewport=viewport(size))
    sign_up(page)
    expect(button(page, "Record")).to_be_enabled()
    assert stands_in_view(page, "Play question")
    inspect(page, "idle", is_live=False)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    inspect(page, "recording", is_live=True)
    talk_for(page, 3)
    button(page, "Pause").click()
    inspect(page, "paused", is_live=True)
    button(page, "Stop").click()
    expect(button(page, "Listen")).to_be_enabled()
    inspect(page, "recorded", is_live=True)
    submit(page)
    expect_result(page)
    expect(button(page, "Record again")).to_be_enabled()
    inspect(page, "saved", is_live=False)
    unfold_everything(page)
    inspect(page, "saved", is_live=False)


@pytest.mark.parametrize("size", SIZES)
def test_stop_stays_where_it_is_while_one_speaks(open_page, size):
    page = open_page("room", viewport=viewport(size))
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    unfold_everything(page)
    before = box(page, "[data-do=stop] svg")
    if size != WIDE:
        middle = (before["left"] + before["right"]) / 2
        width, height = (int(part) for part in size.split("x"))
        assert size == "640x400" or abs(middle - width / 2) <= 2
        assert abs(middle - width / 2) <= 60
        assert before["bottom"] > height - 60
    expect(recorder(page).get_by_role("status")).to_contain_text("We hear nothing yet")
    assert box(page, "[data-do=stop] svg") == before
    page.mouse.move(200, 100)
    page.mouse.wheel(0, 150)
    page.wait_for_function("() => scrollY > 100")
    if size != WIDE:
        assert box(page, "[data-do=stop] svg") == before


def test_on_a_wide_screen_nothing_sticks(open_page):
    page = open_page(viewport=viewport(WIDE))
    sign_up(page)
    assert recorder(page).evaluate("(one) => getComputedStyle(one).position") == "static"
    player, stage = box(page, "opic-prompt-player"), box(page, "opic-recorder")
    assert stage["left"] > player["right"]
    assert not page.locator("#response-rating").is_visible()
    unfold_everything(page)
    assert box(page, ".aids")["right"] < stage["left"]
    record(page, 4)
    middle = box(page, "opic-recorder")["left"] + box(page, "opic-recorder")["width"] / 2
    words = page.locator(".recorder-foot").evaluate(
        """(one) => { const range = document.createRange(); range.selectNodeContents(one);
        const { left, right } = range.getBoundingClientRect(); return (left + right) / 2; }"""
    )
    assert abs(words - middle) <= 2
    submit(page)
    expect_result(page)
    result = box(page, "#response-rating")
    assert result["left"] == stage["left"]
    assert result["top"] >= box(page, "opic-recorder")["bottom"]
    assert box(page, "#prompt-takes")["right"] < result["left"]


def test_the_focus_is_never_lost(open_page):
    page = open_page()
    page.goto("/practice/try/")
    expect(button(page, "Record")).to_be_enabled()
    button(page, "Record").focus()
    page.keyboard.press("Enter")
    for name, state in (("Stop", "recording"), ("Listen", "recorded")):
        expect(recorder(page)).to_have_attribute(STATE, state)
        expect(button(page, name)).to_be_focused()
        if state == "recording":
            talk_for(page, 4)
            page.keyboard.press("Enter")
    button(page, "Discard").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Record")).to_be_focused()
    sign_up(page)
    page.evaluate(
        """() => { window.lost = [];
        const look = (state) => document.activeElement === document.body && lost.push(state);
        document.addEventListener("recorder:state", ({ detail }) =>
          setTimeout(() => look(detail.state), 50)); }"""
    )
    expect(button(page, "Record")).to_be_enabled()
    button(page, "Record").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Stop")).to_be_focused()
    talk_for(page, 4)
    page.keyboard.press("Enter")
    expect(button(page, "Listen")).to_be_focused()
    button(page, "Submit").focus()
    page.keyboard.press("Space")
    expect_result(page)
    expect(page.locator("#rating-title")).to_be_focused()
    assert page.evaluate("lost") == []


def test_one_player_for_ones_own_take(open_page):
    page = open_page(viewport=viewport("390x664"))
    sign_up(page)
    record(page, 4)
    expect(button(page, "Listen")).to_be_enabled()
    assert recorder(page).locator("audio[controls]").count() == 0
    assert not recorder(page).locator("audio").is_visible()
    place = recorder(page).get_by_role("slider")
    place.focus()
    page.keyboard.press("End")
    expect(place).to_have_attribute("aria-valuetext", re.compile(r"^0:0(\d) / 0:0\1$"))
    page.keyboard.press("Home")
    expect(place).to_have_attribute("aria-valuenow", "0")
    button(page, "Listen").click()
    expect(recorder(page)).to_have_attribute("data-plays", "now")
    page.wait_for_function("() => document.querySelector('opic-recorder meter').value > 0.1")
    button(page, "Listen").click()
    expect(recorder(page)).to_have_attribute("data-plays", "")
    spot = place.bounding_box()
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + 10)
    expect(place).to_have_attribute("aria-valuenow", re.compile("^[23]$"))


@pytest.mark.parametrize("size", SIZES)
def test_a_guests_page_keeps_its_distances(open_page, size):
    page = open_page(viewport=viewport(size))
    page.goto("/practice/try/")
    expect(button(page, "Record")).to_be_enabled()
    assert stands_in_view(page, "Play question")
    inspect(page, "idle", is_live=False)
    record(page, 4)
    inspect(page, "recorded", is_live=True)
    card, fold = box(page, "opic-guest-next > .card"), box(page, ".aid")
    assert 23 <= card["top"] - fold["bottom"] <= 25
