"""The embedded ears: Whisper, on this machine. No key, and no network.

The recogniser runs in a child of each worker of the queue, which holds it from the first recording
on. No other process of the site loads it. A long recording is heard piece by piece, and what was
heard so far is shown and outlives a try that breaks off. docs/ears.md has the figures.
"""

import atexit
import hashlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from opic.lib.stores.ear_weights import NAMED, folder_of
from scoring.adapter_error import AdapterError
from scoring.audio.codec import Samples, Sound
from scoring.ears import local_pieces, local_words, weights
from scoring.ears.base import LOCAL, Heard, HearingJob
from scoring.ears.invented import has_invented
from scoring.ears.local_child import PROGRAM, Child, ChildError, RefusedError
from scoring.ears.local_pieces import RATE, Piece
from scoring.ears.local_words import Reply, Word
from scoring.levels.word_lists import tokens
from scoring.reasons import Reason

logger = logging.getLogger(__name__)
VERSION = "1"  # of how we ask, cut and clean
MEGABYTE = 1024 * 1024
# of the time a task has: what decoding and measuring before, and judging behind, may take
OTHERS_SECONDS = 30
FLOOR_SECONDS = 30  # a crowded machine, and the first recording loads the weights
PIECE_SECONDS = 45  # a recogniser that needs longer hangs
SOON_SECONDS, LATER_SECONDS = 1, 30
LEAST_SECONDS = 1.0  # too little to begin a piece
MOST_NAME = 60
LEAST_TO_PART = 10.0  # seconds of a piece worth hearing in two halves


@dataclass(frozen=True)
class _SoFar:
    """What was heard up to a moment of the recording."""

    words: tuple[Word, ...] = ()
    until: float = 0.0
    english: float | None = None


