"""The ears of a server that is named: of the transcription protocol, else of one that chats."""

from django.conf import settings

from scoring.audio.codec import Sound
from scoring.ears.base import Ears, Heard, HearingJob
from scoring.ears.model_ears import ModelEars
from scoring.ears.transcription import TranscriptionEars
from scoring.model_clients.openai_compatible import OpenAiCompatibleClient


class OpenAiCompatibleEars:
    """Asks the server at `OPIC_EARS_URL`; without one, the model that judges, if it takes sound."""

    name = "openai"

    def __init__(self) -> None:
        self.chat, self.transcription = ModelEars(OpenAiCompatibleClient()), TranscriptionEars()

    @property
    def used(self) -> Ears:
        """Return which of the two the settings name."""
        return self.transcription if settings.OPIC_EARS_URL else self.chat

    @property
    def version(self) -> str:
        """Return the version of those that are used."""
        return self.used.version

    def warm(self) -> None:
        """Load what the first call would wait for."""
        self.used.warm()

    def hear(self, job: HearingJob, sound: Sound) -> Heard:
        """Return what was said. Raises AdapterError."""
        return self.used.hear(job, sound)
