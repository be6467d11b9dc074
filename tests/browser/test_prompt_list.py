"""The list of questions, also when its server or the network fails; and the way from one to the
next.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.people import button, expect_result, record, sign_up, submit


@pytest.mark.parametrize("status", [500, 413, 429, 403])
def test_a_failing_filter_says_so_and_lives_on(open_page, status):
    page = open_page()
    sign_up(page)
    page.goto("/practice/")
    page.route("**/practice/?*", lambda route: route.fulfill(status=status, body="x"))
    page.get_by_label("Topic").select_option("parks")
    expect(page.locator("#toasts .toast").first).to_be_visible()
    page.unroute("**/practice/?*")
    page.get_by_label("Topic").select_option("introduction")
    expect(page.locator("#prompt-rows .row-item")).to_have_count(2)


def test_offline_a_filter_says_so(open_page):
    page = open_page()
    sign_up(page)
    page.goto("/practice/")
    page.context.set_offline(True)
    page.get_by_label("Topic").select_option("parks")
    expect(page.locator("#toasts .toast").first).to_contain_text("connection")


def test_after_a_result_one_tap_and_one_on_play_hear_the_next_question(open_page):
    page = open_page(viewport={"width": 390, "height": 664})
    sign_up(page)
    first = page.url
    record(page, 6)
    submit(page)
    expect_result(page)
    page.locator(".rating-onward").get_by_role("link", name="Next question").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    assert page.url != first
    button(page, "Play question").click()
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
