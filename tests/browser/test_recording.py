"""What goes wrong while someone speaks: the microphone, the browser, the page; and what it says."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    button,
    expect_result,
    record,
    responses_of,
    sign_up,
    submit,
    talk_for,
)
from tests.browser.recording import SAFARI, STATE, notice, outbox_rows, recorder


def test_digital_silence_is_told_within_three_seconds_and_again_on_stop(open_page):
    page = open_page("silence")
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    expect(notice(page)).to_contain_text("No sound at all", timeout=4500)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    expect(notice(page)).to_contain_text("could not hear you")
    submit(page)
    expect_result(page, "unratable")
    expect(page.locator("#response-rating")).to_contain_text("could not hear speech")


def test_a_quiet_room_is_told_at_once_and_on_stop(open_page):
    page = open_page("room")
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    expect(recorder(page).get_by_role("status")).to_contain_text("We hear nothing yet")
    expect(notice(page)).to_be_hidden()
    button(page, "Stop").click()
    expect(notice(page)).to_contain_text(re.compile("quiet|hear"))


def test_permission_refused_has_its_own_help_and_a_way_on(open_page):
    page = open_page("none", "--use-fake-device-for-media-stream", "--deny-permission-prompts")
    sign_up(page)
    button(page, "Record").click()
    expect(notice(page)).to_contain_text("does not let this page use the microphone")
    expect(button(page, "Record")).to_be_enabled()


def test_no_microphone_has_its_own_help(open_page):
    page = open_page("none", "--use-fake-ui-for-media-stream")
    sign_up(page)
    button(page, "Record").click()
    expect(notice(page)).to_contain_text("No microphone was found")
    expect(button(page, "Record")).to_be_enabled()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("NotReadableError", "Another program is using"),
        ("OverconstrainedError", "cannot do what we asked"),
        ("SecurityError", "settings forbid"),
    ],
)
def test_other_microphone_faults_have_their_own_help(open_page, error, message):
    page = open_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        f" throw new DOMException('', '{error}'); }};"
    )
    sign_up(page)
    button(page, "Record").click()
    expect(notice(page)).to_contain_text(message)


def test_no_clock_runs_while_the_browser_asks_for_the_microphone(open_page):
    page = open_page()
    page.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
          await new Promise((answer) => { window.allow = answer; });
          return ask(wanted);
        };"""
    )
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "asking")
    expect(page.locator("opic-recorder [role=status]")).to_contain_text("Waiting for the micro")
    page.wait_for_timeout(2500)  # time that passes is what the clock must not count
    expect(page.locator("[data-part=clock]")).to_have_text("0:00")
    page.evaluate("allow()")
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    expect(page.locator("[data-part=clock]")).to_have_text(re.compile("0:0[12]"))


def test_an_insecure_page_says_so(open_page):
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
        "Object.defineProperty(globalThis, 'isSecureContext', { value: false });"
    )
    sign_up(page)
    button(page, "Record").click()
    expect(notice(page)).to_contain_text("https")


def test_the_cue_comes_after_the_recorder_started(open_page):
    page = open_page()
    page.add_init_script(
        """window.order = [];
        const start = MediaRecorder.prototype.start;
        MediaRecorder.prototype.start = function (...args) {
          this.addEventListener("start", () => order.push("started"));
          return start.apply(this, args);
        };
        document.addEventListener("recorder:state", ({ detail }) => order.push(detail.state));"""
    )
    sign_up(page)
    record(page, 2)
    order = page.evaluate("order")
    assert order.index("started") < order.index("recording")