class LocalEars:
    """The ears of this machine."""

    name = LOCAL

    def __init__(self, program: Sequence[str] = ()) -> None:
        self._program = program or PROGRAM
        # the child: one request at a time
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._ended: list[Child] = []
        self._own_hash: dict[Path, str] = {}
        atexit.register(self.end)

    @property
    def version(self) -> str:
        """Return how we ask, and which model: 20 characters at most."""
        model = settings.OPIC_LOCAL_EARS
        name = model if model in NAMED else Path(model).name[:9]
        return f"{VERSION}-{name}-{self._hash(model)[:8]}"

    def _hash(self, model: str) -> str:
        if model in NAMED:
            return weights.MODELS[model].files["model.bin"].sha256
        path = folder_of(settings.DATA_DIR, model) / "model.bin"
        if path not in self._own_hash:
            try:
                with path.open("rb") as file:
                    self._own_hash[path] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                return "missing"
        return self._own_hash[path]

    def warm(self) -> None:
        """Do nothing: this runs before workers fork, and each has a child of its own."""

    def hear(self, job: HearingJob, sound: Sound) -> Heard:
        """Return what was said, with the time of each word. Raises AdapterError."""
        if not job.measures.get("is_heard"):
            return self._heard(_SoFar(), job)
        with self._lock:
            heard = self._heard(self._heard_whole(job, sound.samples), job)
        if has_invented(heard.transcript, job.measures):
            raise AdapterError("more words than the sound holds", retry=False, reason=Reason.WORDS)
        return heard

    def _heard_whole(self, job: HearingJob, samples: Samples) -> _SoFar:
        """Hear piece after piece, and note what there is after each. Raises AdapterError."""
        until = time.monotonic() + time_limit(len(samples) / RATE)
        before = so_far = self._from_before(job.heard_before)
        pieces = local_pieces.plan(job.measures, samples, since=so_far.until)
        for number, piece in enumerate(pieces, start=1):
            try:
                so_far = self._with_piece(so_far, piece, job, samples, until)
            except RefusedError as exc:
                logger.error("the weights of the ears are not used: %s", exc)
                raise AdapterError(f"nothing can be heard: {exc}", retry=False) from None
            except ChildError as exc:
                logger.warning("the ears broke off: %s", exc)
                # where words came, the next try goes on behind them
                after = SOON_SECONDS if so_far.until > before.until else LATER_SECONDS
                text = f"the ears broke off: {exc}"
                raise AdapterError(text, retry=True, after_seconds=after) from None
            if number < len(pieces):
                job.note(self._heard(so_far, job, is_whole=False))
        return so_far

    def _with_piece(
        self, so_far: _SoFar, piece: Piece, job: HearingJob, samples: Samples, until: float
    ) -> _SoFar:
        """Return what was heard with one piece more. Raises RefusedError and ChildError."""
        reply = self._ask(piece, job.measures, samples, until)
        words = reply.words
        if reply.repeats_itself and piece.end - piece.start > LEAST_TO_PART:
            # in two halves it rarely runs in a circle again
            halves = local_pieces.halves(piece, job.measures, samples)
            parts = [self._ask(half, job.measures, samples, until) for half in halves]
            words = tuple(word for part in parts for word in part.words)
        english = reply.english if so_far.english is None else so_far.english
        return _SoFar((*so_far.words, *words), piece.end, english)

    def _ask(
        self, piece: Piece, measures: Mapping[str, Any], samples: Samples, until: float
    ) -> Reply:
        left = until - time.monotonic()
        if left < LEAST_SECONDS:
            raise ChildError("its time is up")
        child = self._running()
        patience = time.monotonic() + min(left, PIECE_SECONDS)
        child.wait_loaded(patience - time.monotonic())
        runs = [(start, start + lasts) for start, lasts in measures["runs"]]
        inside = [
            (max(start - piece.start, 0.0), min(end, piece.end) - piece.start)
            for start, end in runs
            if start < piece.end and end > piece.start
        ]
        part = samples[round(piece.start * RATE) : round(piece.end * RATE)]
        head = {"runs": inside, "asks_language": True}
        reply = child.ask(head, part.astype("<f4").tobytes(), patience - time.monotonic())
        try:
            return local_words.believed(reply, piece.start, piece.end, runs)
        except (ValueError, KeyError, TypeError):
            child.end()
            raise ChildError("its reply makes no sense") from None

    def _running(self) -> Child:
        """Return the child of this process; start one where there is none, or with other options.

        Raises ChildError.
        """
        model = settings.OPIC_LOCAL_EARS
        options = {
            "model": model,
            "folder": str(folder_of(settings.DATA_DIR, model)),
            "memory_bytes": settings.OPIC_EARS_MEGABYTES * MEGABYTE,
        }
        old = self._child
        if old and old.is_alive() and old.options == options:
            return old
        if old:
            old.end()
            # referenced: a Popen that is collected waits for a process that is not our child
            self._ended = [*self._ended[-1:], old]
        self._child = Child(options, code=settings.BASE_DIR, program=self._program)
        return self._child

    def _from_before(self, heard: Heard | None) -> _SoFar:
        """Return the beginning that an earlier try of the same ears heard."""
        if heard is None or heard.is_whole or heard.instruction_version != self.version:
            return _SoFar()
        words = tuple(Word.from_row(row) for row in heard.details["words"])
        return _SoFar(words, float(heard.details["until"]), heard.details.get("english"))

    def _heard(self, so_far: _SoFar, job: HearingJob, *, is_whole: bool = True) -> Heard:
        runs = [(start, start + lasts) for start, lasts in job.measures.get("runs", ())]
        rows = local_words.stretches(so_far.words, runs)
        details: dict[str, Any] = {
            "words": [word.as_row() for word in so_far.words],
            "stretches": rows,
        }
        if so_far.english is not None:
            details["english"] = round(so_far.english, 3)
        if not is_whole:
            details |= {"is_whole": False, "until": so_far.until}
        transcript = " ".join(row["text"] for row in rows)
        language = "english" if tokens(transcript) else "none"
        return Heard(transcript, self._model_name(), self.version, language, details)

    def _model_name(self) -> str:
        name = Path(settings.OPIC_LOCAL_EARS).name[:MOST_NAME]
        return f"{name} {self._hash(settings.OPIC_LOCAL_EARS)[:8]}"

    def end(self) -> None:
        """End the child; the next recording starts another."""
        if self._child:
            self._child.end()


def time_limit(length_seconds: float) -> float:
    """Return how many seconds one try may hear a recording of this length."""
    task = float(settings.OPIC_TASK_SECONDS)
    return min(2 * length_seconds + FLOOR_SECONDS, max(task - OTHERS_SECONDS, task / 2))
