"""Fits what the signs of an order are worth, and says how well that does on what was left out.

A sign's worth is its weight in a logistic regression over sentences: of orders against those of
ordinary answers. Examples marked unseen are left alone: they say what is found of others.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from scoring.raters.evidence import parse_sentences
from scoring.raters.order_signs import ALWAYS, signs_of, worth_of
from scoring.raters.orders import find_orders

ORDERS = settings.BASE_DIR / "tests" / "data" / "orders"
PARTS = ("opening", "addressee", "act", "thing", "reason", "closing")
UNSEEN = "unseen"  # of examples that nothing is fitted on, to say how much is found of such
NO_RESPONSES = "unratable"
COMPOSED = 3000
FOLDS = 5
STEPS, STEP = 120, 0.08
SHRINK, SHRINK_PAIRS = 1.0, 4.0  # towards nothing; pairs of classes are many
REPEATS, WISHED, MORE = 4, 0.9, 3.0  # what orders should be worth, or count more the next round
LEAST_SEEN, LEAST_SEEN_PAIRS = 2, 5  # sentences
LEAST_WORTH = 0.1
ORDER, COMPOSED_ORDER, RESPONSE, LOOKALIKE = 1.0, 0.2, 1.0, 2.0  # how much a sentence counts


@dataclass(frozen=True)
class Example:
    """A text, whether it is an order, its kind, and how much each of its sentences counts.

    `learned`: what of it is fitted on; an order among ordinary sentences is less than the text.
    """

    text: str
    is_order: bool
    kind: str
    count: float
    learned: str


def _read(name: str, key: str) -> list[dict[str, Any]]:
    rows = json.loads((ORDERS / name).read_text())[key]
    return [row for row in rows if row["split"] != UNSEEN]


def composed_orders(number: int) -> Iterator[str]:
    """Yield orders put together from parts."""
    parts = {f"{part}s": _read("composition.json", f"{part}s") for part in (*PARTS, "frame")}
    choice = random.Random(1)
    for _at in range(number):
        frame = choice.choice(parts["frames"])["text"]
        yield frame.format(**{part: choice.choice(parts[f"{part}s"])["text"] for part in PARTS})


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the texts of our sample responses and graded examples, wherever they stand."""
    if isinstance(value, dict):
        sample = value.get("sample")
        if isinstance(sample, dict) and sample.get("text"):
            yield sample["text"]
        if isinstance(value.get("transcript"), str):
            yield value["transcript"]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _texts_in(each)


