"""Another session, another person, nobody: whose answer is it, and who sees it?"""

from playwright.sync_api import expect

from tests.browser.offline import until
from tests.browser.people import (
    button,
    end_devices,
    expect_result,
    record,
    responses_of,
    sign_up,
    submit,
    wait_for_response,
)
from tests.browser.recording import recorder, sign_in, sign_out


def test_signed_out_and_in_again_in_another_tab_the_first_still_submits(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    other = page.context.new_page()
    other.goto("/practice/")
    end_devices(product, email)
    other.context.clear_cookies()
    sign_in(other, email)
    page.bring_to_front()
    submit(page)
    expect_result(page)
    assert len(responses_of(product, email)) == 1


def with_an_unsent_response(open_page):
    """Return a page whose uploads are stopped, with one response that waits, and who spoke."""
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    page.route("**/takes/", lambda route: route.abort())
    button(page, "Submit").click()
    expect(recorder(page)).to_contain_text("waits on this device")
    return page, email


def test_signing_out_with_an_unsent_answer_asks_first(open_page, product):
    page, email = with_an_unsent_response(open_page)
    sign_out(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("only on this device")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    page.unroute("**/takes/")
    sign_out(page)
    page.get_by_role("button", name="Send, then sign out").click()
    expect(page.get_by_role("link", name="Start speaking").first).to_be_visible()
    assert len(responses_of(product, email)) == 1


# tried as the other person's page, and turned away: it waits for its own speaker
REFUSED = """async () => {
  const { rows } = await import("opic/outbox/outbox-store");
  return (await rows()).every(({ state, code }) => state === "refused" && code === "token");
}"""


def test_another_person_on_this_device_neither_sees_nor_sends_it(open_page, product):
    page, email = with_an_unsent_response(open_page)
    end_devices(product, email)
    page.context.clear_cookies()
    page.unroute("**/takes/")
    other = sign_up(page)
    expect(page.locator("opic-outbox")).to_be_hidden()
    until(page, REFUSED)
    assert not responses_of(product, other)
    assert not responses_of(product, email)
    page.context.clear_cookies()
    sign_in(page, email)
    page.goto("/practice/")
    wait_for_response(page, product, email)


def test_after_signing_out_back_shows_nothing_of_mine(open_page):
    page = open_page()
    email = sign_up(page)
    page.goto("/accounts/settings/")
    expect(page.locator("main")).to_contain_text("Settings")
    sign_out(page)
    expect(page.get_by_role("link", name="Start speaking").first).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert email not in page.content()
    assert page.evaluate("localStorage.getItem('htmx-history-cache')") is None
