"""Facts of an answer as the built-in judge gives them, made from a transcript; for factories.

Words stand at even times; what is quoted is looked up in the text.
"""

from typing import Any

TRANSCRIPT = (
    "Well last weekend I go to the lake near my house with my sister because the weather was nice"
    " and we walked around it for one hour. It is bigger than the park, but there is nothing to"
    " eat. Next month I will go there again with my friends."
)
POINTS = ["say where you went", "say who was with you", "say what went wrong"]
WORD_SECONDS, UNTIL_NEXT = 0.35, 0.45


def words_of(transcript: str, unsure: tuple[str, ...] = ()) -> list[list[Any]]:
    """[text, start, end, probability] of each word; those named are not sure."""
    return [
        [
            text,
            round(0.5 + UNTIL_NEXT * place, 2),
            round(0.5 + UNTIL_NEXT * place + WORD_SECONDS, 2),
            0.3 if text.strip(".,?!") in unsure else 0.93,
        ]
        for place, text in enumerate(transcript.split(" "))
    ]


def quote(transcript: str, text: str, **more: Any) -> dict[str, Any]:
    """A quotation with its place in characters and in seconds."""
    start = transcript.index(text)
    words = words_of(transcript)
    first = transcript[:start].count(" ")
    last = first + text.count(" ")
    place = {"start": start, "end": start + len(text), "quote": text}
    return {**place, "at": words[first][1], "until": words[last][2], **more}


def _pause(transcript: str, behind: str, seconds: float, *, is_inside: bool) -> dict[str, Any]:
    one = quote(transcript, behind)
    after = {"at": one["until"], "seconds": seconds, "after": one["end"]}
    return {**after, "is_inside_clause": is_inside}


def facts(**changes: Any) -> dict[str, Any]:
    """All that the judge may say, about `TRANSCRIPT`; `changes` replace what stands there."""
    text = TRANSCRIPT
    return {
        "version": "1",
        "is_understood": True,
        "transcript": text,
        "words": words_of(text, unsure=("sister", "nice")),
        "word_count": len(text.split()) - 1,
        "words_per_minute": 84.0,
        "run_words": 6.2,
        "pauses": [
            _pause(text, "near my", 1.4, is_inside=True),
            _pause(text, "one hour.", 0.9, is_inside=False),
            _pause(text, "there is", 2.1, is_inside=True),
        ],
        "time_frames": {
            "past": [quote(text, "the weather was nice")],
            "present": [quote(text, "It is bigger")],
            "future": [quote(text, "Next month I will go")],
        },
        "links": [
            quote(text, "because", kind="reason"),
            quote(text, "but", kind="contrast"),
        ],
        "questions_asked": [],
        "points": [
            {"text": POINTS[0], "is_touched": True, "quotes": [quote(text, "the lake")]},
            {"text": POINTS[1], "is_touched": True, "quotes": [quote(text, "with my sister")]},
            {"text": POINTS[2], "is_touched": False, "quotes": []},
        ],
        "is_on_question": True,
        "repeats": [quote(text, "I will go there again")],
        "fillers": 1,
        "endings": [quote(text, "walked", word="walked")],
        "corrections": [
            quote(
                text, "there is nothing to eat", kind="word_choice", better="you cannot eat there"
            ),
            quote(text, "last weekend I go", kind="time_word", better="last weekend I went"),
        ],
        "tasks": {},
        "advice": {
            "key": "pauses_inside",
            "is_again": False,
            "facts": {"count": 2},
            "quote": quote(text, "near my house"),
        },
        **changes,
    }
