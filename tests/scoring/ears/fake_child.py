"""In place of the recogniser: `python -m tests.scoring.ears.fake_child FD OPTIONS PARENT`.

Speaks the same frames and does what `script.json` in the folder of its weights says, one step for
each request, whichever process it reaches. `requests.jsonl` there is what it was asked.
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from opic.lib import processes
from scoring.audio.frames import read_frame, write_frame

HASH = "a" * 64


def step_of(folder: Path) -> dict:
    """Take the next step of the script; the last one is repeated."""
    turn = folder / "turn"
    number = int(turn.read_text()) if turn.exists() else 0
    turn.write_text(str(number + 1))
    steps = json.loads((folder / "script.json").read_text())
    return steps[min(number, len(steps) - 1)]


def segments(words: list, *, compression=1.2, no_speech=0.01, log_probability=-0.2) -> dict:
    row = {
        "compression": compression,
        "no_speech": no_speech,
        "log_probability": log_probability,
        "words": words,
    }
    return {"segments": [row], "english": 0.97}


def do(step: dict, end: socket.socket, options: dict) -> None:
    match step:
        case {"words": words, **more}:
            time.sleep(more.pop("after", 0))
            write_frame(end, {}, json.dumps(segments(words, **more)).encode())
        case {"reply": reply}:
            write_frame(end, {}, json.dumps(reply).encode())
        case {"bytes": text}:
            end.sendall(text.encode())
        case {"die": number}:
            os.kill(os.getpid(), number)
        case {"hang": _}:
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            (Path(options["folder"]) / "grandchild").write_text(str(child.pid))
            time.sleep(600)
        case {"eat": _}:
            most = options["memory_bytes"]
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
            bytearray(2 * most)


def main() -> None:
    end = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    folder = Path(options["folder"])
    if parent := int(sys.argv[3]):
        processes.die_with(parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / "environment.json").write_text(json.dumps(dict(os.environ)))
    refused = folder / "refused"
    if refused.exists():
        write_frame(end, {"refused": "model.bin", "why": refused.read_text()})
        return
    write_frame(end, {"model": HASH})
    while True:
        try:
            head, data = read_frame(end, 2**24)
        except EOFError:
            return
        with (folder / "requests.jsonl").open("a") as log:
            asked = {"runs": head["runs"], "seconds": len(data) / 4 / 16_000, "pid": os.getpid()}
            log.write(json.dumps(asked) + "\n")
        do(step_of(folder), end, options)


if __name__ == "__main__":
    main()
