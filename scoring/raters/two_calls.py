"""What raters behind a model share: one call hears, another one judges the transcript.

The call that hears is shown no rubric; the call that judges is given no sound. Neither names a
level: `scoring.raters.validation` and `scoring.levels.response` make it. A reply that cannot be
used is asked for once more, cleanly. After that one that broke off is tried later; for one that
cannot be believed, and for what was refused, a person has to listen.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.core.cache import cache

from scoring.audio.codec import Sound
from scoring.model_clients.base import UNKNOWN_DELAY, Ask, ModelClient, ModelError, Reply
from scoring.model_clients.circuit_breaker import Breaker
from scoring.raters import evidence, instruction, schemas, validation
from scoring.raters.base import Feedback, Heard, RaterError, RatingJob
from scoring.raters.schemas import HearReply, MalformedError, RateReply
from scoring.reasons import Reason

HEAR_TOKENS = 4096
RATE_TOKENS = 4096
TRIES = 2  # the first, and one clean retry
VENDOR = frozenset({"busy", "day_quota", "down", "timeout", "unreachable", "key", "gone", "deaf"})
MAY_PASS = frozenset({"cut", "empty"})
TOKENS_A_SECOND = 12  # of a hearing: fast speech, and the frame round it

Made = TypeVar("Made")


class TwoCallRater:
    """A rater behind one client, guarded by the circuit breaker of its vendor."""

    def __init__(self, client: ModelClient) -> None:
        self.client, self.name = client, client.name
        self.breaker = Breaker(cache, client.name)
        # a model that takes no sound can still judge
        self.hearing = Breaker(cache, f"{client.name}:hear")

    def warm(self) -> None:
        """Load what the first call would wait for."""
        self.client.warm()

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None:
        """Return the verbatim transcript with times. Raises RaterError."""
        _refuse_while_open(self.hearing, "the model does not take sound")
        seconds = float(job.measures["length_seconds"])
        is_wav = self.client.sound_type == "audio/wav"
        ask = Ask(
            "hear",
            instruction.for_hearing(),
            ["Write down this recording."],
            schemas.HEAR_SCHEMA,
            max(HEAR_TOKENS, round(TOKENS_A_SECOND * seconds)),
            sound=sound.wav() if is_wav else sound.flac(),
            sound_type=self.client.sound_type,
            sound_seconds=seconds,
        )

        def believed(reply: Reply) -> Heard:
            if reply.counts_sound and not reply.usage.audio:
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

        def believed(reply: Reply) -> Feedback:
            judged = schemas.read(reply.text, RateReply)
            if not schemas.is_whole(judged):
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

    def _asked(self, ask: Ask, job: RatingJob, believed: Callable[[Reply], Made]) -> Made:
        """Return what was made of the first reply that can be used. Raises RaterError."""
        _refuse_while_open(self.breaker, "the vendor is given a rest")
        error = RaterError("nobody was asked", retry=True)
        for _ in range(TRIES):
            try:
                reply = self.client.generate(ask, job.usage_recorder)
                self.breaker.note_reply()
                return believed(reply)
            except MalformedError as exc:
                reason = exc.reason or Reason.REPLY
                error = RaterError(f"malformed twice: {exc}", retry=exc.may_pass, reason=reason)
            except ModelError as exc:
                error = self._as_rater_error(exc)
                if exc.kind not in MAY_PASS:
                    break
        # nothing of a reply goes into what is logged
        raise error from None

    def _as_rater_error(self, exc: ModelError) -> RaterError:
        if exc.kind in VENDOR:
            after = exc.after_seconds or UNKNOWN_DELAY
            breaker = self.hearing if exc.kind == "deaf" else self.breaker
            breaker.note_failure(exc.kind, after)
            return RaterError(str(exc), retry=True, after_seconds=after, is_vendor=True)
        if exc.kind in MAY_PASS:
            return RaterError(str(exc), retry=True)
        return RaterError(str(exc), retry=False, reason=Reason.REFUSED)


def _refuse_while_open(breaker: Breaker, text: str) -> None:
    if left := breaker.seconds_left():
        raise RaterError(text, retry=True, after_seconds=left, is_vendor=True)
