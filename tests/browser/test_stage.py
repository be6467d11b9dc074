"""The question's page: what must be pressed is never covered, in any state of the recorder."""

import re

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
    """At every size: nothing is covered, by pointer or by key, in both looks; what shows sound is
    there or not.
    """
    expect(recorder(page)).to_have_attribute(STATE, state)
    for size in SIZES:
        page.set_viewport_size(viewport(size))
        for part in ("canvas[data-part=wave]", "opic-recorder meter"):
            assert page.locator(part).is_visible() == is_live, (state, part, size)
        if not is_live:
            assert box(page, "opic-recorder")["height"] <= ONE_ROW, (state, size)
        for look in LOOKS:
            page.emulate_media(color_scheme=look)
            assert covered(page) == [], (state, look, size)
            is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not is_wide, (state, size)
        assert half_hidden_at_focus(page) == [], (state, size)
        page.evaluate("scrollTo(0, 0)")


def stands_in_view(page, name):
    """Without scrolling: nothing lies over its middle."""
    return button(page, name).evaluate(
        """(one) => { const { left, top, width, height } = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(left + width / 2, top + height / 2)); }"""
    )


def play_stands_in_view(page):
    """At every size, before anybody has scrolled."""
    for size in SIZES:
        page.set_viewport_size(viewport(size))
        page.evaluate("scrollTo(0, 0)")
        assert stands_in_view(page, "Play question"), size


def test_nothing_that_must_be_pressed_is_covered(open_page):
    page = open_page(viewport=viewport(SIZES[0]))
    sign_up(page)
    expect(button(page, "Record")).to_be_enabled()
    play_stands_in_view(page)
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


def stop_at(page, size):
    """Where Stop is at this size, with everything open."""
    page.set_viewport_size(viewport(size))
    page.evaluate("scrollTo(0, 0)")
    return box(page, "[data-do=stop] svg")


def test_stop_stays_where_it_is_while_one_speaks(open_page):
    page = open_page("room", viewport=viewport(SIZES[0]))
    sign_up(page)
    unfold_everything(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    status = recorder(page).get_by_role("status")
    places = {size: stop_at(page, size) for size in SIZES}
    expect(status).to_have_text("Recording. Speak now.")
    for size in set(SIZES) - {WIDE}:
        middle = (places[size]["left"] + places[size]["right"]) / 2
        width, height = (int(part) for part in size.split("x"))
        assert size == "640x400" or abs(middle - width / 2) <= 2
        assert abs(middle - width / 2) <= 60
        assert places[size]["bottom"] > height - 60
    expect(status).to_contain_text("We hear nothing yet", timeout=8000)
    for size in SIZES:
        assert stop_at(page, size) == places[size], size
        page.mouse.move(200, 100)
        page.mouse.wheel(0, 150)
        page.wait_for_function("() => scrollY > 100")
        if size != WIDE:
            assert box(page, "[data-do=stop] svg") == places[size], size


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


def test_a_guests_page_keeps_its_distances(open_page):
    page = open_page(viewport=viewport(SIZES[0]))
    page.goto("/practice/try/")
    expect(button(page, "Record")).to_be_enabled()
    play_stands_in_view(page)
    inspect(page, "idle", is_live=False)
    record(page, 4)
    inspect(page, "recorded", is_live=True)
    for size in SIZES:
        page.set_viewport_size(viewport(size))
        card, fold = box(page, "opic-guest-next > .card"), box(page, ".aid")
        assert 23 <= card["top"] - fold["bottom"] <= 25, size
