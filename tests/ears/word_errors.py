"""Words heard against words spoken: errors counted after both are written alike.

Written alike: lower case without punctuation, numbers in words, contractions written out, American
spelling; "um" and its kin are left out. A name is not counted, and in its place up to three words
may be heard that the text has nowhere else. Two words that make one written together are that one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
NAME = "*"
WORDS_OF_A_NAME = 3
FILLERS = frozenset({"um", "uh", "er", "erm", "hmm", "mm", "ah", "eh", "hm", "mhm", "oh"})
ALIKE = {
    "okay": "ok",
    "colour": "color",
    "favourite": "favorite",
    "grey": "gray",
    "neighbour": "neighbor",
    "theatre": "theater",
    "tv": "t v",
    "gonna": "going to",
    "o'clock": "oclock",
    "alright": "all right",
    "mum": "mom",
}
CONTRACTED = (
    ("won't", "will not"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("n't", " not"),
    ("'m", " am"),
    ("'re", " are"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("let's", "let us"),
    ("'d", " would"),
    ("it's", "it is"),
    ("he's", "he is"),
    ("that's", "that is"),
    ("what's", "what is"),
    ("there's", "there is"),
    ("here's", "here is"),
    ("who's", "who is"),
    ("where's", "where is"),
    ("how's", "how is"),
    ("'s", "s"),
)
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = {
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "5th": "fifth",
    "8th": "eighth",
    "9th": "ninth",
    "12th": "twelfth",
    "20th": "twentieth",
}
# capitals within a sentence that are no names
NOT_NAMES = frozenset(
    [
        "i",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "english",
        "christmas",
        "tv",
        "dad",
        "mom",
    ]
)


@dataclass(frozen=True)
class Errors:
    """Words wrong, missing or added, of how many spoken; names aside."""

    wrong: int
    words: int

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(self.wrong + other.wrong, self.words + other.words)

    @property
    def share(self) -> float:
        return self.wrong / self.words if self.words else 0.0


def in_words(number: int) -> str:
    """Return a number below a million in words."""
    if number < len(SMALL):
        return SMALL[number]
    for unit, name in ((1000, "thousand"), (100, "hundred")):
        if number >= unit:
            rest = f" {in_words(number % unit)}" if number % unit else ""
            return f"{in_words(number // unit)} {name}{rest}"
    rest = f" {SMALL[number % 10]}" if number % 10 else ""
    return TENS[number // 10] + rest


def _number(match: re.Match[str]) -> str:
    digits = match[0].replace(",", "")
    value = int(digits)
    # years and the like are spoken in pairs
    if len(digits) == 4 and "," not in match[0] and 1100 <= value <= 2099 and value // 100 != 20:
        second = in_words(value % 100) if value % 100 else "hundred"
        return f" {in_words(value // 100)} {second} "
    return f" {in_words(value)} " if value < 1_000_000 else " "


def names_in(text: str) -> frozenset[str]:
    """Return the names of a text: capitals within a sentence, and what is not of plain letters."""
    names = set()
    for match in re.finditer(r"(?<=[a-z,;:] )[A-Z][\w'-]+|\w*[^\W\da-zA-Z_]\w*", text):
        names |= set(_alike(match[0]).split())
    return frozenset(names - NOT_NAMES)


@cache
def _alike(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    text = "".join(sign for sign in plain if not unicodedata.combining(sign))
    text = text.replace("’", "'").replace("-", " ").replace("%", " percent ")
    for ordinal, word in ORDINALS.items():
        text = re.sub(rf"\b{ordinal}\b", word, text)
    text = re.sub(r"(\d):00\b", r"\1", text)
    text = re.sub(r"(\d):(\d)", r"\1 \2", text)
    text = re.sub(r"\$(\d[\d,]*)", r"\1 dollars", text)
    text = re.sub(r"\d[\d,]*", _number, text)
    for short, long in CONTRACTED:
        text = re.sub(rf"{short}\b", long, text)
    words = [ALIKE.get(word, word) for word in WORD.findall(text)]
    return " ".join(word for word in words if word not in FILLERS)


def written_alike(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Return the words of a text, a name as NAME."""
    return [NAME if word in names else word for word in _alike(text).split()]


def compare(spoken: str, heard: str) -> Errors:
    """Count the words of `heard` that differ from what was spoken."""
    names = names_in(spoken)
    return _least(written_alike(spoken, names), _alike(heard).split())


def _of_a_name(heard: list[str], at: int, elsewhere: set[str]) -> Iterator[int]:
    """Yield where a name may begin that ends before `at`; `at` itself: nothing was heard."""
    yield at
    for start in range(at - 1, max(-1, at - 1 - WORDS_OF_A_NAME), -1):
        if heard[start] in elsewhere:
            return
        yield start


def _least(spoken: list[str], heard: list[str]) -> Errors:
    """Return the fewest words wrong, missing or added that turn one list into the other."""
    width = len(heard) + 1
    elsewhere = set(spoken)
    rows = [[*range(width)]]
    for row, word in enumerate(spoken, 1):
        before = rows[-1]
        now = [before[0] + (word != NAME)]
        for at in range(1, width):
            best = min(
                before[at] + (word != NAME),
                now[at - 1] + 1,
                before[at - 1] + (word not in {NAME, heard[at - 1]}),
            )
            if word == NAME:
                best = min(best, *(before[start] for start in _of_a_name(heard, at, elsewhere)))
            if at > 1 and heard[at - 2] + heard[at - 1] == word:
                best = min(best, before[at - 2])
            if row > 1 and spoken[row - 2] + word == heard[at - 1]:
                best = min(best, rows[-2][at - 1])
            now.append(best)
        rows.append(now)
    return Errors(rows[-1][-1], sum(word != NAME for word in spoken))
