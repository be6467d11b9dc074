"""The main journey: from the landing page to a measured answer, heard again, compared and
deleted.
"""

import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from opic.lib.levels import Level
from scoring.audio import codec
from tests.browser.people import (
    PASSWORD,
    button,
    expect_result,
    new_email,
    record,
    responses_of,
    sign_up,
    sign_up_by_hand,
    submit,
    talk_for,
    wait_until,
)

TAPS = "addEventListener('click', (event) => event.isTrusted && (window.name += 'x'), true);"


def likeness(heard: np.ndarray, original: np.ndarray) -> float:
    """Highest correlation of what was kept with what the microphone played, at any offset.

    The fake microphone plays its file round and round, so the offset is counted on a circle.
    """
    played = np.concatenate([original, original])
    size = 1 << (len(played) + len(heard)).bit_length()
    product = np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size))
    place = int(np.argmax(np.abs(np.fft.irfft(product, size)[: len(original)])))
    return float(np.corrcoef(heard, played[place : place + len(heard)])[0, 1])


def test_a_newcomer_hears_a_question_speaks_and_sees_how_it_went(open_page, product, sounds):
    page = open_page()
    page.add_init_script(TAPS)
    begun = time.monotonic()
    email = sign_up_by_hand(page)
    button(page, "Record").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    assert time.monotonic() - begun < 90
    assert len(page.evaluate("window.name")) <= 8
    talk_for(page, 22)
    button(page, "Stop").click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")

    button(page, "Listen").click()
    length = page.evaluate("document.querySelector('[data-part=preview]').duration")
    assert 21 < length < 25

    submit(page)
    expect_result(page)
    panel = page.locator("#response-rating")
    expect(panel).to_contain_text("From pace and pauses only")
    expect(panel).to_contain_text("typical")
    (status, length_ms, voiced_ms, segments, is_partial) = responses_of(product, email)[0]
    assert (status, segments, bool(is_partial)) == ("measured", 1, False)
    assert 21_000 < length_ms < 25_000
    assert voiced_ms > 15_000

    url = page.locator("#response-rating audio").get_attribute("src")
    stored = codec.decode(page.request.get(url).body())
    original = codec.decode(sounds["speech"].read_bytes())
    assert likeness(stored, original) >= 0.9

    expect(page.get_by_text("Hear a good answer of ours")).to_be_visible()
    page.get_by_text("Hear a good answer of ours").click()
    expect(page.locator(".sample audio")).to_be_visible()


def test_hearing_the_question(open_page):
    page = open_page()
    sign_up(page)
    page.evaluate(
        "() => { document.addEventListener('prompt:playing', () => window.heard = 'playing');"
        "document.addEventListener('prompt:ended', () => window.heard = 'ended'); }"
    )
    player = page.locator("opic-prompt-player")
    button(page, "Play question").click()
    expect(player).to_have_attribute("data-state", "playing")
    expect(player).to_have_attribute("data-state", "ended", timeout=30_000)
    assert page.evaluate("window.heard") == "ended"


PLAYS_BY_ITSELF = """addEventListener('load', async () => {
  await customElements.whenDefined('opic-prompt-player');
  const player = document.querySelector('opic-prompt-player');
  const look = () => player.dataset.state === 'blocked' && console.log('blocked');
  new MutationObserver(look).observe(player, { attributeFilter: ['data-state'] });
  player.play();
});"""


def test_sound_held_back_by_the_browser_leaves_a_large_button(open_page):
    first = open_page("speech", "--autoplay-policy=document-user-activation-required")
    sign_up(first)
    page = first.context.new_page()  # no gesture has been made here
    page.add_init_script(PLAYS_BY_ITSELF)
    # a look at the page from here would count as a gesture, so the page says when
    with page.expect_console_message(lambda line: line.text == "blocked"):
        page.goto(first.url)
    player = page.locator("opic-prompt-player")
    expect(player).to_have_attribute("data-state", "blocked")
    expect(player.get_by_role("status")).to_contain_text("Press Play question")
    big = button(page, "Play question").bounding_box()
    assert big["height"] >= 44
    expect(page.locator("[data-part=clock]")).to_have_text("0:00")
    button(page, "Play question").click()
    expect(player).to_have_attribute("data-state", "playing")


def test_the_list_of_takes_is_asked_for_anew_though_an_older_reply_is_still_due(open_page, product):
    """Saved and settled may come within a moment: the list of before must not be the last word."""
    page = open_page()
    sign_up(page)
    asked = []

    def hold_the_first(route):
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/takes/", hold_the_first)
    page.locator("#prompt-takes").evaluate("(list) => (list.dataset.before = 1)")
    settled = "document.body.dispatchEvent(new CustomEvent('rating:settled', {bubbles: true}))"
    page.evaluate(settled)
    wait_until(page, lambda: len(asked) == 1)
    page.evaluate(settled)
    expect(page.locator("#prompt-takes[data-before]")).to_have_count(0)
    expect(page.locator("#prompt-takes")).to_have_count(1)
    assert len(asked) == 2


