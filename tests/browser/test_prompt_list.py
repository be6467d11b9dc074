"""The list of questions when its server or the network fails."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import sign_up


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
