"""Who works without a mouse or without sight finds, reaches and understands everything."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    button,
    expect_result,
    prove,
    record,
    sign_up,
    submit,
    talk_for,
)

AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PUBLIC = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/nothing-here/",
    "/practice/try/",
    "/offline/",
]
SIGNED_IN = [
    "/",
    "/practice/",
    "/history/",
    "/history/listen/",
    "/practice/phrases/",
    "/practice/mend/",
    "/practice/stories/",
    "/eve/",
    "/board/",
    "/accounts/settings/",
    "/accounts/settings/?part=profile",
    "/accounts/settings/?part=goal",
    "/accounts/notices/",
    "/accounts/consent/",
    "/accounts/delete/",
    "/accounts/2fa/",
]


def violations(page):
    """What axe-core finds on a page, as it stands."""
    page.evaluate(AXE.read_text())
    report = page.evaluate(
        "(rules) => axe.run(document, { runOnly: { type: 'tag', values: rules } })", RULES
    )
    assert len(report["passes"]) > 10  # it did look
    return [
        f"{page.url} {violation['id']}: {node['html'][:160]}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_out_of_reach_on_any_page(open_page, look, width):
    page = open_page(color_scheme=look, viewport={"width": width, "height": 900})
    unreachable = []
    for path in PUBLIC:
        page.goto(path)
        unreachable += violations(page)
    sign_up(page)
    unreachable += violations(page)
    button(page, "Record").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    unreachable += violations(page)
    talk_for(page, 3)
    button(page, "Stop").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
    unreachable += violations(page)
    submit(page)
    expect_result(page)
    unreachable += violations(page)
    for path in SIGNED_IN:
        page.goto(path)
        unreachable += violations(page)
    page.goto("/accounts/delete/")
    prove(page)
    expect(page.get_by_role("heading", name="Delete my account")).to_be_visible()
    unreachable += violations(page)
    page.goto("/history/")
    page.locator("#history-rows a").first.click()
    page.get_by_role("slider").wait_for()
    unreachable += violations(page)
    assert not unreachable, "\n".join(unreachable)


def test_the_names_that_people_and_tools_rely_on(open_page):
    page = open_page()
    sign_up(page)
    expect(button(page, "Play question")).to_be_visible()
    expect(button(page, "Record")).to_be_visible()
    button(page, "Record").click()
    for name in ("Pause", "Stop"):
        expect(button(page, name)).to_be_visible()
    talk_for(page, 4)
    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_visible()
    button(page, "Stop").click()
    for name in ("Listen", "Discard", "Submit"):
        expect(button(page, name)).to_be_visible()
    expect(page.locator("opic-recorder").get_by_role("status")).not_to_be_empty()
    submit(page)
    expect_result(page)


def test_the_measures_are_a_table_to_a_screen_reader(open_page):
    page = open_page(viewport={"width": 390, "height": 800})
    sign_up(page)
    record(page, 4)
    submit(page)
    expect_result(page)
    table = page.locator("#response-rating").get_by_role("table")
    expect(table).to_be_visible()
    assert table.get_by_role("columnheader").count() == 4
    assert table.get_by_role("row").count() >= 5
    assert table.get_by_role("rowheader").count() == table.get_by_role("row").count() - 1


def tab_to(page, locator, most=60):
    for _ in range(most):
        if locator.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{locator} cannot be reached by Tab")


def test_from_the_list_to_the_result_by_keyboard_alone(open_page):
    page = open_page()
    sign_up(page)
    page.goto("/practice/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    question = page.locator("main a[href*='/practice/prompts/']").first
    tab_to(page, question)
    page.keyboard.press("Enter")
    expect(button(page, "Play question")).to_be_enabled()
    expect(button(page, "Record")).to_be_enabled()
    tab_to(page, button(page, "Play question"))
    page.keyboard.press("Enter")
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
    tab_to(page, button(page, "Record"))
    page.keyboard.press("Enter")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    talk_for(page, 3)
    tab_to(page, button(page, "Stop"))
    page.keyboard.press("Enter")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
    tab_to(page, button(page, "Submit"))
    page.keyboard.press("Space")
    expect_result(page)
    tab_to(page, page.get_by_text("Delete this take"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Delete for good"))
    page.keyboard.press("Enter")
    expect(page.locator(".take")).to_have_count(0)
