"""A sitting among faults: a server that fails, another tab that signs in, a hand that goes back."""

import re

from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.people import PASSWORD, button, end_devices, talk_for
from tests.browser.sittings import (
    begin,
    expect_handed_in,
    expect_question,
    items_of,
    respond,
    speak,
)
from tests.browser.test_access import violations


def leave_early(page):
    page.get_by_text("Leave early").click()
    button(page, "Hand in now").click()
    expect_handed_in(page)


def fails_once(page, pattern, status):
    """The next request of that kind is answered by a fault; later ones reach the server."""
    page.route(pattern, lambda route: route.fulfill(status=status, body="no"), times=1)


def test_a_failing_server_is_asked_again_and_no_step_is_lost(open_page, exam):
    page = open_page(base_url=exam.url)
    email = sittings.set_up(page)
    for status in (413, 429, 500):
        fails_once(page, "**/check/", status)
        button(page, "Check the microphone").click()
        expect(page.get_by_text("The recording did not arrive.")).to_be_visible(timeout=20_000)
        expect(button(page, "Check the microphone")).to_be_enabled()
    begin(page)
    for number, status in enumerate((500, 413, 429, 403), 1):
        expect_question(page, number)
        fails_once(page, "**/advance/", status)
        if status in (500, 429):
            fails_once(page, "**/items/*/answer/", status)
        respond(page, 1.2)
    expect_question(page, 5)
    leave_early(page)
    rows = items_of(exam, email)
    assert all(row[2] is not None for row in rows[:4])
    assert [bool(row[4]) for row in rows[:4]] == [False] * 4


def test_a_next_while_the_one_before_is_on_its_way_is_not_lost(open_page, exam):
    page = open_page(base_url=exam.url)
    email = sittings.set_up(page)
    begin(page)
    held = []
    page.route("**/advance/", lambda route: held.append(route), times=1)
    respond(page, 1.2)
    expect_question(page, 2)
    respond(page, 1.2)
    expect_question(page, 3)
    held[0].continue_()
    speak(page, 1.2)
    other = page.context.new_page()
    other.goto(f"{exam.url}/")
    expect(other.locator("opic-outbox")).to_have_attribute("data-count", re.compile(r"\d"))
    expect(other.get_by_role("button", name="Discard")).to_have_count(0)  # it is being spoken
    other.close()
    page.get_by_text("Leave early").click()
    button(page, "Hand in now").dblclick()
    expect_handed_in(page)
    rows = items_of(exam, email)
    assert [row[2] is not None for row in rows[:4]] == [True, True, True, False]
    position = "SELECT position FROM exams_attempt a JOIN accounts_user u ON u.id = a.candidate_id"
    assert exam.rows(f"{position} WHERE u.email = ?", email)[-1][0] == 4


def test_a_test_abandoned_by_a_failing_form_can_be_gone_on_with(open_page, exam):
    page = open_page(base_url=exam.url)
    sittings.sign_up(page)
    for status in (500, 429, 413, 403):
        page.goto("/exams/survey/1/")
        page.get_by_label("I have not worked yet").check()
        fails_once(page, "**/survey/1/", status)
        button(page, "Next").click()
        expect(page.locator("#toasts .toast").first).to_be_visible()
        expect(button(page, "Next")).to_be_enabled()
        button(page, "Next").click()
        expect(page.get_by_role("heading", name="Part 2 of 4")).to_be_visible()


def sign_out_and_in(page, product, email):
    """Another tab ends this device's session, tickets and all, and begins a new one."""
    end_devices(product, email)
    page.context.clear_cookies()
    tab = page.context.new_page()
    tab.goto("/accounts/login/")
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    button(tab, "Sign in").click()
    expect(tab.get_by_role("heading", name=re.compile("Hello"))).to_be_visible()
    tab.close()


def test_a_reload_another_tab_and_back_use_nothing_up(open_page, exam):
    page = open_page(base_url=exam.url)
    page.on("dialog", lambda dialog: dialog.accept())
    email = sittings.set_up(page)
    begin(page)
    address = page.url
    for _ in range(2):
        page.reload()  # before the first sound
        button(page, "Go on with the test").click()
        expect_question(page, 1)
    speak(page, 0.3)
    expect(button(page, "Play again")).to_be_visible()  # still to be had
    talk_for(page, 1.2)
    sign_out_and_in(page, exam, email)
    button(page, "Next").click()
    expect_question(page, 2)
    speak(page, 3)
    page.go_back()
    page.goto(address)
    button(page, "Go on with the test").click()
    expect_question(page, 2)
    expect(page.get_by_text("What you said before the break is kept")).to_be_visible()
    button(page, "Next").click()
    expect_question(page, 3)
    leave_early(page)
    rows = items_of(exam, email)
    assert [row[2] is not None for row in rows[:3]] == [True, True, False]
    assert not rows[0][5]
    assert rows[1][2] > 1500  # all but the chunk that was being said


# colours glide into each other; what moves for ever does not count
COLOURS_STAND = """() => document.getAnimations().every(
  (one) => !(one instanceof CSSTransition) || one.playState !== "running"
)"""


def test_every_page_of_the_test_is_within_reach_light_and_dark(open_page, exam):
    page = open_page(base_url=exam.url, viewport={"width": 390, "height": 844})
    email = sittings.sign_up(page)
    exam.python(sittings.RATED_SITTING.format(email=email))
    unreachable = []

    def look():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(COLOURS_STAND)
            unreachable.extend(violations(page))

    for path in ("/exams/", "/exams/survey/1/", "/exams/survey/4/", "/exams/official/"):
        page.goto(path)
        look()
    page.goto("/exams/new/")
    look()
    button(page, "To the microphone check").click()
    expect(page.get_by_role("heading", name="Set-up")).to_be_visible()
    look()
    begin(page)
    speak(page, 1)
    look()
    leave_early(page)
    page.goto("/exams/")
    page.locator("ul.rows a").nth(1).click()
    expect(page.locator("#attempt-result")).to_have_attribute("data-complete", "yes")
    look()
    assert not unreachable, "\n".join(unreachable)
