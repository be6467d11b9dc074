"""Finding texts without a voice and reading them aloud, once a (text, voice, rate), for good.

Never inside a learner's request: `load_prompts` and `voice_prompts` do it ahead, the queue does it
after a save in the admin.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from django.core.files.base import ContentFile
from django.db.models import F, Q

from materials.models import (
    PromptRevision,
    SampleResponse,
    SpokenText,
    VoiceClip,
    text_hash,
)
from materials.voice_adapters import Spoken, Voice, try_speaking

WORDS_A_MINUTE = {1: 115, 2: 120, 3: 130, 4: 140, 5: 150, 6: 155}
SAMPLE_WORDS_A_MINUTE = 140
NETWORK_AT_ONCE = 4


@dataclass(frozen=True)
class Job:
    """One text to read aloud, at a rate in words a minute, and the row that waits for it."""

    model: str
    pk: int
    label: str
    text: str
    voice: str
    rate: int


def _voice_of(key: str, voice: Voice) -> str:
    """Return always the same interviewer for a set or a prompt, but not one for all."""
    return voice.voices[zlib.crc32(key.encode()) % len(voice.voices)]


def _slot(voice: Voice) -> str:
    """Return which of the two clips of a text this voice fills."""
    return "spare_clip" if voice.source == VoiceClip.Source.ESPEAK else "clip"


def job_for(row: SpokenText, voice: Voice) -> Job:
    """Return what to read for this row: by which interviewer, and how fast.

    A prompt's rate follows its self-assessment steps; all samples have the same.
    """
    if isinstance(row, PromptRevision):
        prompt = row.prompt
        key = prompt.combo_set.key if prompt.combo_set else prompt.key
        rate = WORDS_A_MINUTE[(prompt.min_step + prompt.max_step) // 2]
        return Job("PromptRevision", row.pk, prompt.key, row.text, _voice_of(key, voice), rate)
    assert isinstance(row, SampleResponse)
    key = f"{row.prompt.key}-sample"
    return Job(
        "SampleResponse", row.pk, key, row.text, _voice_of(key, voice), SAMPLE_WORDS_A_MINUTE
    )


def missing(voice: Voice) -> list[Job]:
    """Return every text in use that this voice has not read aloud.

    These are the wordings of prompts that are not retired, and all samples.
    """
    lacking = Q(**{_slot(voice): None})
    live = PromptRevision.objects.filter(lacking, prompt__retired_at=None)
    rows: Iterable[SpokenText] = [
        *live.select_related("prompt__combo_set").order_by("pk"),
        *SampleResponse.objects.filter(lacking).select_related("prompt").order_by("pk"),
    ]
    return [job_for(row, voice) for row in rows]


def _read(voice: Voice, job: Job) -> Spoken | str:
    """Return the sound, or in words why there is none."""
    return try_speaking(voice, job.text, job.voice, job.rate)


def _existing(job: Job) -> VoiceClip | None:
    return VoiceClip.objects.filter(
        text_sha256=text_hash(job.text), voice=job.voice, rate=job.rate
    ).first()


def _stored(job: Job, spoken: Spoken, source: str) -> VoiceClip:
    clip = VoiceClip(
        text_sha256=text_hash(job.text),
        voice=job.voice,
        rate=job.rate,
        source=source,
        seconds=spoken.seconds,
        size_bytes=len(spoken.data),
    )
    clip.file.save(f"{clip.pk}.m4a", ContentFile(spoken.data), save=False)
    clip.save()
    return clip


def _attach(job: Job, clip: VoiceClip, slot: str) -> None:
    model = PromptRevision if job.model == "PromptRevision" else SampleResponse
    # the text may have been changed while it was being read
    model.objects.filter(pk=job.pk, text=job.text).update(**{slot: clip})


def _spoken(jobs: list[Job], voice: Voice, processes: int) -> Iterator[tuple[Job, Spoken | str]]:
    """Yield the sound of each job as it comes.

    Our own engine runs in processes, a voice on the network in threads.
    """
    if voice.source != VoiceClip.Source.ESPEAK:
        with ThreadPoolExecutor(NETWORK_AT_ONCE) as threads:
            yield from zip(jobs, threads.map(partial(_read, voice), jobs), strict=True)
    elif processes <= 1 or len(jobs) < 2 * processes:
        yield from ((job, _read(voice, job)) for job in jobs)
    else:
        # fresh processes without Django: a forked one would share our database connection
        texts, voices, rates = zip(*((job.text, job.voice, job.rate) for job in jobs), strict=True)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            spoken = pool.map(partial(try_speaking, voice), texts, voices, rates, chunksize=4)
            yield from zip(jobs, spoken, strict=True)


def voice_all(
    jobs: list[Job],
    voice: Voice,
    *,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> list[tuple[Job, str]]:
    """Read every job aloud and attach its clip; return the jobs that failed, each with the reason.

    Each job is saved by itself, so that a run that was stopped is taken up again. `report` gets how
    many are done, and of how many.
    """
    failed = []
    slot = _slot(voice)
    ready = [(job, _existing(job)) for job in jobs]
    for job, clip in ready:
        if clip is not None:
            _attach(job, clip, slot)
    open_jobs = [job for job, clip in ready if clip is None]
    for count, (job, spoken) in enumerate(_spoken(open_jobs, voice, processes), 1):
        if isinstance(spoken, str):
            failed.append((job, spoken))
        else:
            # another process may have stored the same clip while this one was reading
            _attach(job, _existing(job) or _stored(job, spoken, voice.source), slot)
        report(count, len(open_jobs))
    return failed


def publish_built_in() -> int:
    """Publish the newest voiced wording of every built-in prompt; return how many.

    What an instructor drafted waits until a person publishes it.
    """
    waiting = (
        PromptRevision.objects.exclude(clip=None, spare_clip=None)
        .filter(prompt__is_built_in=True, prompt__retired_at=None, made_by=None)
        .filter(Q(prompt__published=None) | Q(prompt__published__number__lt=F("number")))
        .select_related("prompt")
        .order_by("prompt_id", "number")
    )
    return sum(revision.publish() for revision in waiting)
