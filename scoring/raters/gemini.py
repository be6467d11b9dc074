"""The rater that asks Gemini twice: one call hears, another one judges the transcript.

The call that hears is shown no rubric; the call that judges is given no sound. Neither names a
level: `scoring.raters.validation` and `scoring.levels.response` make it. A reply of another shape
is asked for once more, cleanly; after that a person has to listen.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.core.cache import cache

from scoring.audio.codec import Sound
from scoring.raters import evidence, gemini_client, instruction, schemas, validation
from scoring.raters.base import Feedback, Heard, RaterError, RatingJob
from scoring.raters.circuit_breaker import Breaker
from scoring.raters.gemini_client import Ask, GeminiError
from scoring.raters.schemas import HearReply, MalformedError, RateReply

HEAR_TOKENS = 4096
RATE_TOKENS = 4096
TRIES = 2  # the first, and one clean retry
VENDOR = frozenset({"busy", "day_quota", "down", "timeout", "unreachable", "key", "gone"})
TOKENS_A_SECOND = 12  # of a hearing: fast speech, and the frame round it

Made = TypeVar("Made")


class GeminiRater:
    """The rater behind Google's models, guarded by the circuit breaker."""

    name = "gemini"

    def __init__(self) -> None:
        self.breaker = Breaker(cache)

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None:
        """Return the verbatim transcript with times. Raises RaterError."""
        ask = Ask(
            "hear",
            instruction.for_hearing(),
            ["Write down this recording."],
            schemas.HEAR_SCHEMA,
            max(HEAR_TOKENS, round(TOKENS_A_SECOND * float(job.measures["length_seconds"]))),
            sound=sound.flac(),
        )

        def believed(reply: gemini_client.Reply) -> Heard:
            if not reply.usage.audio:
                raise RaterError("the model was sent sound and counted none", retry=True)
            return self._heard(job, schemas.read(reply.text, HearReply), reply.model)

        return self._asked(ask, job, believed)

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return a level range made from the model's judgements and evidence. Raises RaterError."""
        if heard is None:
            raise RaterError("nothing was heard before judging", retry=False)
        ask = Ask(
            "rate",
            instruction.for_rating(job.item_type),
            [instruction.material(job, heard.transcript)],
            schemas.RATE_SCHEMA,
            RATE_TOKENS,
        )

        def believed(reply: gemini_client.Reply) -> Feedback:
            judged = schemas.read(reply.text, RateReply)
            if not schemas.is_whole(judged, probes_advanced=True):
                raise MalformedError("judgements")
            made = validation.feedback_from(judged, job, heard)
            versions = {**made.versions, "model": reply.model, "hear_model": heard.model}
            return replace(made, versions=versions)

        return self._asked(ask, job, believed)

    def _heard(self, job: RatingJob, reply: HearReply, model: str) -> Heard:
        stretches = validation.stretches_from(reply, job.measures)
        transcript = " ".join(row["text"] for row in stretches)
        validation.refuse_invented(transcript, job.measures)
        language = reply.language if evidence.tokens(transcript) else "none"
        return Heard(
            transcript, model, instruction.HEAR_VERSION, language, {"stretches": stretches}
        )

    def _asked(
        self, ask: Ask, job: RatingJob, believed: Callable[[gemini_client.Reply], Made]
    ) -> Made:
        self.breaker.refuse_while_open()
        for left in reversed(range(TRIES)):
            try:
                reply = gemini_client.generate(ask, job.usage_recorder)
                self.breaker.note_reply()
                return believed(reply)
            except MalformedError as exc:
                if not left:
                    text = f"malformed twice: {exc}"
                    raise RaterError(text, retry=False, reason=exc.reason) from None
            except GeminiError as exc:
                if exc.kind == "empty" and left:
                    continue
                raise self._as_rater_error(exc) from None
        # the loop returns or raises
        raise AssertionError

    def _as_rater_error(self, exc: GeminiError) -> RaterError:
        if exc.kind in VENDOR:
            after = exc.after_seconds or gemini_client.UNKNOWN_DELAY
            self.breaker.note_failure(exc.kind, after)
            return RaterError(str(exc), retry=True, after_seconds=after, is_vendor=True)
        return RaterError(str(exc), retry=False)
