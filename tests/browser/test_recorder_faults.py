"""Recorders that give no bytes, muted while paused, and a store that never answers."""

from playwright.sync_api import expect

from tests.browser.people import (
    button,
    expect_result,
    record,
    responses_of,
    sign_up,
    submit,
    talk_for,
    wait_until,
)
from tests.browser.recording import SAFARI, STATE, notice, recorder
from tests.browser.sittings import ONE_MICROPHONE

# `barren`: recorders of these types start, run and end, and never give a byte or an error
STUB = """
window.asked = [];
window.barren = [];
const Real = MediaRecorder;
window.MediaRecorder = class extends Real {
  #isBarren;
  constructor(stream, options) {
    super(stream, options);
    asked.push(options.mimeType);
    this.#isBarren = barren.includes(options.mimeType);
  }
  set ondataavailable(listener) {
    super.ondataavailable = this.#isBarren ? null : listener;
  }
};
"""
ALL_TYPES = """
barren = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4", "audio/mp4;codecs=opus",
  "audio/ogg;codecs=opus"];
"""
FIRST_TYPE = 'barren = ["audio/webm;codecs=opus"];'


def start(page):
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")


def stop(page):
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")


def test_the_next_type_takes_over_and_is_remembered(open_page, product):
    page = open_page()
    page.add_init_script(STUB + FIRST_TYPE)
    email = sign_up(page)
    start(page)
    expect(notice(page)).to_contain_text("first seconds were not recorded", timeout=6000)
    assert page.evaluate("asked") == ["audio/webm;codecs=opus", "audio/webm"]
    talk_for(page, 3)
    stop(page)
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, segments, is_partial) = responses_of(product, email)[0]
    assert (segments, bool(is_partial)) == (1, False)
    assert 2500 < length_ms < 5000
    for _again in range(2):
        record(page, 1)
        button(page, "Discard").click()
        page.reload()
    assert not notice(page).is_visible()
    record(page, 1)
    assert page.evaluate("asked") == ["audio/webm"]


def test_a_pause_counts_for_nothing(open_page):
    page = open_page()
    page.add_init_script(STUB + FIRST_TYPE)
    sign_up(page)
    start(page)
    talk_for(page, 0.5)
    button(page, "Pause").click()
    page.wait_for_timeout(5000)  # longer than a recorder may give nothing
    assert page.evaluate("asked.length") == 1
    button(page, "Resume").click()
    wait_until(page, lambda: page.evaluate("asked.length") == 2, 6)


def test_where_no_type_gives_anything_one_is_told(open_page):
    page = open_page()
    page.add_init_script(STUB + ALL_TYPES)
    sign_up(page)
    start(page)
    expect(notice(page)).to_contain_text("records nothing here", timeout=25_000)
    asked = page.evaluate("asked")
    assert len(asked) == len(set(asked)) > 1
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "failed")
    expect(notice(page)).to_contain_text("Nothing was recorded")


def test_a_short_answer_without_a_byte_makes_the_next_one_try_another_type(open_page):
    page = open_page()
    page.add_init_script(STUB + FIRST_TYPE)
    sign_up(page)
    start(page)
    talk_for(page, 1.5)
    button(page, "Stop").click()
    expect(notice(page)).to_contain_text("Nothing was recorded")
    record(page, 1.5)
    assert page.evaluate("asked") == ["audio/webm;codecs=opus", "audio/webm"]


