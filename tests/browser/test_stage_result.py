"""After Submit the result takes the screen and the focus, and nobody is pulled back."""

import contextlib
import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests import processes
from tests.browser.people import (
    PASSWORD,
    button,
    expect_result,
    new_email,
    record,
    sign_up,
    talk_for,
    wait_until,
)
from tests.browser.recording import STATE, recorder
from tests.browser.stage import PHONES, box, unfold_everything, viewport

# every picture the browser shows from now on: where the result begins, what its heading says
WATCH = """() => { window.seen = [];
  const look = () => {
    const panel = document.getElementById("response-rating");
    const heading = panel?.querySelector("h2");
    if (heading) seen.push([Math.round(panel.getBoundingClientRect().top), heading.textContent,
      heading === document.activeElement]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look); }"""
# where on the screen that is what a person reads
EYES = """() => document.querySelector(".aids summary").getBoundingClientRect().top"""
AGAIN = """() => { const one = document.querySelector("opic-result");
  one.placed = null; one.shifts.disconnect(); one.take(); }"""
TOP = "() => document.getElementById('response-rating').getBoundingClientRect().top"


def share_of_screen(page):
    """The part of the screen's height that shows the result and not the recorder."""
    result, row = box(page, "#response-rating"), box(page, "opic-recorder")
    height = page.viewport_size["height"]
    return (min(result["bottom"], row["top"], height) - max(result["top"], 0)) / height


def expect_it_fills_the_screen(page):
    expect(page.locator("#response-rating h2").first).to_be_focused()
    height = page.viewport_size["height"]
    assert 0 <= page.evaluate(TOP) < height
    assert share_of_screen(page) >= 0.6


@pytest.fixture
def queue_switch(product):
    """`queue_switch(is_on=False)`: no answer is measured until it is on again."""
    supervisor = product.groups()["queue"]
    processes.wait_working(supervisor)
    family = processes.family(supervisor)

    def switch(*, is_on):
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT if is_on else signal.SIGSTOP)

    yield switch
    switch(is_on=True)


@pytest.mark.parametrize("size", [*PHONES, "640x400"])
def test_the_result_takes_the_screen_and_the_focus(open_page, queue_switch, size):
    page = open_page(viewport=viewport(size))
    sign_up(page)
    for look, is_plain in (("light", True), ("dark", False)):
        page.emulate_media(
            color_scheme=look, reduced_motion="no-preference" if is_plain else "reduce"
        )
        if not is_plain:
            page.reload()
            unfold_everything(page)
        expect(button(page, "Record")).to_be_enabled()
        record(page, 4)
        queue_switch(is_on=False)
        page.evaluate(WATCH)
        button(page, "Submit").click()
        expect(page.locator("#response-rating h2")).to_contain_text("Now listening")
        queue_switch(is_on=True)
        talk_for(page, 4)  # what a person waits
        expect_result(page)
        expect_it_fills_the_screen(page)
        pictures = page.evaluate("seen")
        first = next(number for number, (_, _, is_focused) in enumerate(pictures) if is_focused)
        tops = {top for top, _, _ in pictures[first + 1 :]}
        assert max(tops) - min(tops) <= 1, tops  # no jump when the figures come
        assert any("Now listening" in text for _, text, _ in pictures[first:])
        expect(button(page, "Record again")).to_be_visible()
        expect(page.get_by_role("link", name="Next question").first).to_be_visible()
        assert box(page, "opic-recorder")["height"] <= 88
        result = box(page, "#response-rating")
        assert result["bottom"] <= box(page, ".aids")["top"]
        assert result["bottom"] <= box(page, ".aids .question-text, .aids summary")["top"]
        # what goes above moves nothing under the eyes, also where nothing had to be scrolled
        page.evaluate(AGAIN)
        top = page.evaluate(TOP)
        page.evaluate("() => document.querySelector('.ask .crumb').toggleAttribute('hidden')")
        wait_until(page, lambda top=top: abs(page.evaluate(TOP) - top) <= 1, 3)


