"""The frame of every page on a phone: what its menus hold fits."""

import pytest
from playwright.sync_api import expect

# lines of text in each button, and whether anything stands out of the panel or the screen
LINES = """(group) => [...group.querySelectorAll("button")].map((button) => {
  const range = document.createRange();
  range.selectNodeContents(button);
  const tops = [...range.getClientRects()].map(({ top, bottom }) => (top + bottom) / 2);
  return Math.max(...tops) - Math.min(...tops) < 8 ? 1 : 2;
})"""
STANDS_OUT = """(group) => {
  const panel = group.closest(".menu-panel");
  const { left, right } = panel.getBoundingClientRect();
  const isCut = [group, panel].some((one) => one.scrollWidth > one.clientWidth);
  return isCut || left < 0 || right > document.documentElement.clientWidth;
}"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR", "vi-VN"])
def test_the_look_switch_stands_in_one_line(open_page, locale, width):
    page = open_page(locale=locale, viewport={"width": width, "height": 664})
    page.goto("/")
    page.locator("details.menu summary").first.click()
    group = page.locator("opic-theme [role=group]")
    expect(group).to_be_visible()
    for button in group.get_by_role("button").all():
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        assert group.evaluate(LINES) == [1, 1, 1]
        assert not group.evaluate(STANDS_OUT)
