"""A guest's first word: on the device, heard when they ask, theirs when they sign up."""

import re

from playwright.sync_api import expect

from tests.browser.people import (
    PASSWORD,
    button,
    expect_result,
    new_email,
    record,
    responses_of,
    sign_up,
    sign_up_by_hand,
    wait_for_response,
    wait_until,
)

TOP = "document.querySelector('#response-rating').getBoundingClientRect().top"
COUNT_TAPS = """
addEventListener("click", (event) => {
  if (!event.isTrusted || !event.target.closest("a, button, input")) return;
  sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps")) + 1);
}, true);
"""


def speak_as_guest(page, seconds=3):
    page.goto("/")
    page.get_by_role("link", name="Start speaking").first.click()
    expect(page.get_by_role("heading", name="Answer one question")).to_be_visible()
    button(page, "Play question").click()
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
    record(page, seconds)


def sign_up_from(page, link):
    """From the guest's page through the account to the consent, the shortest way."""
    page.get_by_role("link", name=link).click()
    email = new_email()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Create an account").click()
    page.locator("main form").first.get_by_role("button").click()
    page.get_by_label(re.compile("Record my voice")).check()
    return email


def watched(page):
    """What the page sends, and every reply that is an error."""
    sent, errors = [], []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    page.on("response", lambda one: one.status >= 400 and errors.append((one.status, one.url)))
    return sent, errors


def rows_of_guests(product):
    return product.rows("SELECT status, audio FROM scoring_guestresponse")


def test_a_guest_sees_how_it_went_signs_up_and_it_is_theirs(open_page, product):
    page = open_page(viewport={"width": 390, "height": 664})
    page.add_init_script(COUNT_TAPS)
    sent, errors = watched(page)
    speak_as_guest(page, 6)
    page.reload()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
    assert sent == []
    page.evaluate("sessionStorage.setItem('taps', 0)")
    expect(page.get_by_text("deleted within an hour")).to_be_visible()
    button(page, "Show me how it went").click()
    expect_result(page)
    panel = page.locator("#response-rating")
    for words in ("words/min", "pauses.", "Share of time spoken", "Your words were not heard"):
        expect(panel).to_contain_text(words)
    assert 0 <= page.evaluate(TOP) < 664 / 3
    expect(panel.get_by_role("heading", name="How you spoke")).to_be_focused()
    email = sign_up_from(page, "Sign up to keep it")
    page.wait_for_load_state("networkidle")
    assert responses_of(product, email) == []
    button(page, "Agree and start speaking").click()
    expect_result(page)
    assert 0 <= page.evaluate(TOP) < 664 / 3
    ((status, length_ms, *_rest),) = responses_of(product, email)
    assert status == "measured"
    assert 5500 < length_ms < 8500
    expect(page.get_by_text("an answer from before you signed in")).to_be_hidden()
    assert page.evaluate("Number(sessionStorage.getItem('taps'))") <= 6
    assert errors == []


def test_discarded_it_is_deleted_on_the_server_too(open_page, product):
    page = open_page()
    speak_as_guest(page, 3)
    button(page, "Show me how it went").click()
    expect_result(page)
    page.reload()
    expect_result(page)
    expect(button(page, "Show me how it went")).to_be_hidden()
    # a program does, and the page says so
    expect(page.get_by_text("Private: nobody hears this without your consent.")).to_be_hidden()
    before = len(rows_of_guests(product))
    button(page, "Discard").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    wait_until(page, lambda: len(rows_of_guests(product)) == before - 1)
    expect(page.locator("#response-rating")).to_be_hidden()


def test_who_speaks_too_often_is_told_and_keeps_the_recording(open_page):
    page = open_page()
    speak_as_guest(page, 2)
    body = '{"status": "refused", "message": "That is as often as we show it."}'
    page.route("**/try/send/", lambda route: route.fulfill(status=429, body=body))
    button(page, "Show me how it went").click()
    expect(page.get_by_role("alert").filter(has_text="as often as we show it")).to_be_visible()
    expect(button(page, "Listen")).to_be_visible()
    page.unroute("**/try/send/")


def test_who_has_an_account_signs_in_and_its_result_opens(open_page, product):
    email = sign_up_by_hand(open_page())
    page = open_page()
    _sent, errors = watched(page)
    speak_as_guest(page, 3)
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    expect(page).to_have_url(re.compile("/responses/"))
    expect_result(page)
    assert len(responses_of(product, email)) == 1
    assert errors == []


def test_in_another_tab_of_the_device_it_asks_whose_it_is(open_page, product):
    page = open_page()
    _sent, errors = watched(page)
    speak_as_guest(page, 3)
    other = page.context.new_page()
    page.close()
    _sent, errors = watched(other)
    other.goto("/practice/try/")
    other.evaluate("sessionStorage.clear()")
    email = sign_up(other)
    expect(other.get_by_text("an answer from before you signed in")).to_be_visible()
    assert responses_of(product, email) == []
    button(other, "Send it as mine").click()
    expect_result(other)
    wait_for_response(other, product, email)
    assert errors == []


def test_it_can_be_deleted_and_another_person_sends_nothing_unasked(open_page, product):
    page = open_page()
    speak_as_guest(page)
    button(page, "Discard").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    page.reload()
    expect(button(page, "Record")).to_be_enabled()
    record(page, 2)
    page.evaluate("sessionStorage.clear()")  # as in a tab opened later
    email = sign_up(page)
    expect(page.get_by_text("an answer from before you signed in")).to_be_visible()
    page.goto("/practice/")
    expect(page.get_by_text("an answer from before you signed in")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert responses_of(product, email) == []
    button(page, "Delete it").click()
    expect(page.get_by_text("an answer from before you signed in")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("Questions of step")).to_be_visible()
    expect(page.get_by_text("an answer from before you signed in")).to_be_hidden()
    assert responses_of(product, email) == []


def test_after_a_week_it_is_gone(open_page, product):
    page = open_page()
    speak_as_guest(page, 2)
    page.evaluate(
        """async () => { const { change, rows } = await import('opic/outbox/outbox-store');
        const old = new Date(Date.now() - 8 * 24 * 3600e3).toISOString();
        for (const { key } of await rows()) await change(key, { recordedAt: old }); }"""
    )
    page.reload()
    page.wait_for_function(
        """() => { const m = import('opic/outbox/outbox-store'); return m.then(({ rows }) => rows())
        .then((all) => (window.__left = all.length)), window.__left === 0; }"""
    )
