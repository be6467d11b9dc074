"""The result of an answer: words that play, corrections that go, words that come piece by piece."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import enter, new_email, wait_until
from tests.browser.test_access import violations
from tests.heard import TRANSCRIPT, words_of
from tests.screens_heard import somebody

SIZES = ((390, 664), (320, 568), (640, 400), (1280, 800))
SEEKS = """() => {
  window.__seeks = [];
  const audio = document.querySelector("#response-rating audio");
  audio.addEventListener("seeked", () => __seeks.push(audio.currentTime));
}"""
TOP = "document.getElementById('response-transcript').getBoundingClientRect().top"
MORE = """
from scoring.models import Hearing
from tests.heard import TRANSCRIPT, words_of
row = Hearing.objects.get(response="{response}")
part = words_of(TRANSCRIPT)[:{count}]
row.heard = {{"transcript": " ".join(w[0] for w in part), "words": part, "is_whole": False}}
row.save()
"""


@pytest.fixture
def person(open_page, product):
    page = open_page(viewport={"width": 390, "height": 664})
    heard = somebody(product, new_email())
    enter(page, product, heard.cookie)
    return page, heard


def open_result(page, prompt):
    page.goto(f"/practice/prompts/{prompt}/")
    expect(page.locator("#response-transcript")).to_be_visible()
    # the wave player is there: the sound's own controls are gone
    expect(page.locator("#response-rating audio[controls]")).to_have_count(0)


def test_a_word_plays_at_its_time_by_finger_and_by_key(person):
    page, heard = person
    open_result(page, heard.prompt)
    page.evaluate(SEEKS)
    at = {text.strip(".,"): start for text, start, _end, _sure in words_of(TRANSCRIPT)}
    words = page.locator("#response-transcript")
    words.get_by_text("bigger", exact=True).click()
    page.wait_for_function("() => __seeks.length === 1")
    page.wait_for_function("() => !document.querySelector('#response-rating audio').paused")
    assert abs(page.evaluate("__seeks[0]") - at["bigger"]) <= 0.3
    expect(words.locator(".is-now").first).to_be_visible()

    words.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(words.locator(".is-pointed")).to_have_text("weekend")
    page.keyboard.press("Enter")
    page.wait_for_function("() => __seeks.length === 2")
    assert abs(page.evaluate("__seeks[1]") - at["weekend"]) <= 0.3

    # a quotation ends at its end
    page.get_by_role("button", name="Hear “because”").click()
    page.wait_for_function("() => document.querySelector('#response-rating audio').paused")
    assert abs(page.evaluate("__seeks[2]") - at["because"]) <= 0.3
    assert violations(page) == []


def test_a_correction_is_dismissed_by_key_and_stays_away(person):
    page, heard = person
    open_result(page, heard.prompt)
    expect(page.get_by_text("you cannot eat there")).to_be_visible()
    page.get_by_role("button", name="I did not say this").first.focus()
    page.keyboard.press("Enter")
    gone = page.get_by_text("Taken away: you did not say this.")
    expect(gone).to_be_focused()
    for address in (page.url, f"/responses/{heard.response}/"):
        page.goto(address)
        expect(page.get_by_text("last weekend I went")).to_be_visible()
        expect(page.get_by_text("you cannot eat there")).to_have_count(0)


def test_words_are_on_the_screen_of_a_phone_and_nothing_is_wider_than_it(person):
    page, heard = person
    for address in (f"/practice/prompts/{heard.prompt}/", f"/responses/{heard.response}/"):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(address)
            expect(page.locator("#response-transcript")).to_be_visible()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (address, width, wide)
    page.set_viewport_size({"width": 390, "height": 664})
    open_result(page, heard.prompt)
    page.evaluate("document.getElementById('response-rating').scrollIntoView()")
    box = page.locator("#response-transcript").bounding_box()
    assert box["y"] + 60 < 664, "two lines of it at least"


def test_words_come_while_one_listens_and_nothing_jumps(person, product):
    page, heard = person
    open_result(page, heard.hearing_prompt)
    words = page.locator("#response-transcript")
    page.evaluate("window.__player = document.querySelector('#response-rating opic-wave-player')")
    page.locator("#response-rating .wave-toggle").click()
    page.wait_for_function("() => __player.querySelector('audio').currentTime > 0.2")
    before = page.evaluate(TOP)
    product.python(MORE.format(response=heard.hearing, count=40))
    wait_until(page, lambda: words.locator(".said").count() == 40)
    assert abs(page.evaluate(TOP) - before) < 1
    assert page.evaluate("__player.isConnected && !__player.querySelector('audio').paused")
    # each stage is said once, and no live region holds the transcript
    held = "[aria-live] #response-transcript, [role=status] #response-transcript"
    assert page.locator(held).count() == 0
    product.write(
        "UPDATE scoring_response SET status = 'unratable', reason = 'too_short', claim_token = NULL"
        " WHERE id = ?",
        heard.hearing.replace("-", ""),
    )
    news = page.get_by_role("status").filter(has_text="Could not be measured")
    expect(news).to_have_count(1)


def test_again_leads_to_the_recorder_and_next_to_another_question(person):
    page, heard = person
    open_result(page, heard.prompt)
    page.get_by_role("button", name="Again", exact=True).click()
    assert page.evaluate("!!document.activeElement.closest('opic-recorder')")
    page.get_by_role("link", name="Next question").click()
    expect(page.locator("opic-recorder")).to_be_visible()
    assert heard.prompt not in page.url