def test_a_second_take_stands_beside_the_first_and_can_be_deleted(open_page, product):
    page = open_page()
    email = sign_up(page)
    for number in (1, 2):
        record(page, 4)
        submit(page)
        expect_result(page)
        expect(page.locator(".take")).to_have_count(number)
    expect(page.locator(".take .change").first).to_be_visible()
    take = page.locator(".take").first
    take.get_by_text("Delete this take").click()
    take.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".take")).to_have_count(1)
    assert len(responses_of(product, email)) == 1


@pytest.mark.parametrize("moves", [True, False])
def test_news_of_a_take_leaves_alone_what_one_listens_to_reads_or_fills_in(open_page, moves):
    page = open_page()
    if not moves:  # not every browser can move an element without taking it out
        page.add_init_script("delete Element.prototype.moveBefore")
    sign_up(page)
    for _take in range(2):
        record(page, 3)
        submit(page)
        expect_result(page)
    page.reload()  # the list is not being swapped any more
    page.get_by_label("Target level").select_option("AL")
    page.get_by_text("Hear a good answer of ours").click()
    page.get_by_text("Delete this take").last.click()
    sound = page.locator(".take audio").last
    sound.evaluate("(audio) => { audio.loop = true; return audio.play(); }")
    page.wait_for_function("(audio) => audio.currentTime > 0.2", arg=sound.element_handle())
    page.evaluate("window.__list = document.querySelector('#prompt-takes')")
    page.evaluate("htmx.trigger(document.body, 'rating:settled')")
    page.wait_for_function("() => !__list.isConnected")
    expect(page.locator("#prompt-takes")).not_to_have_class(re.compile("htmx-"))
    page.wait_for_function("(audio) => !audio.paused", arg=sound.element_handle())
    assert sound.evaluate("(audio) => audio.loop")
    expect(page.get_by_label("Target level")).to_have_value(str(Level.AL.value))
    expect(page.locator(".sample p").first).to_be_visible()
    expect(button(page, "Delete for good")).to_be_visible()
    button(page, "Delete for good").click()
    expect(page.locator(".take")).to_have_count(1)


def test_the_goal_is_asked_after_the_first_take(open_page):
    page = open_page()
    sign_up(page)
    expect(page.get_by_label("Target level")).to_have_count(0)
    record(page, 3)
    submit(page)
    expect_result(page)
    page.get_by_label("Target level").select_option("IH")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. Your typical ranges")).to_be_visible()


def test_filters_keep_the_url_and_go_back(open_page):
    page = open_page()
    sign_up(page)
    page.get_by_role("link", name="Practice", exact=True).click()
    page.get_by_label("Topic").select_option("parks")
    expect(page).to_have_url(re.compile("topic=parks"))
    expect(page.locator("#prompt-rows .row-item")).to_have_count(2)
    page.reload()
    expect(page.locator("#prompt-rows .row-item")).to_have_count(2)


LANGUAGES = {
    "ko-KR": (
        "계정 만들기",
        "동의하고 말하기 시작",
        "녹음",
        "정지",
        "제출",
        "어떻게 말했는지",
    ),
    "vi-VN": (
        "Tạo tài khoản",
        "Đồng ý và bắt đầu nói",
        "Ghi âm",
        "Dừng",
        "Nộp",
        "Bạn đã nói thế nào",
    ),
}


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_carries_the_whole_journey(open_page, locale):
    create, agree, press, stop, hand_in, typical = LANGUAGES[locale]
    page = open_page(locale=locale)
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == locale[:2]
    page.get_by_role("link", name=create).first.click()
    page.locator("input[name=email]").fill(new_email())
    page.locator("input[name=password1]").fill(PASSWORD)
    button(page, create).click()
    page.locator("main form").first.get_by_role("button").click()
    page.locator("input[type=checkbox]").first.check()
    button(page, agree).click()
    button(page, press).click()
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    talk_for(page, 3)
    button(page, stop).click()
    button(page, hand_in).click()
    expect_result(page)
    expect(page.locator("#response-rating")).to_contain_text(typical)
    assert page.locator("html").get_attribute("lang") == locale[:2]


def test_by_keyboard_alone(open_page):
    page = open_page()
    sign_up(page)
    expect(button(page, "Record")).to_be_enabled()  # a button that is not yet live takes no focus
    button(page, "Record").focus()
    page.keyboard.press("Enter")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recording")
    talk_for(page, 3)
    expect(button(page, "Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "recorded")
    expect(button(page, "Submit")).to_be_enabled()
    button(page, "Submit").focus()
    page.keyboard.press("Space")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "saved")
    expect_result(page)