def test_the_last_word_is_kept(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    begun = page.evaluate("performance.now()")
    talk_for(page, 4)
    spoken = page.evaluate("performance.now()") - begun
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    assert responses_of(product, email)[0][1] >= spoken - 150


TRACK = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.tracks = [];
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await open(wish);
  window.tracks.push(...stream.getTracks());
  return stream;
};
"""


def test_a_lost_microphone_is_told_and_a_second_segment_joins(open_page, product):
    page = open_page()
    page.add_init_script(TRACK)
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 3)
    page.evaluate("tracks.at(-1).stop()")  # fires no event
    expect(notice(page)).to_contain_text("What you said is kept", timeout=3500)
    button(page, "Resume").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 3)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, segments, _partial) = responses_of(product, email)[0]
    assert segments == 2
    assert length_ms >= 5000


def test_pause_and_resume_are_one_answer_without_the_pause(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 2.5)
    button(page, "Pause").click()
    page.wait_for_timeout(2000)  # the pause's own length, which must not count
    button(page, "Resume").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 2.5)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    assert 4300 <= responses_of(product, email)[0][1] <= 6400


def test_only_mp4_still_records_uploads_and_plays(open_page, product):
    page = open_page()
    page.add_init_script(
        """const supported = MediaRecorder.isTypeSupported.bind(MediaRecorder);
        MediaRecorder.isTypeSupported = (type) => /mp4/.test(type) && supported(type);
        window.mimes = [];
        const start = MediaRecorder.prototype.start;
        MediaRecorder.prototype.start = function (...args) {
          mimes.push(this.mimeType); return start.apply(this, args);
        };"""
    )
    email = sign_up(page)
    record(page, 3)
    assert all("mp4" in mime for mime in page.evaluate("mimes"))
    submit(page)
    expect_result(page)
    assert responses_of(product, email)[0][1] > 2500


def test_webkit_is_asked_for_mp4_first_even_if_it_claims_webm(open_page):
    page = open_page(user_agent=SAFARI)
    page.add_init_script(
        """window.asked = [];
        window.MediaRecorder = class extends MediaRecorder {
          constructor(stream, options) { asked.push(options.mimeType); super(stream, options); }
        };
        const supported = MediaRecorder.isTypeSupported.bind(MediaRecorder);
        MediaRecorder.isTypeSupported = (type) => /webm/.test(type) || supported(type);"""
    )
    sign_up(page)
    record(page, 1)
    assert page.evaluate("asked")[0].startswith("audio/mp4")


def test_the_preview_has_a_real_length_and_seeks(open_page):
    page = open_page()
    sign_up(page)
    record(page, 4)
    expect(button(page, "Listen")).to_be_enabled()
    preview = page.locator("opic-recorder [data-part=preview]")
    length = preview.evaluate("(audio) => audio.duration")
    assert 3.5 < length < 5.5
    place = preview.evaluate(
        "(audio) => new Promise((done) => {"
        " audio.onseeked = () => done(audio.currentTime); audio.currentTime = 2.5; })"
    )
    assert 2.3 < place < 2.9
    assert not re.search(r"Infinity|NaN", page.locator("main").inner_text())


def test_the_stored_sound_seeks_too(open_page):
    page = open_page()
    sign_up(page)
    record(page, 5)
    submit(page)
    expect_result(page)
    sound = page.locator(".take audio")
    # in one go: the list of takes may be swapped for a fresher one in between
    place, length = sound.evaluate(
        "(audio) => new Promise((done) => {"
        " audio.onseeked = () => done([audio.currentTime, audio.duration]);"
        " audio.onloadedmetadata = () => { audio.currentTime = 3; };"
        " audio.preload = 'auto'; audio.load(); })"
    )
    assert place == 3
    assert 4 < length < 7


def test_many_recordings_in_a_row_leave_no_track_behind(open_page):
    page = open_page()
    page.add_init_script(
        TRACK
        + """window.contexts = 0;
        window.AudioContext = class extends AudioContext {
          constructor() { super(); contexts += 1; }
        };
        """
    )
    sign_up(page)
    for _ in range(30):
        button(page, "Record").click()
        expect(recorder(page)).to_have_attribute(STATE, "recording")
        talk_for(page, 0.25)
        button(page, "Stop").click()
        expect(recorder(page)).to_have_attribute(STATE, "recorded")
        button(page, "Discard").click()
        expect(recorder(page)).to_have_attribute(STATE, "idle")
        assert page.evaluate("tracks.every((track) => track.readyState === 'ended')")
    assert page.evaluate("contexts") == 1
    assert sum(outbox_rows(page).values()) == 0


def test_the_screen_is_kept_on_while_recording_and_let_go(open_page):
    page = open_page()
    page.add_init_script(
        """window.locks = [];
        navigator.wakeLock.request = async () => {
          locks.push("asked");
          return { release: async () => locks.push("released"), addEventListener() {} };
        };"""
    )
    sign_up(page)
    record(page, 1.5)
    page.wait_for_function("() => locks.length === 2")
    assert page.evaluate("locks") == ["asked", "released"]
