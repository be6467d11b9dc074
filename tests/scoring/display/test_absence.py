"""What the built-in judge's pages say is missing is said to be not heard: ears miss words.

Sentences are looked through as they stand in code and templates, and as pages print them of
transcripts in which words were lost, changed or unsure.
"""

import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.report.delivery_panel import STEPS, words_panel_for
from opic.pages.board.context import MISSING
from practice.comparison import word_rows
from scoring.display.advice import ADVICE, advice_of
from scoring.display.facts import facts_view
from scoring.raters.builtin.facts import Asked, facts_of
from tests.product import BASE
from tests.scoring.raters.builtin.heard import rows_of, samples

pytestmark = pytest.mark.own_stores

# a sentence with one of these may say that something is not there, or that all is
LACKS = re.compile(
    r"\b(?:no|not|none|nothing|never|nobody|missing|misses|lacks?|lost|without|fewer|few|only"
    r"|alone|yet|has|had|all|unanswered|n't)\b",
    re.IGNORECASE,
)
HEARD = re.compile(r"\b(?:hear|heard|sure|understood)\b", re.IGNORECASE)
HEARD_IN = {
    "ko": re.compile(r"들[은을리린렸]|듣|확실"),
    "vi": re.compile(r"nghe|chắc|hiểu", re.IGNORECASE),
}
# what rests on the sound alone, is no statement about the answer, or is the person's own word
OF_NO_WORDS = {
    "Much of the time nothing is said",
    "Take a harder question, or one on a topic you did not choose",
    "I did not say this",
    "Taken away: you did not say this",
    "Measured and counted, not judged: it is no level",
    "From pace and pauses only",
    "None so long yet",
    "The recording cannot be found",
    "One thing to do next appears here when all of it is done",
    "Begin as soon as the question ends, and say the next small thing instead of looking for the"
    " perfect one",
}
TEMPLATES = [
    *sorted((BASE / "templates" / "rating").glob("*.html")),
    BASE / "templates" / "practice" / "_since.html",
    BASE / "templates" / "exams" / "_report_words.html",
]
TRANSLATED = re.compile(
    r"""{% (?:translate|trans) (["'])(.+?)\1|{% blocktranslate[^%]*%}([^{]+){%"""
)
SPOKEN = re.compile(r'<(\w+)[^>]*lang="en"[^>]*>.*?</\1>', re.DOTALL)
HIDDEN = re.compile(r"<(?:button|svg|form)\b.*?</(?:button|svg|form)>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def sentences_in(text):
    return [part.strip(" .") for part in re.split(r"(?<=[.?!])\s+|\n", text) if part.strip(" .")]


def untrue(text):
    """Return the sentences that say what is not there, and not that it was not heard."""
    return [
        sentence
        for sentence in sentences_in(text)
        if LACKS.search(sentence) and not HEARD.search(sentence) and sentence not in OF_NO_WORDS
    ]


def texts_of_the_judge():
    with translation.override("en"):
        texts = [str(text) for texts in (ADVICE, STEPS, MISSING) for text in texts.values()]
    for path in TEMPLATES:
        texts += [match[2] or match[3] for match in TRANSLATED.finditer(path.read_text())]
    return texts


def test_what_is_missing_is_said_to_be_not_heard():
    texts = texts_of_the_judge()
    assert len(texts) > 60
    assert [sentence for text in texts for sentence in untrue(text)] == []


def test_sentences_that_claim_an_absence_are_seen():
    for text in (
        "A part of the question has no answer yet. Say one sentence more.",
        "All that was asked has an answer",
        "The answer had:",
        "Your sentences stand alone. Join them.",
        "No story yet",
        "You asked fewer than three questions.",
    ):
        assert untrue(text), text
    assert untrue("We did not hear a story. We heard none of it.") == []


@pytest.mark.parametrize("language", HEARD_IN)
def test_translations_say_so_too(language):
    silent = []
    for text in texts_of_the_judge():
        claims = [one for one in sentences_in(text) if LACKS.search(one) and HEARD.search(one)]
        if claims:
            with translation.override(language):
                translated = translation.gettext(text)
            if not HEARD_IN[language].search(translated):
                silent.append((text, translated))
    assert silent == []


# --- as pages print them --------------------------------------------------------------------------

PROMPTS = samples()[::25]
change = st.sampled_from(["keep"] * 6 + ["lose", "mishear", "doubt"])
other_words = st.sampled_from(["such", "a", "thing", "sold", "when", "no", "walk", "last", "week"])


@st.composite
def garbled(draw):
    """Return the facts about a sample response of which ears caught only a part."""
    _key, item_type, prompt, text = draw(st.sampled_from(PROMPTS))
    rows, measures = rows_of(text)
    heard = []
    for row in rows:
        what = draw(change)
        if what == "lose":
            continue
        word = draw(other_words) if what == "mishear" else row[0]
        heard.append([word, row[1], row[2], 0.4 if what == "doubt" else row[3]])
    return facts_of(heard, measures, Asked(item_type, prompt.text, tuple(prompt.points)))


def printed(facts):
    """Return all that an answer's page and a report print of facts, without the words heard."""
    rating = SimpleNamespace(facts=facts)
    response = SimpleNamespace(shown_rating=rating)
    item = SimpleNamespace(response=response)
    pages = [
        render_to_string(
            "rating/_what_was_heard.html", {"words": facts_view(facts), "response": None}
        ),
        render_to_string("exams/_report_words.html", {"words": words_panel_for(item)}),
        advice_of([], facts).text if facts["advice"]["key"] in ADVICE else "",
        *(f"{row.label}\n" for row in word_rows(response, response)),
    ]
    return "\n".join(TAG.sub("\n", HIDDEN.sub(" ", SPOKEN.sub(" ", page))) for page in pages)


@settings(max_examples=60, deadline=None)
@given(garbled())
def test_a_page_says_only_that_it_did_not_hear(facts):
    if facts["words"]:
        with translation.override("en"):
            assert untrue(printed(facts)) == []


def test_a_page_of_facts_is_looked_through():
    _key, item_type, prompt, text = PROMPTS[0]
    rows, measures = rows_of(text)
    facts = facts_of(rows, measures, Asked(item_type, prompt.text, ("name the river, the sea",)))
    facts["points"] = [{"text": "name the river, the sea", "is_touched": False, "quotes": []}]
    with translation.override("en"):
        page = printed(facts)
    assert "not heard in the answer" in page
    assert "We heard none of it" in page
    assert "none we are sure of" in page
