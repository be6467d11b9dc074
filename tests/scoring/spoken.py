"""An answer as a worker has it: the stored recording, and what was measured of it."""

from functools import cache

from scoring.audio import codec
from scoring.audio.measures import measure
from tests.scoring import recordings

SECONDS = 24


@cache
def _stored() -> bytes:
    return codec.canonical([recordings.as_container(recordings.speech(SECONDS))]).data


def spoken() -> tuple[codec.Sound, dict]:
    """A recording of `SECONDS`, opened anew, and its measures."""
    sound = codec.Sound(_stored())
    return sound, measure(sound.samples).as_dict()
