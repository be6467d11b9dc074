"""Home with weeks behind it: nothing out of reach, nothing wider than the screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import new_email
from tests.browser.test_access import violations

PAST = "from tests.benchmarks import past; past.somebody({!r}, 40)"


@pytest.fixture
def home(open_page, product):
    """Home of somebody with forty answers."""

    def opened(**options):
        cookie = product.python(PAST.format(new_email())).splitlines()[-1]
        page = open_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": product.url}])
        page.goto("/")
        return page

    return opened


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_out_of_reach(home, look, width):
    page = home(color_scheme=look, viewport={"width": width, "height": 900})
    for table in page.locator("details.home-table > summary").all():
        table.click()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_next_question_is_one_tap_away(home):
    page = home(viewport={"width": 390, "height": 800})
    start = page.get_by_role("link", name="Start speaking")
    expect(start).to_be_in_viewport()
    start.click()
    expect(page.get_by_role("button", name="Record")).to_be_visible()


def test_behind_each_chart_is_a_table(home):
    page = home()
    expect(page.get_by_role("table", name="The weeks up to your exam")).to_be_visible()
    page.get_by_text("By month").click()
    expect(page.get_by_role("columnheader", name="Month")).to_be_visible()
    for summary in page.get_by_text("As a table").all():
        summary.click()
    assert page.get_by_role("columnheader", name="Week from").count() >= 2
    scrolled = page.locator(".year-scroll").evaluate(
        "(one) => Math.abs(one.scrollLeft) < 2 || one.scrollWidth <= one.clientWidth"
    )
    assert scrolled  # the newest weeks are what is seen first
