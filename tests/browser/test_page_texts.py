"""The texts of the pages with results, in three languages: whole words, and no English left."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.people import enter
from tests.browser.sittings import MEASURED_SITTING, RATED_SITTING
from tests.screens_heard import HOLD, REPORT_HEARD, somebody

SIZES = ((390, 664), (320, 568), (1280, 800))
LANGUAGES = ("en", "ko", "vi")
# names that stay as they are
NAMES = {"OPIc", "Ava", "ACTFL", "LTI", "AGPL", "Enter", "because", "English", "sora"}
NAMES |= {"Intermediate", "Advanced"}
# what a model of the test said
NAMES |= {"breaks", "here"}
# Vietnamese is written with the same letters: words it has not, one of which any sentence has
ENGLISH = re.compile(r"the|and|your?|with|of|for|is|are|not|answers?|questions?|words?|this|that")
# the words that a reader sees, outside what is English by its nature; `isBroken` on two lines
WORDS = """() => {
  const hidden = "script, style, template, [hidden], .visually-hidden, audio";
  const isSeen = (one) => {
    for (let at = one; at; at = at.parentElement)
      if (at.getBoundingClientRect().width <= 1 && getComputedStyle(at).display !== "contents")
        return false;
    return one.checkVisibility() && !one.closest(hidden);
  };
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!isSeen(node.parentElement)) continue;
    for (const match of node.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const lines = [...range.getClientRects()].filter((one) => one.width > 0);
      const isBroken = lines.some((one) => one.top >= lines[0].bottom - 2);
      const isEnglish = !!node.parentElement.closest("[lang]:not(html)");
      words.push({ text: match[0], isBroken, isEnglish });
    }
  }
  return words;
}"""

# whether the words beside the button of a recorder at rest reach under it, or out of their frame
RECORDER_OVERLAPS = """() => {
  const box = (name) => document.querySelector(`opic-recorder ${name}`)?.getBoundingClientRect();
  const button = box("[data-do=record]"), range = document.createRange();
  const words = document.querySelector("opic-recorder [data-part=typical]");
  if (!button || !words) return false;
  range.selectNodeContents(words);
  const { left, right } = range.getBoundingClientRect();
  const frame = document.querySelector("opic-recorder").getBoundingClientRect();
  return (right > button.left && left < button.right) || left < frame.left || right > frame.right;
}"""

# tables that reach out of what holds them, where that does not scroll
WIDE_TABLES = """() => [...document.querySelectorAll("main table")].filter((one) =>
  one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1
  && getComputedStyle(one.parentElement).overflowX === "visible").length"""


@pytest.fixture(scope="module")
def pages(exam):
    """The addresses of somebody whose answers were heard, and their session."""
    email = "sora@example.org"
    heard = somebody(exam, email)
    exam.python(HOLD.format(response=heard.response))
    exam.python(MEASURED_SITTING.format(email=email))
    exam.python(REPORT_HEARD.format(email=email))
    exam.python(RATED_SITTING.format(email=email))
    attempts = "SELECT a.id FROM exams_attempt a JOIN accounts_user u ON u.id = a.candidate_id"
    # the newest without a level and the newest with one
    newest = exam.rows(f"{attempts} WHERE u.email = ? ORDER BY a.made_at DESC LIMIT 2", email)
    addresses = [
        f"/practice/prompts/{heard.prompt}/",
        f"/practice/prompts/{heard.hearing_prompt}/",
        f"/responses/{heard.response}/",
        *(f"/exams/attempts/{uuid.UUID(str(attempt))}/" for (attempt,) in newest),
        "/board/",
        "/exams/",
        "/",
    ]
    return addresses, heard.cookie


def words_of(page, address):
    """The visible words of a page with everything opened, once it has come to rest."""
    page.goto(address)
    expect(page.locator("main")).to_be_visible()
    page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
    page.evaluate("document.fonts.ready")
    return page.evaluate(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_and_no_range_stands_on_two_lines(open_page, exam, pages, language):
    addresses, cookie = pages
    page = open_page(base_url=exam.url)
    enter(page, exam, cookie, language)
    broken = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for address in addresses:
            words = words_of(page, address)
            assert len(words) > 20, address
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (address, width, wide)
            assert not page.evaluate(RECORDER_OVERLAPS), (address, width)
            assert not page.evaluate(WIDE_TABLES), (address, width)
            texts = {one["text"] for one in words if one["isBroken"]}
            # a compound may be parted behind its hyphen, an aside from its word
            texts = {text for text in texts if not re.search(r"[a-z]-|.\(|@", text)}
            broken += [(width, address, text) for text in sorted(texts)]
    assert not broken, "\n".join(map(str, broken))


def test_no_english_is_left_between_korean_and_vietnamese_words(open_page, exam, pages):
    addresses, cookie = pages
    left = []
    for language in ("ko", "vi"):
        page = open_page(base_url=exam.url)
        enter(page, exam, cookie, language)
        for address in addresses:
            for word in words_of(page, address):
                letters = re.sub(r"[^A-Za-z]", "", re.sub(r"I[MH]\d?", "", word["text"]))
                if not word["isEnglish"] and is_english(letters, language):
                    left.append((language, address, word["text"]))
    assert not left, "\n".join(map(str, left))


def is_english(letters, language):
    if language == "vi":
        return bool(ENGLISH.fullmatch(letters.lower()))
    return len(letters) > 2 and letters.isascii() and letters not in NAMES
