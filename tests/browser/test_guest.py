"""A guest's first word: kept on the device, sent only when its speaker says so."""

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
    wait_for_response,
)


def speak_as_guest(page, seconds=3):
    page.goto("/")
    page.get_by_role("link", name="Start speaking").first.click()
    expect(page.get_by_role("heading", name="Answer one question")).to_be_visible()
    button(page, "Play question").click()
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
    record(page, seconds)


def test_it_is_kept_through_a_reload_and_sent_after_sign_up(open_page, product):
    page = open_page()
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    speak_as_guest(page)
    expect(page.locator("opic-recorder")).to_contain_text("on this device only")
    expect(button(page, "Submit")).to_be_hidden()
    page.reload()
    expect(page.locator("opic-recorder")).to_contain_text("nobody has heard it")
    button(page, "Listen").click()
    assert page.evaluate("document.querySelector('[data-part=preview]').duration") > 2.5
    assert sent == []
    page.get_by_role("link", name="Sign up to see how it went").click()
    email = new_email()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Create an account").click()
    page.locator("main form").first.get_by_role("button").click()
    page.get_by_label(re.compile("Record my voice")).check()
    button(page, "Agree and start speaking").click()
    expect(page.get_by_text("an answer from before you signed in")).to_be_visible()
    assert responses_of(product, email) == []
    button(page, "Send it as mine").click()
    expect_result(page)
    wait_for_response(page, product, email)
    ((status, length_ms, *_rest),) = responses_of(product, email)
    assert status == "measured"
    assert 2500 < length_ms < 5500
    expect(page.get_by_text("an answer from before you signed in")).to_be_hidden()


def test_it_can_be_deleted_and_another_person_sends_nothing_unasked(open_page, product):
    page = open_page()
    speak_as_guest(page)
    button(page, "Discard").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    page.reload()
    expect(button(page, "Record")).to_be_enabled()
    record(page, 2)
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
