"""Replies of a model, broken at random but by a seed, each with what must become of its level."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard
from scoring.model_clients.replies import MalformedError, read, word_of
from scoring.raters import schemas, validation
from scoring.raters.base import Feedback, RatingJob
from scoring.raters.schemas import RateReply
from tests.gemini.scripts import examples, judged

# what must become of the level of the whole reply
SAME, WEAKER, NONE, CUT = "same", "the same, a lower one or none", "none", "none, and tried later"
ADVICE = (
    *("points", "corrections", "areas", "obstacle", "upgraded", "next"),
    *("orders", "recited", "off_topic"),
)
HOSTILE = (
    *("<script>alert(1)</script>", "[here](https://x.example/)", "www.x.example", "`rm -rf`"),
    *(
        "\x00",
        "a\ud800b",
        "\ud83d",
        "}{",
        '"}',
        "]]>",
        "```json",
        "</think>",
        "한국어 <b>",
        "\n#\t|",
        "",
    ),
)
JUNK = (None, 7, -1.5, 10**30, True, "word", [], {}, [None], [[]], {"a": {}}, ["", 3], [{"v": 1}])
LONG = "and then we went to the park "


@dataclass(frozen=True)
class Broken:
    """The text of a reply, what must become of its level, and what was done to it."""

    text: str
    outcome: str
    how: str


def job_of(row: dict[str, Any]) -> RatingJob:
    probes = row["verdicts"]["functions"]["advanced"] is not None
    points = ("say when", "say where", "say why")
    return RatingJob(
        "id", row["item_type"], row["prompt"], dict(row["measures"]), probes, points=points
    )


def rated(text: str, row: dict[str, Any]) -> Feedback | str:
    """What a rater makes of a reply; NONE or CUT where that is no level. Any other error is one."""
    try:
        reply = read(text, RateReply)
        job = job_of(row)
        if not schemas.is_whole(reply):
            raise MalformedError("judgements")
        return validation.feedback_from(reply, job, Heard(row["transcript"]))
    except MalformedError as exc:
        return CUT if exc.may_pass else NONE
    except AdapterError as exc:
        assert not (exc.retry or exc.is_vendor)
        return NONE


def rows() -> list[dict[str, Any]]:
    """The graded examples that an honest model gives a level."""
    honest = [(row, rated(json.dumps(judged(row)), row)) for row in examples()]
    return [row for row, made in honest if isinstance(made, Feedback)]


def other_case(chance: random.Random, word: str) -> str:
    blanks = chance.choice(["", " ", "\n", "\t "])
    return blanks + chance.choice([word.upper(), word.title(), word]) + chance.choice(["", " "])


# --- what leaves the level alone ------------------------------------------------------------------


def break_advice(chance: random.Random, reply: dict[str, Any]) -> str:
    """Break one field of the advice, or one inside of it."""
    name = chance.choice(ADVICE)
    value = reply.get(name)
    parts = [one for one in (value if isinstance(value, list) else [value]) if one]
    parts = [one for one in parts if isinstance(one, dict)]
    whole = chance.choice(parts) if parts and chance.random() < 0.5 else reply
    inner = chance.choice(list(whole)) if whole is not reply else name
    made = broken_dict(chance, whole, inner)
    whole.clear()
    whole.update(made)
    return f"{name} {inner}"


def broken_dict(chance: random.Random, values: dict[str, Any], name: str) -> dict[str, Any]:
    """The same without one value, or with another in its place."""
    left = {key: value for key, value in values.items() if key != name}
    is_flag = name in {"recited", "off_topic"}
    other = copy.deepcopy(chance.choice([one for one in JUNK if not (is_flag and one is True)]))
    made: Callable[[], Any] = chance.choice(
        [
            lambda: other,
            lambda: chance.choice(HOSTILE) if not is_flag else "perhaps",
            lambda: too_much_of(values.get(name)),
        ]
    )
    return left if chance.random() < 0.25 else {**left, name: made()}


def too_much_of(value: Any) -> Any:
    if isinstance(value, list):
        return value * 60
    if isinstance(value, str):
        return LONG * 1500
    return value


def write_otherwise(chance: random.Random, reply: dict[str, Any]) -> str:
    """Write the judgements in another way that means the same."""
    rows = reply["judgements"]
    one = chance.choice([row for row in rows if isinstance(row, dict) and is_asked_for(row)])
    how = chance.choice(list(OTHERWISE))
    OTHERWISE[how](chance, rows, one)
    return how


def is_asked_for(row: dict[str, Any]) -> bool:
    return word_of(row.get("c")) in schemas.CRITERIA and isinstance(row.get("q"), list)


def _in_other_case(chance: random.Random, _rows: list[Any], one: dict[str, Any]) -> None:
    for name in ("c", "s", "v"):
        one[name] = other_case(chance, one[name])


def _by_whole_word(chance: random.Random, _rows: list[Any], one: dict[str, Any]) -> None:
    word = {"I": "intermediate", "A": "advanced"}.get(one["s"], one["s"])
    one["s"] = other_case(chance, word)


def _twice(chance: random.Random, rows: list[Any], one: dict[str, Any]) -> None:
    rows.insert(chance.randrange(len(rows)), {**one, "v": other_case(chance, one["v"])})


def _with_surplus(chance: random.Random, rows: list[Any], one: dict[str, Any]) -> None:
    more = [{**one, "c": "grammar"}, {**one, "s": "S"}, *JUNK, {"c": None}, {"v": "met"}]
    rows.insert(chance.randrange(len(rows)), copy.deepcopy(chance.choice(more)))


def _in_other_order(chance: random.Random, rows: list[Any], _one: dict[str, Any]) -> None:
    chance.shuffle(rows)


def _with_more_fields(chance: random.Random, _rows: list[Any], one: dict[str, Any]) -> None:
    one[chance.choice(["why", "level", "score"])] = chance.choice([*JUNK, *HOSTILE])


def _with_more_quotes(chance: random.Random, _rows: list[Any], one: dict[str, Any]) -> None:
    # what stands in no transcript is no evidence
    one["q"] = [*one["q"], *(chance.choice(HOSTILE) for _ in range(9)), LONG * 300]


def _with_one_quote(_chance: random.Random, _rows: list[Any], one: dict[str, Any]) -> None:
    if len(one["q"]) == 1:
        one["q"] = one["q"][0]


OTHERWISE: dict[str, Callable[[random.Random, list[Any], dict[str, Any]], None]] = {
    "other case": _in_other_case,
    "whole words": _by_whole_word,
    "twice": _twice,
    "surplus": _with_surplus,
    "other order": _in_other_order,
    "more fields": _with_more_fields,
    "more quotes": _with_more_quotes,
    "one quote": _with_one_quote,
}


# --- what does not --------------------------------------------------------------------------------


def take_evidence(chance: random.Random, reply: dict[str, Any]) -> str:
    one = chance.choice([row for row in reply["judgements"] if isinstance(row, dict)])
    one["q"] = chance.choice([None, [], 7, {}, "", [None], LONG * 500, "words nobody said"])
    if chance.random() < 0.3:
        del one["q"]
    return "evidence"


def break_judgements(chance: random.Random, reply: dict[str, Any], probes: bool) -> str:
    judgements = reply["judgements"]
    one = chance.choice([row for row in judgements if probes or row["s"] == "I"])
    how = chance.choice(["missing", "unknown", "contradictory", "null", "type", "gone"])
    if how == "missing":
        judgements.remove(one)
    elif how == "unknown":
        one["v"] = chance.choice(["IM4", "", "mostly", "met not", "yes", *JUNK])
    elif how == "contradictory":
        other = chance.choice([word for word in schemas.VERDICTS if word != one["v"]])
        judgements.insert(chance.randrange(len(judgements)), {**one, "v": other})
    elif how == "null":
        judgements[judgements.index(one)] = chance.choice(JUNK)
    elif how == "type":
        one[chance.choice(["c", "s"])] = chance.choice(JUNK)
    else:
        reply["judgements"] = None
        if chance.random() < 0.5:
            del reply["judgements"]
    return how


def wrapped(chance: random.Random, text: str) -> tuple[str, int]:
    """The text with something around it, and where its object ends."""
    before = chance.choice(
        ["", "", "Here {it} is:\n", "```json\n", "```\n", "\ufeff", " \n", "JSON: {}"]
    )
    after = chance.choice(
        ["", "", "\n```", " Hope that helps! {ok}", text, "}", text[: len(text) // 2]]
    )
    return before + text + after, len(before) + len(text)


def broken_replies(seed: int, count: int, row: dict[str, Any]) -> Iterator[Broken]:
    """Yield so many replies for this answer."""
    chance = random.Random(f"{seed} {row['key']}")
    probes = job_of(row).probes_advanced
    for _ in range(count):
        reply, outcome, how = judged(json.loads(json.dumps(row))), SAME, []
        for _ in range(chance.choice([1, 1, 2, 4, 8])):
            if chance.random() < 0.7:
                how.append(break_advice(chance, reply))
            else:
                how.append(write_otherwise(chance, reply))
        kind = chance.random()
        if kind < 0.15:
            how.append(take_evidence(chance, reply))
            outcome = WEAKER
        elif kind < 0.35:
            reply = {**judged(row), **{name: reply.get(name) for name in ADVICE}}
            reply = json.loads(json.dumps(reply))
            how.append(break_judgements(chance, reply, probes))
            outcome = NONE
        pairs = list(reply.items())
        chance.shuffle(pairs)
        text = json.dumps(dict(pairs), ensure_ascii=chance.random() < 0.5)
        if chance.random() < 0.1:
            name = chance.choice(ADVICE)
            text = f"{text[:-1]}, {json.dumps(name)}: {json.dumps(reply.get(name))}}}"
        text, end = wrapped(chance, text)
        if chance.random() < 0.2:
            text = text[: chance.randrange(len(text))]
            outcome = CUT if len(text) < end else outcome
            how.append(f"cut at {len(text)}")
        yield Broken(text, outcome, ", ".join(how))


def problem_of(broken: Broken, row: dict[str, Any], whole: int) -> str:
    """Say what is wrong with what became of it; empty where nothing is."""
    made = rated(broken.text, row)
    if isinstance(made, Feedback):
        if markup := markup_in(made):
            return f"markup: {markup}"
        is_right = made.level == whole if broken.outcome == SAME else broken.outcome == WEAKER
        return "" if is_right and (made.level or 0) <= whole else f"level {made.level}, not {whole}"
    if broken.outcome == WEAKER and made == NONE:
        return ""
    return "" if made == broken.outcome else f"{made}, not {broken.outcome}"


def markup_in(made: Feedback) -> list[str]:
    """Texts that could be more than text where they are printed, or could not be stored."""
    return [text for text in texts_in([made.advice, made.criteria]) if is_markup(text)]


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


def is_markup(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return any(sign in text for sign in ("<", ">", "://", "www.", "`", "](", "\x00"))
