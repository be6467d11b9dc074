"""The process that recognises words, so that no process of the site holds the recogniser.

`python -m scoring.ears.local_process FD OPTIONS PARENT` checks the weights against their hashes,
loads them, says so, and then hears one piece of sound after another, until the socket closes or
PARENT ends. It alone imports the recogniser, and nothing of Django. Samples come in, words go out:
it gets no file of a learner, no secret and no database, and refuses to reach any network.

Every message is one frame (scoring/audio/frames.py). The first goes out: {"model": hash} or
{"refused": file or part, "why": one sentence}. A request: {"runs": [[start, end], ...] in seconds
of the piece, "asks_language": bool} and float32 samples, mono, 16 kHz. Its reply: JSON with
`segments`, as the recogniser made them, and `english`, how likely the language is English, or null.
scoring/ears/local_child.py is the other end.
"""

import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opic.lib import processes
from scoring.audio.frames import read_frame, write_frame
from scoring.ears import weights

RATE = 16_000
MOST_SECONDS = 30  # what one look of the recogniser takes in
OUT_OF_MEMORY = 3
NICE = 5
KILL_FIRST = 500  # of 1000, when the kernel is out of memory
# a recogniser that repeats itself ends here: fast speech has some four pieces of words a second
TOKENS_A_SECOND, MORE_TOKENS, MOST_TOKENS = 10, 20, 220
LEAST_LEFT = 0.5  # seconds of speech worth another look
FRAMES_A_SECOND = 100
_NETWORK = frozenset(
    ["socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.getaddrinfo"]
)

Samples = NDArray[np.float32]
Runs = list[tuple[float, float]]


@dataclass(frozen=True)
class Options:
    """Which weights are loaded from where, and how many bytes of its own the process may have."""

    model: str
    folder: str
    memory_bytes: int


class _NothingLeft(Exception):
    """What is left of the piece holds no speech."""


class Recogniser:
    """Whisper, by one thread: the likeliest words, never a second opinion, never a prompt."""

    def __init__(self, folder: str) -> None:
        # nobody but this process loads it
        from faster_whisper import WhisperModel

        self.whisper = WhisperModel(
            folder,
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            num_workers=1,
            local_files_only=True,
        )
        self.encode = self.whisper.encode
        self.whisper.encode = self._encode
        self.encoded: list[Any] = []
        self.runs: Runs = []
        self.seconds = 0.0

    def hear(self, samples: Samples, runs: Runs, *, asks_language: bool) -> dict[str, Any]:
        """Return the segments of a piece, at most 30 s, and how likely its language is English."""
        self.encoded, self.runs, self.seconds = [], runs, len(samples) / RATE
        tokens = min(round(TOKENS_A_SECOND * self.seconds) + MORE_TOKENS, MOST_TOKENS)
        segments, _info = self.whisper.transcribe(
            samples,
            language="en",
            beam_size=1,
            best_of=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
            max_new_tokens=tokens,
        )
        rows = []
        with suppress(_NothingLeft):
            for segment in segments:
                rows.append(_as_row(segment))
        english = self._english() if asks_language else None
        return {"segments": rows, "english": english}

    def _encode(self, features: Any) -> Any:
        """Look at a piece, or at what the first look left of it: only where somebody speaks."""
        if self.encoded:
            # what lies behind the end of the sound is filled up with zeros
            left = int(np.count_nonzero(np.any(features != 0, axis=-2))) / FRAMES_A_SECOND
            since = self.seconds - left
            if sum(max(end - max(start, since), 0) for start, end in self.runs) < LEAST_LEFT:
                raise _NothingLeft
        self.encoded.append(self.encode(features))
        return self.encoded[-1]

    def _english(self) -> float | None:
        if not (self.encoded and self.whisper.model.is_multilingual):
            return None
        # what was made to recognise words serves to tell the language too
        likely = dict(self.whisper.model.detect_language(self.encoded[0])[0])
        return float(likely.get("<|en|>", 0.0))


def _as_row(segment: Any) -> dict[str, Any]:
    return {
        "no_speech": float(segment.no_speech_prob),
        "log_probability": float(segment.avg_logprob),
        "compression": float(segment.compression_ratio),
        "words": [
            [word.word, float(word.start), float(word.end), float(word.probability)]
            for word in segment.words or ()
        ],
    }


def _refuse_network(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        raise PermissionError("what hears on this machine asks nobody")


def _bind(options: Options, parent: int) -> None:
    """Give up what hearing does not need."""
    if parent:
        processes.die_with(parent)
    processes.call_this("opic-ears")
    processes.refuse_new_rights()
    # a signal to the whole group is for our parent to act on
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(KILL_FIRST))
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HOME": "/nonexistent"}
    sys.addaudithook(_refuse_network)
    resource.setrlimit(resource.RLIMIT_DATA, (options.memory_bytes, options.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _loaded(end: socket.socket, options: Options) -> Recogniser | None:
    """Return the recogniser; None, and the reason on its way, where it cannot be."""
    try:
        # the bytes themselves, each time: a stamp would only say what they once were
        own_hash = weights.verify(Path(options.folder), options.model)
        recogniser = Recogniser(options.folder)
    except weights.WeightsError as exc:
        write_frame(end, {"refused": exc.name, "why": str(exc)})
        return None
    except (ImportError, RuntimeError, ValueError, OSError) as exc:
        why = f"the recogniser cannot be loaded: {type(exc).__name__}: {exc}"[:300]
        write_frame(end, {"refused": "faster-whisper", "why": why})
        return None
    write_frame(end, {"model": own_hash})
    return recogniser


def serve(end: socket.socket, recogniser: Recogniser) -> None:
    """Serve requests until the other end closes. Raises EOFError then."""
    while True:
        head, data = read_frame(end, 4 * RATE * (MOST_SECONDS + 1))
        samples = np.frombuffer(data, "<f4").astype(np.float32, copy=False)
        runs = [(float(start), float(stop)) for start, stop in head["runs"]]
        reply = recogniser.hear(samples, runs, asks_language=bool(head["asks_language"]))
        write_frame(end, {}, json.dumps(reply).encode())


def main() -> None:
    """Run the process that the command line describes."""
    end = socket.socket(fileno=int(sys.argv[1]))
    options = Options(**json.loads(sys.argv[2]))
    os.chdir("/")
    _bind(options, int(sys.argv[3]))
    code = 0
    try:
        if recogniser := _loaded(end, options):
            serve(end, recogniser)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # the other end is gone
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    # nothing of a library may keep the process alive
    os._exit(code)


if __name__ == "__main__":
    main()
