"""A microphone, loudspeakers and a screen for browsers on a machine that has none.

PulseAudio with two sinks that lead nowhere: what is played into one is what the default source
hears. Real speech with faint noise, over and over: a room is never exactly silent.
"""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from tests.processes import wait_for
from tests.scoring import recordings

RATE = recordings.RATE
CHANNELS = ["--raw", f"--rate={RATE}", "--format=s16le", "--channels=1"]
MODULES = (
    "module-native-protocol-unix socket={socket} auth-anonymous=1",
    f"module-null-sink sink_name=speakers rate={RATE}",
    f"module-null-sink sink_name=mic rate={RATE} channels=1",
    "module-remap-source source_name=voice master=mic.monitor",
)


@contextmanager
def ending(process: subprocess.Popen[bytes], seconds: float = 5) -> Iterator[None]:
    """End this process, and only this one, whatever happens inside."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()


def spoken() -> bytes:
    """Return half a minute of speech with faint noise, as raw samples."""
    samples = recordings.speech(30) + recordings.faint_noise(30)
    return bytes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


@contextmanager
def microphone(folder: Path) -> Iterator[dict[str, str]]:
    """Somebody speaks into the default source; yields the environment that leads there."""
    socket = folder / "pulse.sock"
    environment = {"PULSE_SERVER": f"unix:{socket}", "PULSE_RUNTIME_PATH": str(folder / "run")}
    every = {**os.environ, **environment, "HOME": str(folder)}
    loads = [part for module in MODULES for part in ("-L", module.format(socket=socket))]
    options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm"]
    with (folder / "pulse.log").open("wb") as log:
        server = subprocess.Popen(
            ["pulseaudio", *options, *loads], env=every, stdout=log, stderr=log
        )
        with ending(server):
            wait_for(socket.exists, 15, "PulseAudio")
            for what, name in (("sink", "speakers"), ("source", "voice")):
                subprocess.run(
                    ["pactl", f"set-default-{what}", name], env=every, check=True, timeout=10
                )
            player = subprocess.Popen(
                ["pacat", "--playback", "--device=mic", *CHANNELS],
                env=every,
                stdin=subprocess.PIPE,
                stderr=log,
            )
            with ending(player):
                voice = threading.Thread(target=_speak, args=[player], daemon=True)
                voice.start()
                yield environment
            voice.join(5)


def _speak(player: subprocess.Popen[bytes]) -> None:
    """Write speech until the player has ended."""
    assert player.stdin is not None
    sound = spoken()
    with suppress(BrokenPipeError, ValueError):
        while True:
            player.stdin.write(sound)


@contextmanager
def screen(folder: Path) -> Iterator[dict[str, str]]:
    """A screen in memory; yields the environment that leads there."""
    read, write = os.pipe()
    with (folder / "screen.log").open("wb") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x900x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=log,
            stderr=log,
        )
        os.close(write)
        with ending(server), os.fdopen(read) as numbers:
            yield {"DISPLAY": f":{numbers.readline().strip()}"}
