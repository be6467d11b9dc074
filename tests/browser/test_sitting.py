"""Whole tests, sat with a fake microphone: the network, the session and the server go away."""

import itertools
import json
import re
import threading

import pytest
from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.people import PASSWORD, button, drop_session, talk_for, wait_until
from tests.browser.sittings import (
    begin,
    expect_handed_in,
    expect_question,
    items_of,
    respond,
    speak,
)
from tests.openai_compatible.transcription import FakeTranscription, written
from tests.soak.kills import Journey

THINGS = (
    "garden river market school kitchen mountain station library museum window"
    " airport bakery stadium village harbor castle bridge temple"
)


class ADifferentThingEachTime:
    """Hears one sentence for each recording: a thing of `THINGS` that no other one has."""

    def __init__(self):
        self.count, self.lock = itertools.count(), threading.Lock()

    def __call__(self, call):
        with self.lock:
            thing = THINGS.split()[next(self.count)]
        return written(f"Last week I went to the {thing} with my friends.")(call)


@pytest.fixture
def hearing_exam(tmp_path, exam_folder):
    """A copy whose release a test may swap; it hears, by a server of the site's own."""
    hears = ADifferentThingEachTime()
    with FakeTranscription(hears, hears) as ears:
        settings = {
            "OPIC_EARS": "openai",
            "OPIC_EARS_URL": f"{ears.url}/v1",
            "OPIC_EARS_MODEL": ears.model,
            "OPIC_EARS_KEY": ears.key,
            "OPIC_LLM_OWN": "1",
        }
        with sittings.quick_exams(tmp_path / "product", exam_folder, **settings) as product:
            yield product


def release(product):
    """Another version of every script: new hashed names, the old files gone; then a restart."""
    product.stop()
    folder = product.folder / "static"
    manifest = json.loads((folder / "staticfiles.json").read_text())
    for name, hashed in manifest["paths"].items():
        if name.startswith("js/"):
            fresh = re.sub(r"\.[0-9a-f]{12}\.js$", ".fedcba987654.js", hashed)
            (folder / fresh).write_bytes((folder / hashed).read_bytes())
            for old in folder.glob(f"{hashed}*"):
                old.unlink()
            manifest["paths"][name] = fresh
    (folder / "staticfiles.json").write_text(json.dumps(manifest))
    product.start()


def lose_session(page, product, email):
    """The session row goes while the person speaks; they sign in again in another tab."""
    speak(page, 2.5)
    expect(button(page, "Next")).to_be_enabled()
    # not before: a sign of life that is sent meanwhile would open the dialog over Play
    drop_session(page, product)
    button(page, "Next").click()
    dialog = page.get_by_role("dialog", name="You were signed out")
    expect(dialog).to_be_visible()
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    button(tab, "Sign in").click()
    expect(tab.get_by_role("heading", name=re.compile("Hello"))).to_be_visible()
    tab.close()
    expect(dialog).to_be_hidden(timeout=20_000)


def expect_words_of_each(page, product, email):
    """The report of the page shows of each of the fifteen answers what was heard in it."""
    wait_until(page, lambda: {row[1] for row in items_of(product, email)} == {"measured"}, 60)
    page.reload()
    report = page.locator("#attempt-result")
    expect(report.get_by_role("heading", name="Every question")).to_be_visible(timeout=20_000)
    heard = re.findall(r"went to the (\w+) with", report.inner_text())
    assert len(heard) == len(set(heard)) == 15
    expect(report.locator(".ladder")).to_have_count(0)
    expect(report.locator(".report-questions tbody tr")).to_have_count(15)
    expect(report.locator(".next-steps li")).to_have_count(3)
    # each answer has a page of its own, with the same words
    own = page.locator("#item-4 .quote").first.inner_text()
    page.locator("#about-4").click()
    page.locator("#answer-4").click()
    expect(page.locator("#response-transcript")).to_have_text(own.strip("“”"), use_inner_text=True)


def test_fifteen_answers_outlive_a_gap_a_lost_session_and_a_release(open_page, hearing_exam):
    exam = hearing_exam
    page = open_page(base_url=exam.url)
    loads = []
    email = sittings.set_up(page)
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    begin(page)
    for number in range(1, 8):
        expect_question(page, number)
        if number == 2:
            page.context.set_offline(True)  # three whole questions
        if number == 5:
            page.context.set_offline(False)
        if number == 6:
            lose_session(page, exam, email)
        else:
            respond(page, 2.5 + number / 10)
    sittings.readjust(page)
    for number in range(8, 16):
        expect_question(page, number)
        if number == 10:
            release(exam)
        respond(page, 2.5 + number / 10)
    assert page.evaluate("window.__microphones") == 1
    assert loads == []
    expect_handed_in(page)
    rows = items_of(exam, email)
    assert [row[0] for row in rows] == list(range(1, 16))
    for number, _status, length, is_late, is_skipped, _twice in rows:
        least = 1000 if number == 6 else 2500 + 100 * number
        assert least - 300 < length < least + 2500, number
        assert (bool(is_late), bool(is_skipped)) == (False, False)
    expect_words_of_each(page, exam, email)


