"""Voices made in the queue, after an instructor saved a text."""

from materials import voicing
from materials.models import PromptRevision, SampleResponse
from opic.lib.adapters import load_adapter
from opic.lib.queue import enqueue, task


def queue_voice(row: PromptRevision | SampleResponse) -> None:
    enqueue(voice_text, type(row).__name__, str(row.pk))


@task
def voice_text(kind: str, pk: str) -> None:
    """Voice a text with the spare voice first, then with the good one if it can be had. Harmless
    when run again.
    """
    model = PromptRevision if kind == "PromptRevision" else SampleResponse
    row = model.objects.select_related("prompt__combo_set").filter(pk=pk).first()
    if row is None:
        return
    voices = [load_adapter("voice", "espeak"), load_adapter("voice")]
    for voice in {voice.name: voice for voice in voices}.values():
        voicing.voice_all([voicing.job_for(row, voice)], voice)
