"""What the ears of models that chat share: one call, which is shown no rubric."""

from scoring.adapter_error import AdapterError
from scoring.audio.codec import Sound
from scoring.ears import model_reply
from scoring.ears.base import Heard, HearingJob
from scoring.ears.invented import has_invented
from scoring.ears.model_reply import HEAR_VERSION, HearReply
from scoring.levels.word_lists import tokens
from scoring.model_clients.asking import ModelAdapter
from scoring.model_clients.base import Ask, Reply
from scoring.model_clients.replies import MalformedError, read
from scoring.reasons import Reason

LEAST_TOKENS = 4096
TOKENS_A_SECOND = 12  # fast speech, and the frame round it


class ModelEars(ModelAdapter):
    """Ears behind one client."""

    @property
    def version(self) -> str:
        """Return the version of the instruction."""
        return HEAR_VERSION

    def hear(self, job: HearingJob, sound: Sound) -> Heard:
        """Return the verbatim transcript with times. Raises AdapterError."""
        seconds = float(job.measures["length_seconds"])
        sound_type = self.client.sound_type
        ask = Ask(
            "hear",
            model_reply.instruction(),
            ["Write down this recording."],
            model_reply.HEAR_SCHEMA,
            max(LEAST_TOKENS, round(TOKENS_A_SECOND * seconds)),
            sound=sound.wav() if sound_type == "audio/wav" else sound.flac(),
            sound_type=sound_type,
            sound_seconds=seconds,
        )

        def believed(reply: Reply) -> Heard:
            if reply.counts_sound and not reply.usage.audio:
                raise AdapterError("the model was sent sound and counted none", retry=True)
            return self._heard(job, read(reply.text, HearReply), reply.model)

        return self.ask(ask, job.usage_recorder, believed)

    def _heard(self, job: HearingJob, reply: HearReply, model: str) -> Heard:
        stretches = model_reply.stretches_from(reply, job.measures)
        transcript = " ".join(row["text"] for row in stretches)
        if has_invented(transcript, job.measures):
            raise MalformedError("more words than the sound holds", reason=Reason.WORDS)
        language = reply.language if tokens(transcript) else "none"
        return Heard(transcript, model, HEAR_VERSION, language, {"stretches": stretches})
