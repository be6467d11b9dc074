"""What the page without a network does once the server replies again."""

import pytest
from playwright.sync_api import expect

from tests.browser.offline import go_offline, go_online, refill
from tests.browser.people import button, sign_up, wait_until
from tests.product import Product

OPENED_BEFORE = "(ago) => sessionStorage.setItem('opic-opened-at', Date.now() - ago)"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with Product(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture
def page(open_page, app):
    """Somebody whose device holds questions."""
    page = open_page(base_url=app.url, service_workers="allow")
    sign_up(page)
    refill(page)
    yield page
    if app.process is None:
        app.start()


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


def count_replies(page, count):
    """Wait until so many of the requests that ask for the server were replied to."""
    replies = []
    page.on("response", lambda reply: reply.url.endswith("/healthz") and replies.append(reply))
    wait_until(page, lambda: len(replies) >= count)


def test_the_page_that_was_asked_for_opens_by_itself(page, app):
    """The browser is not told that anything is missing: its network leads nowhere."""
    app.stop()
    page.goto("/accounts/settings/?part=goal")
    expect(heading(page, "No connection")).to_be_visible()
    assert page.title().startswith("No connection")
    expect(button(page, "The network is back: open the app")).to_be_hidden()
    app.start()
    expect(heading(page, "Settings")).to_be_visible(timeout=40_000)
    assert page.url.endswith("/accounts/settings/?part=goal")


def test_it_says_that_the_network_is_back_and_gone_again(page, app):
    go_offline(page, app)
    page.goto("/practice/")
    expect(heading(page, "No connection")).to_be_visible()
    page.evaluate(OPENED_BEFORE, 0)  # a moment ago: it failed, though the server replied
    go_online(page, app)
    expect(heading(page, "The network is back")).to_be_visible()
    assert page.title().startswith("The network is back")
    count_replies(page, 3)
    expect(button(page, "The network is back: open the app")).to_be_visible()
    go_offline(page, app)
    expect(heading(page, "No connection")).to_be_visible()
    expect(button(page, "The network is back: open the app")).to_be_hidden()
    go_online(page, app)
    expect(heading(page, "The network is back")).to_be_visible()
    page.evaluate(OPENED_BEFORE, 60_000)
    expect(heading(page, "Practice")).to_be_visible()


def test_nothing_opens_while_an_answer_is_recorded_or_waits_to_be_submitted(page, app):
    go_offline(page, app)
    page.goto("/practice/")
    page.locator("[data-list=prompts] button").first.click()
    recorder = page.locator("opic-recorder")
    button(page, "Record").click()
    expect(recorder).to_have_attribute("data-state", "recording")
    go_online(page, app)
    expect(heading(page, "The network is back")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("Finish first")
    count_replies(page, 3)
    expect(recorder).to_have_attribute("data-state", "recording")
    button(page, "Stop").click()
    expect(recorder).to_have_attribute("data-state", "recorded")
    count_replies(page, 3)
    expect(recorder).to_have_attribute("data-state", "recorded")
    button(page, "Submit").click()
    expect(heading(page, "Practice")).to_be_visible(timeout=20_000)


def test_the_person_may_open_it_sooner(page, app):
    go_offline(page, app)
    page.goto("/practice/")
    page.locator("[data-list=prompts] button").first.click()
    go_online(page, app)
    count_replies(page, 3)  # a question is open: it is not taken away
    expect(page.locator("opic-recorder")).to_be_visible()
    button(page, "The network is back: open the app").click()
    expect(heading(page, "Practice")).to_be_visible()
