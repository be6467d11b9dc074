"""Names use the field's words: the list of what is not used, and why an exception is one.

A name is split at underscores and capitals, so `existing_rooms` and `KeptAnswer` are seen too.
The names of tests are sentences in plain English: in them only the picture words are looked for.
"""

import ast
import fnmatch
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_stores

BASE = settings.BASE_DIR
ROOTS = ("opic", "accounts", "materials", "scoring", "practice", "exams", "tests")

# pictures, and what the thing is called
PICTURES = {
    **dict.fromkeys(("shelf", "shelves", "parcel", "parcels"), "offline store, upload body"),
    **dict.fromkeys(("keepsake", "keepsakes", "tunnel", "tunnels"), "offline responses, offline"),
    **dict.fromkeys(("mend", "mends", "mended", "mending"), "correct, review, repair"),
    **dict.fromkeys(("hush", "hushes", "hushed"), "withhold"),
    **dict.fromkeys(("eve", "eves"), "exam day, level embargo"),
    **dict.fromkeys(("ledger", "ledgers"), "usage, budget, model call"),
    **dict.fromkeys(("desk", "desks"), "admin"),
    **dict.fromkeys(("roof", "porch", "cellar", "house", "houses"), "project, page, layer"),
}
# ordinary words that say too little in a name, and what says more
VAGUE = {
    **dict.fromkeys(("kept", "keep", "keeps", "keeper", "keeping"), "saved, existing, save"),
    **dict.fromkeys(("found", "got", "known"), "the noun: rows, levels, match"),
    **dict.fromkeys(("told", "tell", "tells", "said", "say", "says"), "payload, parsed, report"),
    **dict.fromkeys(("quiet", "quietly"), "withheld, silent"),
    **dict.fromkeys(("book", "books"), "usage, recorder"),
    **dict.fromkeys(("room", "rooms"), "app, package; space is bytes"),
    **dict.fromkeys(("round", "rounds"), "review session, repeats"),
    **dict.fromkeys(("fault", "faults"), "error, exc, problem"),
    **dict.fromkeys(("admission", "admissions", "admit", "admits"), "grant, verify, authorize"),
    **dict.fromkeys(("arrival", "arrivals"), "upload, request"),
    **dict.fromkeys(("wish", "wishes", "hindrance"), "rules, limit"),
    **dict.fromkeys(("answer", "answers", "answered"), "reply, response"),
}
NOT_IN_NAMES = PICTURES | VAGUE

# (file, name): why the word stays
EXCEPTIONS = {
    ("tests/*", "keep_alive*"): "HTTP's own term",
    ("accounts/*", "quiet_hours"): "the hours without pushes, as people set them",
    ("accounts/*", "is_quiet"): "the same hours",
    ("*", "quiet_from"): "a column",
    ("*", "quiet_to"): "a column",
    ("exams/models.py", "told_at"): "a column",
    ("practice/tasks.py", "tell_late"): "a task's stored name",
    ("opic/lib/*", "mend_entries"): "a task's stored name",
    ("scoring/raters/schemas.py", "mend*"): "fields of a model's reply",
    ("scoring/uploads/*", "keep"): "a field of the reply to a device",
    ("tests/practice/*", "keep"): "the same field",
    ("tests/scoring/uploads/*", "keep"): "the same field",
    ("opic/settings.py", "WHITENOISE_KEEP_ONLY_HASHED_FILES"): "a library's setting",
    ("opic/settings.py", "OPIC_BREAKER_FAULTS"): "a setting",
    ("opic/settings.py", "OPIC_*ANSWER*"): "settings",
    ("tests/faults/*", "*fault*"): "what is done to a running site: fault injection",
    ("tests/soak/*", "*fault*"): "the same",
    ("tests/soak/*", "*FAULTS"): "the same",
    ("exams/survey/*", "*nswers"): "what a survey's questions have",
    ("tests/exams/*", "answers"): "the survey's",
    ("*", "survey_answers"): "the module of them",
    ("exams/sitting/lifecycle.py", "answers"): "the survey's",
    ("exams/models.py", "answers"): "a column: the survey's",
    ("opic/pages/exam_day.py", "answers"): "the survey's",
    ("practice/cards/*", "answer"): "what a card gets",
    ("practice/models.py", "answer"): "what a card gets",
    ("practice/views/cards.py", "card_answer"): "what a card gets",
    ("scoring/models/day_summaries.py", "answers"): "a column",
    ("scoring/summaries/*", "answers"): "the figure made of that column",
}


def parts_of(name):
    """Return the words of a name in lower case: `KeptAnswer_2` has kept, answer."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def names_in(tree):
    """Yield every name a source gives: (line, name)."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def is_excepted(path, name):
    return any(
        fnmatch.fnmatch(path, file) and fnmatch.fnmatchcase(name, pattern)
        for file, pattern in EXCEPTIONS
    )


def refused_in(path, source):
    """Return a line for each name of this source with a word of the list in it."""
    refused = []
    named = [(0, Path(path).stem), *names_in(ast.parse(source))]
    for line, name in named:
        words = PICTURES if name.startswith("test_") else NOT_IN_NAMES
        for word in parts_of(name):
            if word in words and not is_excepted(path, name):
                refused.append(f"{path}:{line}: {name}: not {word!r} but {words[word]}")
    return refused


def sources(root):
    paths = sorted((BASE / root).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


@pytest.mark.parametrize("root", ROOTS)
def test_no_name_has_a_word_of_the_list(root):
    refused = [
        line
        for path in sources(root)
        for line in refused_in(str(path.relative_to(BASE)), path.read_text())
    ]
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize(
    "source",
    [
        "kept = 1",
        "def find_rows(found): ...",
        "class KeptAnswer: ...",
        "self.roomCount = 1",
        "try: ...\nexcept OSError as fault: ...",
        "import os as desk",
        "for told, said in rows: ...",
        "def test_it_works_in_a_tunnel(): ...",
        "match row:\n    case [first, *found]: ...",
    ],
)
def test_a_word_of_the_list_is_seen_in_every_kind_of_name(source):
    assert refused_in("opic/example.py", source)


def test_ordinary_english_is_seen_neither_in_sentences_nor_in_calls():
    assert not refused_in("tests/example.py", "def test_what_was_kept_is_told(): ...")
    assert not refused_in("opic/example.py", "value = round(library.keep(found=1))")


def test_every_exception_is_needed():
    needed = set()
    for root in ROOTS:
        for path in sources(root):
            file = str(path.relative_to(BASE))
            for _line, name in [(0, path.stem), *names_in(ast.parse(path.read_text()))]:
                if any(word in NOT_IN_NAMES for word in parts_of(name)):
                    needed |= {
                        rule
                        for rule in EXCEPTIONS
                        if fnmatch.fnmatch(file, rule[0]) and fnmatch.fnmatchcase(name, rule[1])
                    }
    assert not EXCEPTIONS.keys() - needed


TAG = re.compile(r"{%\s*(?:block|partialdef|partial)\s+([\w-]+)")


def test_no_template_block_or_partial_has_a_word_of_the_list():
    refused = []
    for path in sorted((BASE / "templates").rglob("*.html")):
        for name in (path.stem, *TAG.findall(path.read_text())):
            refused += [f"{path}: {name}" for word in parts_of(name) if word in NOT_IN_NAMES]
    assert not refused, "\n".join(refused)
