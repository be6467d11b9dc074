"""The ears behind a server of the transcription protocol, which times each word."""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

from django.conf import settings
from pydantic import Field

from scoring.audio.codec import Sound
from scoring.ears.base import Heard, HearingJob
from scoring.ears.invented import has_invented
from scoring.levels.word_lists import tokens
from scoring.model_clients.asking import ModelAdapter
from scoring.model_clients.base import Ask, Reply
from scoring.model_clients.replies import (
    MalformedError,
    ReplyPart,
    read,
    read_by,
    rows_of,
    seconds_of,
    text_of,
)
from scoring.model_clients.transcription import TranscriptionClient
from scoring.reasons import Reason

VERSION = "words-1"
MOST_HEARD = 60_000  # characters
LEAST_SURE = 0.6  # probability of a word of which the server says none: neither sure nor unsure
WORD_ENDS_LATE = 1.0  # seconds by which a word may end behind the measured length

Row = tuple[str, float, float, float]


def _share(value: object) -> float:
    """Return a probability; not a number where there is none."""
    is_share = isinstance(value, int | float) and 0 <= value <= 1
    return float(value) if is_share and isinstance(value, int | float) else math.nan


def _likelihood(value: object) -> float:
    """Return the probability of a mean logarithm; not a number where there is none."""
    is_log = isinstance(value, int | float) and -100 <= value <= 0
    return math.exp(value) if is_log and isinstance(value, int | float) else math.nan


def _listed(value: object) -> list[dict[str, object]]:
    return list(rows_of(value))


Seconds = Annotated[float, read_by(seconds_of)]


class Word(ReplyPart):
    """One word: its text, seconds from the start, and a probability where the server says one."""

    word: Annotated[str, read_by(text_of)] = ""
    start: Seconds = math.inf
    end: Seconds = math.inf
    probability: Annotated[float, read_by(_share)] = math.nan


class Segment(ReplyPart):
    """A piece of speech, and how likely its words are together."""

    text: Annotated[str, read_by(text_of, most=MOST_HEARD)] = ""
    start: Seconds = math.inf
    avg_logprob: Annotated[float, read_by(_likelihood)] = math.nan


class Transcription(ReplyPart):
    """A whole reply; without the text nothing was heard."""

    text: Annotated[str, read_by(text_of, most=MOST_HEARD)]
    words: Annotated[list[Word], read_by(_listed)] = Field(default_factory=list)
    segments: Annotated[list[Segment], read_by(_listed)] = Field(default_factory=list)


class TranscriptionEars(ModelAdapter):
    """Asks the server at `OPIC_EARS_URL`."""

    def __init__(self) -> None:
        super().__init__(TranscriptionClient())

    @property
    def version(self) -> str:
        """Return the version of what is asked, and a mark of the server and its model."""
        asked = f"{settings.OPIC_EARS_URL} {settings.OPIC_EARS_MODEL}"
        return f"{VERSION} {hashlib.sha256(asked.encode()).hexdigest()[:8]}"

    def hear(self, job: HearingJob, sound: Sound) -> Heard:
        """Return the transcript with times of words. Raises AdapterError."""
        length = float(job.measures["length_seconds"])
        ask = Ask("hear", "", (), {}, 0, sound.wav(), self.client.sound_type, length)

        def believed(reply: Reply) -> Heard:
            made = read(reply.text, Transcription)
            if has_invented(made.text, job.measures):
                raise MalformedError("more words than the sound holds", reason=Reason.WORDS)
            return self._heard(made, length, reply.model)

        return self.ask(ask, job.usage_recorder, believed)

    def _heard(self, made: Transcription, length: float, model: str) -> Heard:
        words = _words_of(made, length)
        if words:
            stretches = [
                {"text": text, "at": round(start, 2), "clear": "clear"}
                for text, start, _end, _probability in words
            ]
        else:
            stretches = _stretches_of(made, length)
        transcript = " ".join(str(row["text"]) for row in stretches)
        language = "english" if tokens(transcript) else "none"
        details: dict[str, Any] = {"stretches": stretches}
        if words:
            details["words"] = [list(row) for row in words]
        return Heard(transcript, model, self.version, language, details)


def _words_of(made: Transcription, length: float) -> list[Row]:
    """Return the words with their times; none where times are missing or cannot be.

    Their texts are those of the whole text, with its punctuation, where both are the same words.
    """
    rows = [row for row in made.words if row.word.strip()]
    texts = [" ".join(row.word.split()) for row in rows]
    whole = made.text.split()
    if [tokens(text) for text in whole] == [tokens(text) for text in texts]:
        texts = whole
    elif tokens(made.text) != [one for text in texts for one in tokens(text)]:
        return []
    most = length + WORD_ENDS_LATE
    in_order = all(first.start <= second.start for first, second in pairwise(rows))
    if not in_order or any(not row.start <= row.end <= most for row in rows):
        return []
    starts = [segment.start for segment in made.segments]
    return [
        (text, row.start, row.end, _probability(row, starts, made.segments))
        for text, row in zip(texts, rows, strict=True)
    ]


def _probability(word: Word, starts: Sequence[float], segments: Sequence[Segment]) -> float:
    """Return how sure a word is: as the server says, else as its segment is, else `LEAST_SURE`."""
    at = bisect_right(starts, word.start) - 1
    of_segment = segments[at].avg_logprob if at >= 0 else math.nan
    given = (one for one in (word.probability, of_segment) if not math.isnan(one))
    return round(next(given, LEAST_SURE), 3)


def _stretches_of(made: Transcription, length: float) -> list[dict[str, object]]:
    """Return segments with the times they begin at, or the whole text without any."""
    rows = [row for row in made.segments if row.text.strip()]
    joined = " ".join(row.text for row in rows)
    if tokens(joined) != tokens(made.text):
        rows = [Segment(text=made.text)] if made.text.strip() else []
    in_order = all(first.start <= second.start for first, second in pairwise(rows))
    return [
        {
            "text": " ".join(row.text.split()),
            "at": round(row.start, 2) if in_order and row.start <= length else None,
            "clear": "clear",
        }
        for row in rows
    ]