def hold(page, pattern, method):
    """Requests like this wait until the list this returns is emptied: `let_go(held)`."""
    held = []

    def wait(route):
        if route.request.method == method:
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(pattern), wait)
    return held


def let_go(page, held):
    for route in held:
        route.continue_()
    page.unroute_all(behavior="wait")


@pytest.mark.parametrize("way", ["wheel", "script", "field"])
def test_who_went_elsewhere_is_not_pulled_back(open_page, way):
    page = open_page(viewport=viewport("390x664"))
    sign_up(page)
    unfold_everything(page)
    expect(page.locator("#stories")).not_to_have_class(re.compile("htmx-request"))
    record(page, 4)
    held = hold(page, r"/takes/", "POST")
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "sending")
    wait_until(page, lambda: held)
    if way == "wheel":
        page.mouse.move(200, 200)
        page.mouse.wheel(0, 900)
    elif way == "script":
        page.evaluate("scrollTo(0, 900)")
    else:
        page.get_by_text("My notes").focus()
    if way != "field":
        page.wait_for_function("() => scrollY >= 900")
    before = page.evaluate(EYES)
    let_go(page, held)
    expect_result(page)
    see = button(page, "See the result")
    expect(see).to_be_visible()
    assert not page.evaluate("document.activeElement.closest('opic-result')")
    assert abs(page.evaluate(EYES) - before) <= 1
    see.click()
    expect_it_fills_the_screen(page)
    expect(see).to_be_hidden()


def test_who_leaves_the_skeleton_is_left_where_they_went(open_page, queue_switch):
    queue_switch(is_on=False)
    page = open_page(viewport=viewport("390x664"))
    sign_up(page)
    record(page, 4)
    button(page, "Submit").click()
    expect(page.locator("#response-rating .skeleton")).to_be_visible()
    expect(page.locator("#response-rating h2")).to_be_focused()
    at = page.evaluate("scrollY")
    page.mouse.move(200, 200)
    page.mouse.wheel(0, 300)
    wait_until(page, lambda: page.evaluate("scrollY") == at + 300)
    queue_switch(is_on=True)
    expect_result(page)
    assert page.evaluate("scrollY") == at + 300


def test_a_new_answer_is_not_interrupted(open_page):
    page = open_page(viewport=viewport("390x664"))
    sign_up(page)
    record(page, 4)
    held = hold(page, r"/takes/", "POST")
    button(page, "Submit").click()
    wait_until(page, lambda: held)
    page.evaluate("document.querySelector('[data-do=record]').hidden = false")
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    before = page.evaluate("scrollY")
    let_go(page, held)
    expect_result(page)
    assert page.evaluate("scrollY") == before
    expect(button(page, "Stop")).to_be_focused()
    expect(button(page, "See the result")).to_be_hidden()


@pytest.mark.parametrize("way", ["here", "elsewhere"])
def test_a_guests_answer_opens_its_result(open_page, way):
    page = open_page(viewport=viewport("390x664"))
    page.goto("/practice/try/")
    record(page, 4)
    page.get_by_role("link", name="Sign up", exact=True).click()
    page.get_by_label("E-mail").fill(new_email())
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Create an account").click()
    page.locator("main form").first.get_by_role("button").click()
    page.get_by_label(re.compile("Record my voice")).check()
    if way == "elsewhere":
        page.evaluate("sessionStorage.clear()")  # as in a tab opened later
    button(page, "Agree and start speaking").click()
    if way == "elsewhere":
        expect(page.get_by_text("an answer from before you signed in")).to_be_visible()
        page.goto("/history/")
        button(page, "Send it as mine").click()
    expect_result(page)
    if way == "here":
        expect_it_fills_the_screen(page)
    else:
        assert "/responses/" in page.url
        page.wait_for_load_state()
    assert 0 <= page.evaluate(TOP) < 664 / 3
