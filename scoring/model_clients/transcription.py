"""The client for servers of the transcription protocol: sound in, words with their times out.

What such servers give differs (times of words, of segments, or none); all of it is asked for.
"""

import time
from functools import partial

from django.conf import settings

from scoring.model_clients import server
from scoring.model_clients.base import UNKNOWN_DELAY, Ask, ModelError, Reply, recorded
from scoring.model_clients.usage import Usage, UsageRecorder

LANGUAGE = "en"
DETAILS = ("word", "segment")


class TranscriptionClient:
    """The client of the server at `OPIC_EARS_URL`."""

    name = "transcription"
    sound_type = "audio/wav"

    def warm(self) -> None:
        """Load the library and the certificates before workers fork."""
        server.client_of(settings.OPIC_EARS_KEY)

    def generate(self, ask: Ask, usage_recorder: UsageRecorder) -> Reply:
        """Have the sound written down; the reply's text is the server's JSON. Raises ModelError."""
        until = time.monotonic() + settings.OPIC_VENDOR_SECONDS
        return recorded(ask, settings.OPIC_EARS_MODEL, usage_recorder, partial(_call, ask, until))


def _call(ask: Ask, until: float) -> Reply:
    model = settings.OPIC_EARS_MODEL
    made = server.post(
        f"{settings.OPIC_EARS_URL}/audio/transcriptions",
        settings.OPIC_EARS_KEY,
        model,
        until,
        files={"file": ("answer.wav", ask.sound, ask.sound_type)},
        data={
            "model": model,
            "language": LANGUAGE,
            "response_format": "verbose_json",
            "temperature": "0",
            "timestamp_granularities[]": list(DETAILS),
        },
    )
    if made.status != 200:
        raise server.refusal(made.status, made.headers, made.words, model)
    if not made.json:
        raise ModelError("empty", UNKNOWN_DELAY, model)
    # nobody counts tokens here: what may have been charged is reckoned from the sound
    return Reply(made.words, model, Usage(), counts_sound=False)
