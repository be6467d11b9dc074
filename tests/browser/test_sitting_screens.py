"""What only a browser shows of a test: places of buttons, waves, lines that do not break."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.people import button
from tests.browser.sittings import begin, expect_question, pass_check, respond, speak

SIZES = ((320, 568), (390, 664), (1280, 800))
LANGUAGES = ("en", "ko", "vi")
# per button of the re-adjustment: whether both its lines are one line high
LINES = """() => [...document.querySelectorAll("[data-do=readjust] .nowrap")].map((line) =>
  line.getClientRects().length)"""
INK = """(stage) => {
  const canvas = document.querySelector(`[data-stage-name="${stage}"] canvas`);
  if (!canvas.width || !canvas.height) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((_, at) => at % 4 === 3).reduce((sum, alpha) => sum + alpha, 0);
}"""


def box(control):
    return control.bounding_box()


def test_on_the_sample_question_every_control_is_the_sample_s(open_page, exam):
    page = open_page(base_url=exam.url)
    sittings.set_up(page, mode="Relaxed")
    pass_check(page)
    expect(page.get_by_text("A question to try: it does not count")).to_be_visible()
    assert page.evaluate(INK, "item") == 0
    expect(page.get_by_text("Leave early")).to_be_hidden()
    expect(button(page, "Pause the test")).to_be_hidden()
    asked = []
    page.on("request", lambda one: asked.append(one.url) if one.method == "POST" else None)
    for summary in page.locator(".sitting-item summary").all():
        if summary.is_visible():
            summary.click()
    speak(page, 0.3)
    if button(page, "Play again").is_visible():
        button(page, "Play again").click()
        expect(page.locator("opic-sitting")).to_have_attribute("data-state", "recording")
    expect(button(page, "Next")).to_be_enabled()
    button(page, "Next").click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    assert [url for url in asked if not url.endswith("/state/")] == []


def test_a_paused_test_says_so_and_go_on_stands_where_play_stood(open_page, exam):
    page = open_page(base_url=exam.url, viewport={"width": 390, "height": 664})
    sittings.set_up(page, mode="Relaxed")
    begin(page)
    play = box(button(page, "Play"))
    button(page, "Pause the test").click()
    go_on = button(page, "Go on")
    expect(go_on).to_be_visible()
    expect(button(page, "Play")).to_be_hidden()
    expect(page.locator(".sitting-item [data-part=status]")).to_have_text(re.compile("^Paused"))
    here = box(go_on)
    assert abs(here["y"] - play["y"]) < 4
    assert here["y"] + here["height"] <= 664
    expect(go_on).to_be_focused()
    go_on.click()
    expect(button(page, "Play")).to_be_visible()
    expect(page.get_by_text("Press Play when you are ready")).to_be_visible()
    respond(page)
    expect_question(page, 2)
    assert page.evaluate(INK, "item") == 0  # what the first one drew is gone


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choices_of_the_re_adjustment_keep_to_their_lines(open_page, exam, language):
    page = open_page(base_url=exam.url)
    sittings.set_up(page, step=4)
    begin(page)
    exam.write("UPDATE exams_attempt SET position = 8 WHERE status = 'in_progress'")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": exam.url}])
    page.reload()
    page.locator("[data-do=back]").click()
    page.locator("[data-do=readjust]").first.wait_for(state="visible")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(LINES) == [1] * 6, (language, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    exam.write("UPDATE exams_attempt SET status = 'abandoned' WHERE status = 'in_progress'")


def test_another_step_with_a_test_open_is_asked_about(open_page, exam):
    page = open_page(base_url=exam.url)
    sittings.set_up(page, step=4)
    page.goto("/exams/new/")
    page.locator('input[name="step"][value="2"]').check()
    button(page, "To the microphone check").click()
    expect(page.get_by_role("heading", name="You have a test open")).to_be_visible()
    button(page, "Give it up and start the new one").click()
    expect(page.get_by_text("Real exam, 12 questions")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_report_without_a_level_fits_and_prints_and_starts_what_it_asks_for(
    open_page, exam, width
):
    page = open_page(base_url=exam.url, viewport={"width": width, "height": 700})
    email = sittings.sign_up(page)
    exam.python(sittings.MEASURED_SITTING.format(email=email))
    page.goto("/exams/")
    expect(page.locator("ul.rows a").first).to_contain_text("finished")
    page.locator("ul.rows a").first.click()
    report = page.locator("#attempt-result")
    expect(report.get_by_role("heading", name="Question by question")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for table in report.locator("table").all():
        wide = table.evaluate("(one) => one.scrollWidth - one.parentElement.clientWidth")
        assert wide <= 0
    expect(report.locator(".report-questions tbody tr")).to_have_count(15)
    expect(report.get_by_text("better than last time")).to_be_visible()
    page.emulate_media(media="print")
    expect(report.locator(".report-questions")).to_be_visible()
    expect(report.locator(".next-steps li")).to_have_count(3)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 3
    page.emulate_media(media="screen")
    page.locator("#next-1").click()
    expect(button(page, "Record")).to_be_visible()
