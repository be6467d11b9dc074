"""A browser that knows no import maps is told which one is needed."""

import re

from playwright.sync_api import expect

SENTENCE = "#old-browser"
IMPORT_MAP = re.compile(r'<script type="importmap".*?</script>', re.DOTALL)


def without_import_map(route):
    """The page as such a browser reads it: our names of modules lead nowhere."""
    reply = route.fetch()
    route.fulfill(response=reply, body=IMPORT_MAP.sub("", reply.text()))


def test_it_reads_what_it_needs_and_nothing_else_runs(open_page):
    page = open_page(locale="ko-KR")
    page.add_init_script("HTMLScriptElement.supports = undefined;")
    page.route("**/practice/try/", without_import_map)
    page.goto("/practice/try/")
    expect(page.locator(SENTENCE)).to_be_visible()
    expect(page.locator(SENTENCE)).to_contain_text("Safari 16.4")
    expect(page.locator("[data-do=record]")).to_be_disabled()
    problems = page.evaluate("__faults.splice(0)")  # those of the modules; none of the policy
    assert not [one for one in problems if one.startswith("csp")]


def test_any_other_browser_does_not_see_it(open_page):
    page = open_page()
    for path in ("/", "/practice/try/"):
        page.goto(path)
        expect(page.locator(SENTENCE)).to_be_hidden()
