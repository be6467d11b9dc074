"""What goes wrong while someone speaks: nothing that was said is lost, and the page says what
it does.
"""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    PASSWORD,
    answers_of,
    button,
    drop_session,
    end_devices,
    expect_result,
    record,
    sign_up,
    submit,
    wait_for_answer,
)

STATE = "data-state"


def recorder(page):
    return page.locator("opic-recorder")


def notice(page):
    return page.locator("opic-recorder [data-part=notice]")


def outbox_rows(page):
    """How many answers and chunks lie in the browser's own store."""
    return page.evaluate(
        """async () => {
          const counts = {};
          for (const { name } of await indexedDB.databases()) {
            const base = await new Promise((done) => {
              const request = indexedDB.open(name);
              request.onsuccess = () => done(request.result);
            });
            for (const store of base.objectStoreNames) {
              counts[store] = await new Promise((done) => {
                const request = base.transaction(store).objectStore(store).count();
                request.onsuccess = () => done(request.result);
              });
            }
            base.close();
          }
          return counts;
        }"""
    )


def test_chunks_are_on_the_device_as_they_come_and_a_reload_keeps_them(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(5000)
    assert sum(outbox_rows(page).values()) >= 4
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    expect(notice(page)).to_contain_text("from before")
    submit(page)
    expect_result(page)
    assert answers_of(product, email)[0][1] >= 3800


def test_aborted_three_times_with_reloads_it_arrives_once(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 5)
    shown = []
    page.route("**/takes/", lambda route: route.abort())
    for _ in range(3):
        if recorder(page).get_attribute(STATE) == "recorded":
            button(page, "Submit").click()
        page.wait_for_timeout(700)
        shown.append(page.locator("opic-recorder [data-part=status]").inner_text())
        page.reload()
        page.wait_for_timeout(500)
    assert not any("Saved" in text for text in shown)
    assert any("waits on this device" in text for text in shown)
    assert not answers_of(product, email)
    page.unroute("**/takes/")
    page.reload()
    expect_result(page)
    page.wait_for_timeout(500)
    answers = answers_of(product, email)
    assert len(answers) == 1
    assert 4500 <= answers[0][1] <= 5900
    assert sum(outbox_rows(page).values()) == 0


def test_offline_it_waits_and_goes_by_itself(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 3)
    page.context.set_offline(True)
    button(page, "Submit").click()
    expect(recorder(page)).to_contain_text("1 answer waits on this device")
    expect(page.locator("opic-outbox")).to_be_visible()
    assert not answers_of(product, email)
    page.context.set_offline(False)
    expect(recorder(page)).to_have_attribute(STATE, "saved")
    expect(page.locator("opic-outbox")).to_be_hidden()
    assert len(answers_of(product, email)) == 1


def test_saved_is_said_only_after_the_server_decoded_it(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    reply = '{"status":"refused","code":"unreadable","message":"No sound here.","keep":false}'
    page.route("**/takes/", lambda route: route.fulfill(status=422, body=reply))
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "failed")
    expect(notice(page)).to_contain_text("No sound here.")
    assert "Saved" not in recorder(page).inner_text()
    assert not answers_of(product, email)


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


def test_a_quiet_room_is_told_only_on_stop(open_page):
    page = open_page("room")
    sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(4000)
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
    ("fault", "says"),
    [
        ("NotReadableError", "Another program is using"),
        ("OverconstrainedError", "cannot do what we asked"),
        ("SecurityError", "settings forbid"),
    ],
)
def test_other_microphone_faults_have_their_own_help(open_page, fault, says):
    page = open_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        f" throw new DOMException('', '{fault}'); }};"
    )
    sign_up(page)
    button(page, "Record").click()
    expect(notice(page)).to_contain_text(says)


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
    page.wait_for_timeout(2500)
    expect(page.locator("[data-part=clock]")).to_have_text("0:00")
    page.evaluate("allow()")
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(1500)
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
    page.wait_for_timeout(4000)
    spoken = page.evaluate("performance.now()") - begun
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    assert answers_of(product, email)[0][1] >= spoken - 150


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
    page.wait_for_timeout(3000)
    page.evaluate("tracks.at(-1).stop()")  # fires no event
    expect(notice(page)).to_contain_text("What you said is kept", timeout=3500)
    button(page, "Resume").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(3000)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, segments, _partial) = answers_of(product, email)[0]
    assert segments == 2
    assert length_ms >= 5000