def test_a_reload_and_a_killed_browser_come_back_to_the_same_question(
    exam, playwright, sounds, tmp_path
):
    journey = Journey(exam, playwright, tmp_path / "profile", sounds["speech"], seed=2)
    page = journey.open_browser()
    page.on("dialog", lambda dialog: dialog.accept())
    email = sittings.set_up(page, step=1)
    begin(page)
    address = page.url
    respond(page)
    expect_question(page, 2)
    speak(page, 3)
    page.reload()  # in the middle of an answer
    button(page, "Go on with the test").click()
    expect_question(page, 2)
    expect(page.get_by_text("What you said before the break is kept")).to_be_visible()
    respond(page, 2)
    expect_question(page, 3)
    speak(page, 3)
    journey.kill()
    page = journey.open_browser()
    page.goto(address)
    sign_in_if_asked_at(page, email, address)
    button(page, "Go on with the test").click()
    expect_question(page, 3)
    respond(page, 2)
    expect_question(page, 4)
    page.get_by_text("Leave early").click()
    button(page, "Hand in now").click()
    expect_handed_in(page)
    rows = {row[0]: row for row in items_of(exam, email)}
    assert rows[2][2] > 3000 + 2000 - 1600  # both pieces, but for the chunk that was being said
    assert rows[3][2] > 2000
    assert rows[4][1] is None
    journey.context.close()


def sign_in_if_asked_at(page, email, address):
    """A browser killed soon after sign-in may not have written its cookies to the disk."""
    if "/accounts/login/" in page.url:
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        button(page, "Sign in").click()
        page.goto(address)


def test_twelve_answers_where_the_browser_only_has_mp4(open_page, exam):
    page = open_page(base_url=exam.url)
    page.add_init_script(
        """const supported = MediaRecorder.isTypeSupported.bind(MediaRecorder);
        MediaRecorder.isTypeSupported = (type) => /mp4/.test(type) && supported(type);"""
    )
    email = sittings.set_up(page, step=2)
    begin(page)
    for number in range(1, 13):
        if number == 8:
            sittings.readjust(page)
        expect_question(page, number)
        respond(page, 1.2)
    expect_handed_in(page)
    rows = items_of(exam, email)
    assert len(rows) == 12
    assert all(row[2] > 1000 for row in rows)


def test_the_last_answer_is_kept_when_the_time_ends_in_it(open_page, tmp_path, exam_folder):
    short = {"OPIC_EXAM_SECONDS": "14"}
    with sittings.quick_exams(tmp_path / "product", exam_folder, **short) as product:
        page = open_page(base_url=product.url)
        email = sittings.set_up(page)
        begin(page)
        respond(page)
        expect_question(page, 2)
        speak(page, 1)
        expect_handed_in(page)  # by itself
        rows = items_of(product, email)
        assert [row[2] is not None for row in rows] == [True, True] + [False] * 5
        assert rows[1][2] > 3000
        assert not rows[1][3]
        expect(page.get_by_text("the time ran out")).to_be_visible()
        page.context.close()


def test_a_replay_in_time_starts_the_answer_anew(open_page, exam):
    page = open_page(base_url=exam.url)
    email = sittings.set_up(page)
    begin(page)
    speak(page, 0.3)
    button(page, "Play again").click()
    expect(page.locator("opic-sitting")).to_have_attribute("data-state", "recording")
    expect(button(page, "Play again")).to_be_hidden()  # once only
    talk_for(page, 1.5)
    button(page, "Next").click()
    expect_question(page, 2)
    speak(page, 1.6)
    expect(button(page, "Play again")).to_be_hidden()  # the window is over
    page.get_by_text("Leave early").click()
    button(page, "Hand in now").click()
    expect_handed_in(page)
    rows = items_of(exam, email)
    assert bool(rows[0][5])
    assert not rows[1][5]
    assert rows[0][2] < 3500  # only what was said after the replay


