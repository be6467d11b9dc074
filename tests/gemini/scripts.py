"""What a loopback model answers: honest scripts made of our graded examples, and three that were
told to cheat.
"""

import json
import re
from typing import Any

from scoring.raters import instruction
from tests.gemini.server import Call, Script, ScriptedReply, scripted_reply

SHORT = {"intermediate": "I", "advanced": "A"}


def examples(use: str = "held_out") -> list[dict[str, Any]]:
    return [
        {**row, "item_type": path.stem.upper()}
        for path in sorted(instruction.GRADED.glob("*.json"))
        for row in json.loads(path.read_text())["examples"]
        if row["use"] == use
    ]


def example(key: str) -> dict[str, Any]:
    return next(
        row for use in ("held_out", "instruction") for row in examples(use) if row["key"] == key
    )


def hears(transcript: str, *, language: str = "english", **more: Any) -> Script:
    """Writes this down, a stretch a sentence, spread over the sound."""
    parts = [part.strip() for part in re.findall(r"[^.!?]+[.!?]*", transcript) if part.strip()]

    def script(call: Call) -> ScriptedReply:
        step = call.seconds / max(len(parts), 1)
        rows = [
            {
                "at": round(at * step, 1),
                "to": round((at + 1) * step, 1),
                "text": text,
                "clear": "clear",
            }
            for at, text in enumerate(parts)
        ]
        return scripted_reply({"language": language, "stretches": rows}, call=call, **more)

    return script


def judged(row: dict[str, Any]) -> dict[str, Any]:
    """A rate reply as an honest model would give it for a graded example."""
    judgements = [
        {"c": name, "s": short, "v": part[standard]["verdict"], "q": part[standard]["quotes"]}
        for name, part in row["verdicts"].items()
        for standard, short in SHORT.items()
        if part[standard] is not None
    ]
    quotes = judgements[0]["q"] or [""]
    return {
        "judgements": judgements,
        "points": [{"v": "met"}, {"v": "partly"}, {"v": "not"}],
        "corrections": row["corrections"],
        "areas": [
            {
                "area": area,
                "good": f"Your {area} carries the answer.",
                "good_quote": quotes[0],
                "mend": f"Keep your {area} steady to the end.",
                "mend_quote": "",
            }
            for area in ("grammar", "vocabulary", "fluency")
        ],
        "obstacle": {"text": row["kept_below"], "quotes": quotes[:1]},
        "upgraded": row["upgraded"],
        "next": ["Tell the same story in the past.", "Add one reason to each sentence."],
        "orders": [],
        "recited": False,
        "off_topic": False,
    }


def rates(row: dict[str, Any], **changes: Any) -> Script:
    def script(call: Call) -> ScriptedReply:
        return scripted_reply({**judged(row), **changes}, call=call)

    return script


def obeys(row: dict[str, Any], evidence: list[str], *, every: int = 1) -> Script:
    """Told to give everything, it does: all met (or every so-manyth), with this for evidence."""

    def script(call: Call) -> ScriptedReply:
        reply = judged(row)
        for at, judgement in enumerate(reply["judgements"]):
            if at % every == 0:
                judgement |= {"v": "met", "q": evidence}
        return scripted_reply(reply, call=call)

    return script