def test_pause_and_resume_are_one_answer_without_the_pause(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(2500)
    button(page, "Pause").click()
    page.wait_for_timeout(2000)
    button(page, "Resume").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(2500)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    assert 4300 <= answers_of(product, email)[0][1] <= 6400


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
    assert answers_of(product, email)[0][1] > 2500


def test_webkit_is_asked_for_mp4_first_even_if_it_claims_webm(open_page):
    safari = (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
        " (KHTML, like Gecko) Version/18.4 Safari/605.1.15"
    )
    page = open_page(user_agent=safari)
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
    preview.evaluate("(audio) => { audio.currentTime = 2.5; }")
    page.wait_for_timeout(300)
    assert 2.3 < preview.evaluate("(audio) => audio.currentTime") < 2.9
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
        page.wait_for_timeout(250)
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
    page.wait_for_timeout(300)
    assert page.evaluate("locks") == ["asked", "released"]


def test_nothing_in_the_save_path_waits_for_animation_frames(open_page, product):
    page = open_page()
    page.add_init_script("window.requestAnimationFrame = () => 0;")
    email = sign_up(page)
    record(page, 2)
    submit(page)
    expect_result(page)
    assert len(answers_of(product, email)) == 1


def test_leaving_while_sending_loses_nothing(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 3)
    page.route("**/takes/", lambda route: page.wait_for_timeout(1) or route.abort())
    button(page, "Submit").click()
    page.wait_for_timeout(100)
    page.goto("/practice/")
    page.unroute("**/takes/")
    page.reload()
    wait_for_answer(page, product, email)


def test_without_room_on_the_device_the_answer_still_arrives_and_it_is_told(open_page, product):
    page = open_page()
    email = sign_up(page)
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": product.url, "quotaSize": 20_000})
    record(page, 6)
    expect(notice(page)).to_contain_text(re.compile("room left|only in this page"))
    submit(page)
    expect_result(page)
    assert answers_of(product, email)[0][1] > 5000


def test_a_lost_session_does_not_lose_the_answer(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    page.wait_for_timeout(2000)
    drop_session(page, product)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    page.wait_for_timeout(1000)
    assert len(answers_of(product, email)) == 1
    expect(page.locator("#toasts")).to_contain_text("signed out")


def sign_in(page, email):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form").first.get_by_role("button").first.click()
    expect(page.get_by_role("link", name="Practice", exact=True)).to_be_visible()


def sign_out(page):
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()


def test_signed_out_and_in_again_in_another_tab_the_first_still_submits(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    other = page.context.new_page()
    other.goto("/practice/")
    end_devices(product, email)
    other.context.clear_cookies()
    sign_in(other, email)
    page.bring_to_front()
    submit(page)
    expect_result(page)
    assert len(answers_of(product, email)) == 1


def test_signing_out_with_an_unsent_answer_asks_first(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    page.route("**/takes/", lambda route: route.abort())
    button(page, "Submit").click()
    expect(recorder(page)).to_contain_text("waits on this device")
    sign_out(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("only on this device")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    page.unroute("**/takes/")
    sign_out(page)
    page.get_by_role("button", name="Send, then sign out").click()
    expect(page.get_by_role("link", name="Start speaking").first).to_be_visible()
    assert len(answers_of(product, email)) == 1


def test_another_person_on_this_device_neither_sees_nor_sends_it(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    page.route("**/takes/", lambda route: route.abort())
    button(page, "Submit").click()
    expect(recorder(page)).to_contain_text("waits on this device")
    end_devices(product, email)
    page.context.clear_cookies()
    page.unroute("**/takes/")
    other = sign_up(page)
    expect(page.locator("opic-outbox")).to_be_hidden()
    page.wait_for_timeout(2500)
    assert not answers_of(product, other)
    assert not answers_of(product, email)
    page.context.clear_cookies()
    sign_in(page, email)
    page.goto("/practice/")
    wait_for_answer(page, product, email)


def test_after_signing_out_back_shows_nothing_of_mine(open_page):
    page = open_page()
    email = sign_up(page)
    page.goto("/accounts/settings/")
    expect(page.locator("main")).to_contain_text("Settings")
    sign_out(page)
    expect(page.get_by_role("link", name="Start speaking").first).to_be_visible()
    page.go_back()
    page.wait_for_timeout(500)
    assert email not in page.content()
    assert page.evaluate("localStorage.getItem('htmx-history-cache')") is None


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


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_busy_server_is_tried_again_by_itself(open_page, product, status):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    left = [1]

    def once(route):
        if left:
            left.pop()
            return route.fulfill(status=status, body="busy")
        return route.continue_()

    page.route("**/takes/", once)
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "saved", timeout=30_000)
    assert len(answers_of(product, email)) == 1


def test_a_device_waits_as_long_as_a_busy_server_asks(open_page, product):
    """503 with words and Retry-After: the bytes stay, nothing is offered to be thrown away."""
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    tries = []
    told = {"status": "refused", "code": "busy", "message": "A lot to do.", "keep": True}

    def first_busy(route):
        if route.request.method != "POST":  # the list of takes has the same address
            return route.continue_()
        tries.append(time.monotonic())
        if len(tries) > 1:
            return route.continue_()
        body = json.dumps({**told, "retry_after": 7})
        headers = {"Retry-After": "7", "Content-Type": "application/json"}
        return route.fulfill(status=503, body=body, headers=headers)

    page.route("**/takes/", first_busy)
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "sending")
    assert sum(outbox_rows(page).values()) > 0
    expect(recorder(page)).to_have_attribute(STATE, "saved", timeout=40_000)
    # its own first wait is two seconds
    assert tries[1] - tries[0] >= 6.5
    assert len(tries) == 2
    assert len(answers_of(product, email)) == 1