def ordinary_responses() -> list[str]:
    """Return our sample responses and graded examples: nothing in them is said to a rater."""
    folders = (Path("materials/packs"), Path("scoring/graded"))
    paths = [path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*.json")]
    return [
        text
        for path in sorted(paths)
        if path.stem != NO_RESPONSES
        for text in _texts_in(json.loads(path.read_text()))
    ]


def open_examples() -> list[Example]:
    """Return all that may be fitted on."""
    names = ("by_hand.json", "more.json", "second.json")
    orders = [row for name in names for row in _read(name, "orders")]
    orders = [row for row in orders if row["language"] == "en"]
    lookalikes = [row["text"] for row in _read("ordinary.json", "sentences")]
    return [
        *(Example(row["text"], True, row["kind"], ORDER, _order_in(row)) for row in orders),
        *(_composed_example(text) for text in composed_orders(COMPOSED)),
        *(Example(text, False, "answer", RESPONSE, text) for text in ordinary_responses()),
        *(Example(text, False, "lookalike", LOOKALIKE, text) for text in lookalikes),
    ]


def _order_in(row: dict[str, Any]) -> str:
    """Return the sentences of an order that are one; none when it is spread and nobody says so."""
    return " ".join(row.get("order", ())) if row["kind"] == "split" else row["text"]


def _composed_example(text: str) -> Example:
    """Return a composed order, of which the sentence with the thing that is asked is fitted on."""
    things = [row["text"].casefold() for row in _read("composition.json", "things")]
    pieces = [piece for piece, _words in parse_sentences(text)]
    learned = [piece for piece in pieces if any(each in piece.casefold() for each in things)]
    return Example(text, True, "composed", COMPOSED_ORDER, " ".join(learned))


def _sentences_of(examples: Iterable[Example]) -> Iterator[tuple[set[str], float, float]]:
    """Yield the signs of each sentence, whether it is an order (1 or 0), and how much it counts."""
    for example in examples:
        for signs in _signs_in(example.learned):
            yield signs, float(example.is_order), example.count


@cache
def _signs_in(text: str) -> list[set[str]]:
    """Return the signs of each sentence; kept, since every fit asks for them again."""
    return [signs_of(words) for _text, words in parse_sentences(text)]


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Return what each sign is worth, fitted on these examples; the same for the same ones.

    Orders that are still missed count more in the next round.
    """
    weights = _fitted(examples)
    for _repeat in range(REPEATS):
        examples = [_counted_more(each, weights) for each in examples]
        weights = _fitted(examples)
    return weights


def _counted_more(example: Example, weights: Mapping[str, float]) -> Example:
    """Return an example that counts more when it is an order and hardly worth one."""
    sentences = _signs_in(example.learned) if example.is_order else []
    worth = [worth_of(signs, weights) for signs in sentences]
    is_weak = bool(worth) and max(worth) < WISHED
    return replace(example, count=example.count * MORE) if is_weak else example


def _fitted(examples: Iterable[Example]) -> dict[str, float]:
    """Return the weights of one logistic regression, found by steps of Adam; no small ones."""
    sentences = list(_sentences_of(examples))
    seen = Counter(sign for signs, _order, _count in sentences for sign in signs)
    names = sorted(sign for sign, number in seen.items() if number >= _least_seen(sign))
    places = {sign: at for at, sign in enumerate(names)}
    columns = [
        [places[sign] for sign in sorted(signs) if sign in places] for signs, *_ in sentences
    ]
    rows = np.repeat(np.arange(len(columns)), [len(each) for each in columns])
    flat = np.array([at for each in columns for at in each])
    is_order = np.array([order for _signs, order, _count in sentences])
    counts = np.array([count for *_, count in sentences])
    shrink = np.array([_shrink(sign) for sign in names])
    weights, mean, square = (np.zeros(len(names)) for _ in range(3))
    for step in range(1, STEPS + 1):
        worth = np.bincount(rows, weights[flat], minlength=len(columns))
        gap = (1 / (1 + np.exp(-worth)) - is_order) * counts
        slope = np.bincount(flat, gap[rows], minlength=len(names)) + shrink * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        pace = STEP * (1 - 0.9 * step / STEPS) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
        weights -= pace * mean / (1 - 0.9**step)
    rounded = zip(names, (round(float(weight), 2) for weight in weights), strict=True)
    return {sign: weight for sign, weight in rounded if abs(weight) >= LEAST_WORTH}


def _is_pair(sign: str) -> bool:
    return sign.startswith("<") and sign.count("<") > 1


def _least_seen(sign: str) -> int:
    return LEAST_SEEN_PAIRS if _is_pair(sign) else LEAST_SEEN + (" " in sign)


def _shrink(sign: str) -> float:
    if sign == ALWAYS:
        return 0.001
    return SHRINK_PAIRS if _is_pair(sign) else SHRINK


def cross_validate(examples: Sequence[Example]) -> dict[str, tuple[int, int]]:
    """Return how many examples of each kind are taken for orders when they were not fitted on.

    An order is left out with all of its kind, an ordinary answer with a fifth of the answers.
    """
    orders = sorted({example.kind for example in examples if example.is_order})
    parts = {id(each): at % FOLDS for at, each in enumerate(examples)}
    taken: Counter[str] = Counter()
    for at in range(max(len(orders), FOLDS)):
        kind = orders[at] if at < len(orders) else ""
        left_out = [
            each
            for each in examples
            if (each.kind == kind if each.is_order else parts[id(each)] == at)
        ]
        chosen = {id(each) for each in left_out}
        weights = fit([each for each in examples if id(each) not in chosen])
        taken.update(each.kind for each in left_out if is_taken_for_order(each.text, weights))
    numbers = Counter(example.kind for example in examples)
    return {kind: (taken[kind], number) for kind, number in numbers.items()}


def is_taken_for_order(text: str, weights: Mapping[str, float]) -> bool:
    """Return whether anything in a text is taken for an order."""
    return bool(find_orders(parse_sentences(text), weights))
