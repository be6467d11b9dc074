"""A question, an answer with a pause in it, its result, and how it sounds afterwards."""

import uuid

from tests.engines.drivers import Browser
from tests.engines.people import COUNT, do, expect_state, responses_of, talk
from tests.product import Product

PLAYER = "opic-prompt-player"
WAVE = "opic-wave-player"
PLACE = """() => {
  const player = document.querySelector("opic-wave-player");
  // nothing is loaded before it is played: its length is the server's
  const duration = Number(player.getAttribute("seconds"));
  const { currentTime, paused } = player.querySelector("audio");
  return { currentTime, duration, paused };
}"""


def test_the_question_is_heard_to_its_end(browser: Browser, product: Product) -> None:
    browser.goto(f"{product.url}/practice/start/")
    do(browser, "play", PLAYER)
    expect_state(browser, "playing", PLAYER)
    expect_state(browser, "ended", PLAYER)


def test_an_answer_with_a_pause_is_whole_and_is_measured(
    browser: Browser, product: Product, email: str
) -> None:
    """The first that this browser records: one whose recorder gives nothing has another by now."""
    browser.goto(f"{product.url}/practice/start/")
    do(browser, "record")
    expect_state(browser, "recording")
    browser.wait(f"async () => (await ({COUNT})('chunks')) > 0", seconds=15)
    before = browser.evaluate("() => document.querySelector('[data-part=clock]').textContent")
    talk(3)
    after = browser.evaluate("() => document.querySelector('[data-part=clock]').textContent")
    assert after > before
    do(browser, "pause")
    expect_state(browser, "paused")
    talk(2.5)  # longer than a mute may last while somebody speaks
    assert browser.evaluate("() => document.querySelector('opic-recorder').dataset.notice") in {
        "",
        "restarted",
    }
    do(browser, "resume")
    expect_state(browser, "recording")
    talk(4)
    do(browser, "stop")
    expect_state(browser, "recorded")
    do(browser, "listen")
    browser.wait("() => document.querySelector('[data-part=preview]').currentTime > 0.3")
    do(browser, "submit")
    expect_state(browser, "saved")
    browser.wait_for("#response-rating[data-status=measured]", 60)
    (_id, status, length_ms, voiced_ms, segments, is_partial) = responses_of(product, email)[-1]
    assert (status, bool(is_partial)) == ("measured", False)
    assert segments == (2 if browser.name == "webkit" else 1)  # it mutes what is paused
    # where segments end, its muxer loses up to a second
    assert length_ms > (5000 if browser.name == "webkit" else 6500)
    assert voiced_ms > 0.6 * length_ms
    assert browser.evaluate(COUNT, "answers") == browser.evaluate(COUNT, "chunks") == 0


def test_the_next_answer_needs_no_second_start(
    browser: Browser, product: Product, email: str
) -> None:
    browser.goto(f"{product.url}/practice/start/")
    do(browser, "record")
    expect_state(browser, "recording")
    talk(5)
    assert not browser.evaluate("() => document.querySelector('opic-recorder').dataset.notice")
    do(browser, "stop")
    expect_state(browser, "recorded")
    do(browser, "submit")
    expect_state(browser, "saved")
    (_id, _status, length_ms, _voiced, segments, _partial) = responses_of(product, email)[-1]
    assert (segments, length_ms > 3000) == (1, True)


def test_one_s_own_answer_plays_from_where_one_points(
    browser: Browser, product: Product, email: str
) -> None:
    response = uuid.UUID(str(responses_of(product, email)[0][0]))
    browser.goto(f"{product.url}/responses/{response}/")
    browser.press(f"{WAVE} [role=slider]")
    place = browser.wait(f"() => {{ const now = ({PLACE})(); return now.currentTime > 0 && now; }}")
    assert 0.4 < place["currentTime"] / place["duration"] < 0.6
    do(browser, "toggle", WAVE)
    browser.wait(f"() => ({PLACE})().currentTime > {place['currentTime'] + 0.5}")
    do(browser, "toggle", WAVE)
    browser.wait(f"() => ({PLACE})().paused")