MUTED_WHILE_PAUSED = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await open(wish);
  const [track] = stream.getTracks();
  let isMuted = false;
  Object.defineProperty(track, "muted", { get: () => isMuted });
  window.mute = (is) => { isMuted = is; track.dispatchEvent(new Event(is ? "mute" : "unmute")); };
  return stream;
};
for (const [name, is] of [["pause", true], ["resume", false]]) {
  const real = MediaRecorder.prototype[name];
  MediaRecorder.prototype[name] = function () { real.call(this); mute(is); };
}
"""


def test_a_browser_that_mutes_while_paused_has_lost_nothing(open_page, product):
    page = open_page()
    page.add_init_script(MUTED_WHILE_PAUSED)
    email = sign_up(page)
    start(page)
    talk_for(page, 2)
    button(page, "Pause").click()
    page.wait_for_timeout(2500)  # longer than a mute may last while somebody speaks
    expect(notice(page)).to_be_hidden()
    button(page, "Resume").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 2)
    expect(notice(page)).to_be_hidden()
    page.evaluate("mute(true)")
    expect(notice(page)).to_contain_text("was muted by the device")
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, segments, is_partial) = responses_of(product, email)[0]
    assert (segments, bool(is_partial)) == (1, False)
    assert length_ms > 3500


def test_webkit_goes_on_in_a_segment_of_its_own_with_the_same_microphone(open_page, product):
    page = open_page(user_agent=SAFARI)
    page.add_init_script(ONE_MICROPHONE)
    email = sign_up(page)
    start(page)
    for _pause in range(2):
        talk_for(page, 2)
        button(page, "Pause").click()
        page.wait_for_timeout(2500)  # longer than a lost microphone takes to be noticed
        expect(recorder(page)).to_have_attribute(STATE, "paused")
        expect(notice(page)).to_be_hidden()
        button(page, "Resume").click()
        expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 2)
    button(page, "Pause").click()
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    assert page.evaluate("__microphones") == 1
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, segments, is_partial) = responses_of(product, email)[0]
    assert (segments, bool(is_partial)) == (3, False)
    assert 5200 < length_ms < 9000


UNREADABLE = """
window.failures = %s;
const read = Blob.prototype.arrayBuffer;
Blob.prototype.arrayBuffer = function () {
  const isChunk = this.type.startsWith("audio/");
  return isChunk && failures.shift() ? Promise.reject(new Error("unreadable")) : read.call(this);
};
"""


def test_bytes_that_are_read_at_the_second_try_only_are_not_lost(open_page, product):
    page = open_page()
    page.add_init_script(UNREADABLE % "[false, true, false, false]")
    email = sign_up(page)
    record(page, 3)
    submit(page)
    expect_result(page)
    (_status, length_ms, _voiced, _segments, is_partial) = responses_of(product, email)[0]
    assert (length_ms > 2500, bool(is_partial)) == (True, False)


def test_bytes_that_cannot_be_read_do_not_keep_stop_from_ending(open_page, product):
    page = open_page()
    page.add_init_script(UNREADABLE % "[false, false, true, true]")
    email = sign_up(page)
    record(page, 4)
    page.evaluate("failures.length = 0")
    button(page, "Submit").click()
    expect(notice(page)).to_contain_text("Press Submit to keep what arrived", timeout=30_000)
    submit(page)
    assert bool(responses_of(product, email)[0][4])


# a transaction over the same stores that does not end: what comes after it waits
STUCK_STORE = """async () => {
  window.isStuck = true;
  const db = await new Promise((done) => {
    const opening = indexedDB.open("opic-outbox");
    opening.onsuccess = () => done(opening.result);
  });
  const lease = db.transaction([...db.objectStoreNames], "readwrite").objectStore("lease");
  const go = () => window.isStuck && (lease.get(1).onsuccess = go);
  go();
}"""


def test_a_store_that_never_answers_holds_nothing_up(open_page, product):
    page = open_page()
    email = sign_up(page)
    start(page)
    page.evaluate(STUCK_STORE)
    talk_for(page, 3)
    button(page, "Stop").click()
    expect(notice(page)).to_contain_text("only in this page", timeout=20_000)
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "saved", timeout=20_000)
    page.evaluate("window.isStuck = false")
    expect_result(page)
    wait_until(page, lambda: len(responses_of(product, email)) == 1)
    (_status, length_ms, _voiced, segments, is_partial) = responses_of(product, email)[0]
    assert length_ms > 2500
    assert (segments, bool(is_partial)) == (1, False)
    record(page, 1)
    expect(notice(page)).to_be_hidden()
