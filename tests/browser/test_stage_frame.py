"""What stands around the question: focus that can be seen, the header, the bar of the outbox."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.people import button, expect_result, record, sign_up, submit
from tests.browser.recording import STATE, recorder
from tests.browser.stage import LOOKS, box, viewport
from tests.browser.test_access import PUBLIC, SIGNED_IN

MORE = ["/exams/", "/exams/survey/1/", "/exams/survey/4/", "/exams/official/", "/privacy/"]

# the control that has the focus, when nothing shows it: neither an outline nor a shadow that is
# not there without focus and stands out from what is behind it
UNSEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return { id: null };
  one.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length + 1);
  const read = () => { const { outlineStyle, outlineWidth, outlineColor, boxShadow } =
    getComputedStyle(one); return { outlineStyle, outlineWidth, outlineColor, boxShadow }; };
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05)
    / (Math.min(light(a), light(b)) + 0.05);
  let behind = one.parentElement;
  const isClear = (element) => { const parts = numbers(getComputedStyle(element).backgroundColor);
    return parts.length === 4 && parts[3] === 0; };
  while (behind !== document.documentElement && isClear(behind)) behind = behind.parentElement;
  const ground = isClear(behind) ? getComputedStyle(document.body).backgroundColor
    : getComputedStyle(behind).backgroundColor;
  const on = read();
  one.blur();
  const off = read();
  one.focus({ preventScroll: true });
  const hasOutline = on.outlineStyle !== "none" && parseFloat(on.outlineWidth) >= 2
    && JSON.stringify([on.outlineStyle, on.outlineWidth, on.outlineColor])
      !== JSON.stringify([off.outlineStyle, off.outlineWidth, off.outlineColor]);
  const colour = hasOutline ? on.outlineColor
    : on.boxShadow !== off.boxShadow && on.boxShadow.match(/rgba?\\([^)]*\\)/)?.[0];
  const isSeen = Boolean(colour) && contrast(colour, ground) >= 3;
  return { id: one.dataset.stop, isSeen, name: `${location.pathname} ${one.outerHTML.slice(0, 90)}
    ${JSON.stringify(on)} on ${ground}` };
}"""


def unseen(page, most=90):
    """Go round the page by Tab; return what has the focus and does not show it."""
    names, stops = [], []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(UNSEEN)
        if focused["id"] is None or focused["id"] in stops[-1:]:
            continue
        if focused["id"] in stops:
            break
        stops.append(focused["id"])
        if not focused["isSeen"]:
            names.append(focused["name"])
    assert len(stops) > 1, page.url
    return names


@pytest.mark.parametrize("look", LOOKS)
def test_the_focus_is_seen_on_every_control_of_every_page(open_page, look):
    page = open_page(color_scheme=look)
    hidden = []
    for path in PUBLIC:
        page.goto(path)
        hidden += unseen(page)
    sign_up(page)
    hidden += unseen(page)
    record(page, 4)
    hidden += unseen(page)
    submit(page)
    expect_result(page)
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
    hidden += unseen(page)
    for path in [*SIGNED_IN, *MORE]:
        page.goto(path)
        hidden += unseen(page)
    assert not hidden, "\n".join(hidden)


@pytest.mark.parametrize("look", LOOKS)
def test_the_focus_is_seen_in_a_test(open_page, exam, look):
    page = open_page(base_url=exam.url, color_scheme=look)
    sittings.set_up(page)
    hidden = unseen(page)
    sittings.pass_check(page)
    expect(button(page, "Play")).to_be_visible()
    hidden += unseen(page)
    assert not hidden, "\n".join(hidden)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR", "vi-VN"])
def test_with_letters_of_twice_the_size_the_header_is_one_row(open_page, locale):
    page = open_page(locale=locale, viewport=viewport("640x400"))
    sign_up_in_any_language(page)
    assert box(page, ".site-header")["height"] <= 64
    play = box(page, "[data-do=play]")
    assert play["bottom"] <= box(page, "opic-recorder")["top"]
    for width in (320, 640, 768, 991, 992, 1280):
        page.set_viewport_size({"width": width, "height": 600})
        assert box(page, ".site-header")["height"] <= 64, width
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


def sign_up_in_any_language(page):
    try:
        sign_up(page)
    except AssertionError:  # the button's name is in another language
        expect(page.locator("[data-do=record]")).to_be_enabled()


def test_the_bar_of_the_outbox_is_orderly_on_a_phone(open_page):
    page = open_page(viewport=viewport("390x664"))
    sign_up(page)
    record(page, 2)
    page.reload()
    page.goto("/practice/")
    bar = page.locator("opic-outbox .outbox-bar")
    expect(bar).to_be_visible()
    icon, words, send = (
        box(page, f"opic-outbox .outbox-bar > {part}") for part in (".icon", "span", ".btn")
    )
    assert icon["top"] >= words["top"] - 1
    assert icon["bottom"] <= words["bottom"] + 1
    assert send["top"] >= words["bottom"]
    assert send["left"] == icon["left"]


def test_a_quiet_room_is_told_while_it_happens_and_goes_when_speech_comes(open_page):
    page = open_page("late")
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    status = recorder(page).get_by_role("status")
    expect(status).to_have_text("Recording. Speak now.")
    expect(status).to_contain_text("We hear nothing yet", timeout=8000)
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    expect(status).to_have_text("Recording. Speak now.", timeout=12_000)


def test_the_same_in_a_test(open_page, exam):
    page = open_page("late", base_url=exam.url)
    sittings.set_up(page)
    button(page, "Check the microphone").click()
    button(page, "To the sample question").click(timeout=20_000)
    button(page, "Play").click()
    expect(page.locator("opic-sitting")).to_have_attribute(STATE, "recording")
    page.evaluate("document.querySelector('opic-sitting').item.capture.watch.source.disconnect()")
    status = page.locator(".sitting-item [data-part=status]")
    expect(status).to_contain_text("We hear nothing yet", timeout=8000)
    page.evaluate(
        """() => { const { watch } = document.querySelector("opic-sitting").item.capture;
        watch.source.connect(watch.analyser); }"""
    )
    expect(status).to_contain_text("Recording. Speak now.", timeout=8000)


def test_no_policy_is_broken_from_the_survey_to_a_take(open_page):
    page = open_page()
    lines = []
    page.on("console", lambda line: lines.append(line.text))
    sign_up(page)
    page.goto("/exams/survey/")
    page.get_by_text("Take a ready set of answers").click()
    page.locator("form.preset button").first.click()
    for part in (1, 2, 3, 4):
        page.goto(f"/exams/survey/{part}/")
        for number in range(min(3, page.locator("main label:visible").count())):
            page.locator("main label:visible").nth(number).click()
            page.wait_for_load_state("networkidle")
    page.goto("/practice/stories/")
    page.locator("main summary:visible").first.click()
    page.goto("/practice/start/")
    page.get_by_text("My notes").click()
    page.get_by_text("Write down a story").click()
    page.get_by_label("Which story?").fill("The lost umbrella")
    page.get_by_label(re.compile("Keywords")).fill("rain\nbus 42")
    page.locator("#stories").get_by_role("button", name="Save").last.click()
    expect(page.locator("#stories article")).to_contain_text("bus 42")
    record(page, 4)
    submit(page)
    expect_result(page)
    broken = [line for line in lines if re.search(r"Content.Security.Policy|inline", line)]
    assert broken == []