def test_a_report_prints_on_two_pages_and_can_be_read_without_a_mouse(open_page, exam):
    page = open_page(base_url=exam.url)
    email = sittings.sign_up(page)
    exam.python(sittings.RATED_SITTING.format(email=email))
    page.goto("/exams/")
    page.locator("ul.rows a").first.click()
    report = page.locator("#attempt-result")
    expect(report).to_have_attribute("data-complete", "yes")
    expect(
        report.get_by_role("heading", name=re.compile("What would make IH certain"))
    ).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
    question = page.locator("#item-4 summary")
    question.focus()
    page.keyboard.press("Enter")
    sound = page.locator("#item-4 audio")
    expect(sound).to_be_visible()
    # while answers are rated the report comes anew every few seconds, under one who reads it
    sound.evaluate("(audio) => { audio.loop = true; }")
    page.evaluate("window.__report = document.querySelector('#attempt-result')")
    page.evaluate(
        "(at) => htmx.ajax('GET', at, { target: '#attempt-result', swap: 'outerHTML' })",
        page.url + "result/",
    )
    page.wait_for_function("() => !__report.isConnected")
    expect(sound).to_be_visible()
    expect(question).to_be_focused()
    assert sound.evaluate("(audio) => audio.loop")  # the same one, and not stopped


def test_the_clock_is_the_server_s_and_the_device_s_own_does_not_matter(open_page, exam):
    page = open_page(base_url=exam.url)
    page.add_init_script("const now = Date.now; Date.now = () => now() + 300_000;")
    sittings.set_up(page)
    page.clock.install()
    pass_quickly = page.clock
    begin(page)
    before = clock(page)
    assert 2390 < before <= 2400
    pass_quickly.fast_forward(60_000)
    wait_until(page, lambda: before - clock(page) >= 55)
    assert before - clock(page) <= 70


def clock(page):
    minutes, seconds = page.locator("opic-exam-timer").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def wait_for_end(request):
    """Until its reply is there, or until the page has ended it."""
    if reply := request.response():
        reply.finished()


def test_next_goes_on_while_an_answer_of_the_survey_is_still_on_its_way(open_page, product):
    page = open_page()
    sittings.sign_up(page)
    page.goto("/exams/survey/1/")
    held = []
    page.route("**/exams/survey/1/", lambda route: held.append(route))
    page.get_by_label("I have not worked yet").press("Space")
    wait_until(page, lambda: len(held) == 1)
    button(page, "Next").press("Enter")
    wait_until(page, lambda: len(held) == 2)
    picked, on = held
    assert "again=" in picked.request.post_data
    assert "again=" not in on.request.post_data
    picked.continue_()
    wait_for_end(picked.request)
    on.continue_()
    heading = page.get_by_role("heading", name="Part 2 of 4")
    expect(heading).to_be_visible()
    expect(heading).to_be_focused()


def test_a_question_that_hangs_on_an_answer_leaves_the_finger_and_the_focus_where_they_are(
    open_page, product
):
    page = open_page()
    sittings.sign_up(page)
    page.goto("/exams/survey/1/")
    page.evaluate("window.__next = document.querySelector('#survey-part [type=submit]')")
    page.get_by_label("Teaching").press("Space")
    expect(page.locator("#survey-part fieldset")).to_have_count(3)
    expect(page.get_by_label("Teaching")).to_be_focused()
    assert page.evaluate("__next.isConnected")  # a press that has begun still ends on it
    button(page, "Next").click()  # two are not answered
    expect(page.get_by_role("alert")).to_be_focused()
    held = []
    page.route("**/exams/survey/1/", lambda route: held.append(route))
    page.get_by_label("I have not worked yet").check()
    page.get_by_label("A company or a business").check()
    wait_until(page, lambda: len(held) == 2)
    older, newer = held
    older.continue_()
    wait_for_end(older.request)
    newer.continue_()
    wait_for_end(newer.request)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("A company or a business")).to_be_checked()
    expect(page.locator("#survey-part fieldset")).to_have_count(2)


def test_the_whole_orientation_goes_by_keyboard_and_back_is_a_plain_address(open_page, product):
    page = open_page()
    sittings.sign_up(page)
    page.goto("/exams/survey/1/")
    page.get_by_label("I have not worked yet").press("Space")
    button(page, "Next").press("Enter")
    expect(page.get_by_role("heading", name="Part 2 of 4")).to_be_visible()
    page.get_by_role("radio", name="No", exact=True).press("Space")
    expect(page.get_by_text("What was your last course?")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Part 1 of 4")).to_be_visible()
    expect(page.get_by_label("I have not worked yet")).to_be_checked()
    page.go_forward()
    expect(page.get_by_role("heading", name="Part 2 of 4")).to_be_visible()
    page.goto("/exams/survey/4/")
    expect(button(page, "Next")).to_be_disabled()
    page.get_by_label("I do no sport at all").check()
    page.get_by_label("Golf", exact=True).check()
    expect(page.get_by_label("I do no sport at all")).not_to_be_checked()
    expect(page.locator("opic-survey-count [data-part=count]")).to_have_text("1")
