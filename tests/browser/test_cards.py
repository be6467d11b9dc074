"""What is kept of an answer, in the browser: a phrase with one tap, a sentence mended by keyboard,
a story beside its question.
"""

import re

from playwright.sync_api import expect

from tests.browser.people import button, sign_up

RATED = """
from accounts.models import User
from materials.models import Prompt
from tests.factories import make_corrected, make_take
person = User.objects.get(email="{email}")
prompt = Prompt.objects.published().order_by("key").first()
faults = [("I go home", "I went home"), ("he are nice", "he is nice")]
response = make_corrected(person, prompt, *faults)
make_take(person, prompt, response)
print(response.pk, prompt.pk)
"""


def rated_response(page, product):
    """Somebody with one rated answer: the ids of it and of its question."""
    email = sign_up(page)
    return product.python(RATED.format(email=email)).split()[-2:]


def test_a_phrase_is_saved_with_one_tap_and_found_again(open_page, product):
    page = open_page()
    response, _prompt = rated_response(page, product)
    page.goto(f"/responses/{response}/")
    correction = page.locator(".corrections li").first
    correction.get_by_role("button", name=re.compile("Save")).click()
    expect(correction).to_contain_text("in my phrase book")
    chip = page.locator(".upgraded .chip").first
    phrase = chip.locator("[lang=en]").inner_text()
    chip.click()
    expect(page.locator(".upgraded .phrase-saved")).to_contain_text(phrase)

    page.goto("/practice/phrases/")
    rows = page.locator(".phrases > li")
    expect(rows).to_have_count(2)
    page.get_by_label("With these words").fill("went home")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("I went home")
    rows.get_by_role("button", name=re.compile("Delete")).click()
    expect(rows).to_have_count(0)
    page.goto("/practice/phrases/")
    expect(rows).to_have_count(1)
    page.get_by_text("Write down a phrase").click()
    page.get_by_label("Phrase", exact=True).fill("as far as I remember")
    button(page, "Save").click()
    expect(rows).to_have_count(2)


STALE = """() => {
  const stale = "a".repeat(64);
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = stale;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": stale }));
}"""


def test_a_form_from_before_another_sign_in_is_saved_and_nothing_typed_is_lost(open_page):
    page = open_page()
    sign_up(page)
    page.goto("/practice/phrases/")
    page.get_by_text("Write down a phrase").click()
    page.get_by_label("Phrase", exact=True).fill("as far as I remember")
    page.evaluate(STALE)
    with page.expect_response(lambda reply: reply.status == 403):
        button(page, "Save").click()
    rows = page.locator(".phrases > li")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("as far as I remember")


def test_sentences_are_corrected_with_the_keyboard_alone(open_page, product):
    page = open_page()
    rated_response(page, product)
    page.goto("/practice/mend/")
    keys, card = page.keyboard, page.locator("#review-card")
    expect(card).to_contain_text("Card 1 of 3")
    expect(page.locator("#mend-title")).to_be_focused()

    keys.press("Tab")
    keys.type("i WENT home, 12")  # digits are typing here
    for _ in range(4):
        keys.press("Backspace")
    keys.press("Enter")
    expect(card).to_contain_text("Yes, that is it")
    expect(card.locator("ins")).to_have_text("went")
    expect(page.get_by_role("button", name="I had it")).to_be_focused()
    keys.press("Enter")

    expect(card).to_contain_text("Card 2 of 3")
    expect(page.locator("#mend-title")).to_be_focused()
    keys.press("Enter")  # thought of, not typed
    expect(card).to_contain_text("You had said:")
    expect(page.get_by_role("button", name="I had it")).to_be_focused()
    keys.press("1")

    # the last is a gap in a good answer
    expect(card).to_contain_text("Card 3 of 3")
    expect(page.locator("#mend-title")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("button", name="I had it")).to_be_focused()
    keys.press("1")
    expect(card).to_contain_text("You had 1 of 3.")
    expect(card).to_contain_text("3 cards")
    page.reload()
    expect(card).to_contain_text("Nothing is due today")


def test_notes_open_beside_the_question_and_are_written_there(open_page, product):
    page = open_page()
    _response, prompt = rated_response(page, product)
    page.goto(f"/practice/prompts/{prompt}/")
    page.get_by_text("Useful expressions").click()
    page.locator(".stage .chip").first.click()
    expect(page.locator(".stage .phrase-saved")).to_contain_text("in my phrase book")
    page.get_by_text("My notes").click()
    stories = page.locator("#stories")
    expect(stories).to_contain_text("No story on this topic yet")
    stories.get_by_text("Write down a story").click()
    page.get_by_label("Which story?").fill("The lost umbrella")
    page.get_by_label(re.compile("Keywords")).fill("rain\nbus 42")
    stories.get_by_role("button", name="Save").last.click()
    expect(stories.locator("article")).to_contain_text("bus 42")
    expect(page.locator("opic-recorder")).to_have_attribute("data-state", "idle")
    page.goto("/practice/phrases/")
    expect(page.locator(".phrases > li .phrase-topic")).to_have_count(1)
    page.goto("/practice/stories/")
    # what is typed in one form stays when another is saved, or a list is filtered
    page.get_by_text("Write down a story").click()
    page.locator("#story-new").get_by_label("Which story?").fill("Not sent yet")
    page.locator("article summary").click()
    page.locator("article").get_by_label("Which story?").fill("The found umbrella")
    page.locator("article").get_by_role("button", name="Save").click()
    expect(page.locator("article h2")).to_contain_text("The found umbrella")
    expect(page.locator("#story-new").get_by_label("Which story?")).to_have_value("Not sent yet")
    page.goto("/practice/phrases/")
    page.get_by_text("Write down a phrase").click()
    page.get_by_label("Phrase", exact=True).fill("half a phr")
    page.get_by_label("With these words").fill("zebra")
    expect(page.locator(".phrases > li")).to_contain_text("No phrase fits")
    expect(page.get_by_label("Phrase", exact=True)).to_have_value("half a phr")
    page.goto("/practice/stories/")
    page.locator("article summary").click()
    page.locator("article").get_by_role("button", name="Delete").click()
    expect(page.locator("article")).to_have_count(0)
