"""Voices made in the queue, after an instructor saved a text."""

from materials import voicing
from materials.models import PromptRevision, SampleResponse
from materials.voice_adapters import get_voice
from opic.lib.queue import enqueue, task


def queue_voice(row: PromptRevision | SampleResponse) -> None:
    """Queue the reading of this text, after the commit."""
    enqueue(voice_text, type(row).__name__, str(row.pk))


@task
def voice_text(kind: str, pk: str) -> None:
    """Read a text aloud: 1. with the built-in voice, 2. with the chosen one if it can be had.

    Running twice is harmless: a stored clip is not made again.
    """
    model = PromptRevision if kind == "PromptRevision" else SampleResponse
    row = model.objects.select_related("prompt__combo_set").filter(pk=pk).first()
    if row is None:
        return
    voices = [get_voice("espeak"), get_voice()]
    for voice in {voice.name: voice for voice in voices}.values():
        voicing.voice_all([voicing.job_for(row, voice)], voice)
