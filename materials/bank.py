"""Loading the built-in prompt bank into the database, as often as one likes.

Loading adds what is new, gives a changed text a new revision, retires what left the packs, and
touches no take: a response keeps the revision it replied to. What an instructor wrote in the admin
is left alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from materials.models import (
    ComboSet,
    Prompt,
    PromptRevision,
    SampleResponse,
    Topic,
)
from materials.packs_reader import LANGUAGES, Bank, PackPrompt, PackSet, PackTopic


@dataclass
class Loaded:
    """How many prompts a load changed, for the command's output."""

    new: int = 0
    revised: int = 0
    retired: int = 0
    unchanged: int = 0


@transaction.atomic
def load(bank: Bank) -> Loaded:
    """Bring the database up to the packs, in one transaction; return what changed.

    New texts have no voice yet: `materials.voicing` reads them aloud and publishes them.
    """
    topics = {slug: _save_topic(topic) for slug, topic in bank.topics.items()}
    sets = {key: _save_set(combo, topics) for key, combo in bank.sets.items()}
    prompts = {prompt.key: prompt for prompt in Prompt.objects.all()}
    latest = _latest_revisions()
    samples = {(sample.prompt_id, sample.level): sample for sample in SampleResponse.objects.all()}
    done = Loaded()
    for entry in bank.prompts.values():
        prompt, is_new = _save_prompt(entry, prompts.get(entry.key), topics, sets)
        is_revised = _save_revision(entry, prompt, latest.get(prompt.pk))
        _save_sample(entry, prompt, samples.get((prompt.pk, entry.sample_level)))
        done.new += is_new
        done.revised += is_revised and not is_new
        done.unchanged += not is_revised and not is_new
    done.retired = _retire_missing(prompts.values(), bank)
    return done


def _save_topic(entry: PackTopic) -> Topic:
    names = {f"name_{language}": entry.name[language] for language in LANGUAGES}
    topic, _made = Topic.objects.update_or_create(
        slug=entry.slug, defaults={"kind": entry.kind, **names}
    )
    return topic


def _save_set(entry: PackSet, topics: dict[str, Topic]) -> ComboSet:
    names = {f"name_{language}": entry.name[language] for language in LANGUAGES}
    combo, _made = ComboSet.objects.update_or_create(
        key=entry.key, defaults={"kind": entry.kind, "topic": topics[entry.topic], **names}
    )
    return combo


def _latest_revisions() -> dict[Any, PromptRevision]:
    """Return the newest revision of each prompt, by prompt id."""
    rows = PromptRevision.objects.order_by("prompt_id", "number")
    return {row.prompt_id: row for row in rows}


def _save_prompt(
    entry: PackPrompt, prompt: Prompt | None, topics: dict[str, Topic], sets: dict[str, ComboSet]
) -> tuple[Prompt, bool]:
    wanted = {
        "topic_id": topics[entry.topic].pk,
        "item_type": entry.item_type,
        "min_step": entry.steps[0],
        "max_step": entry.steps[1],
        "combo_set_id": sets[entry.set_key].pk if entry.set_key else None,
        "place_in_set": entry.place,
        "is_built_in": True,
    }
    if prompt is None:
        return Prompt.objects.create(key=entry.key, **wanted), True
    if any(getattr(prompt, name) != value for name, value in wanted.items()):
        Prompt.objects.filter(pk=prompt.pk).update(**wanted)
    return prompt, False


def _save_revision(entry: PackPrompt, prompt: Prompt, latest: PromptRevision | None) -> bool:
    """Make a new revision when the words changed; return whether one was made.

    Points and expressions may change in place.
    """
    aids = {"points": list(entry.points), "expressions": list(entry.expressions)}
    if latest is not None and latest.text == entry.text:
        if any(getattr(latest, name) != value for name, value in aids.items()):
            PromptRevision.objects.filter(pk=latest.pk).update(**aids)
        return False
    number = latest.number + 1 if latest else 1
    PromptRevision.objects.create(prompt=prompt, number=number, text=entry.text, **aids)
    return True


def _save_sample(entry: PackPrompt, prompt: Prompt, sample: SampleResponse | None) -> None:
    if entry.sample is None or (sample and sample.text == entry.sample):
        return
    SampleResponse.objects.update_or_create(
        prompt=prompt,
        level=entry.sample_level,
        defaults={"text": entry.sample, "clip": None, "spare_clip": None},
    )


def _retire_missing(prompts: Iterable[Prompt], bank: Bank) -> int:
    """Retire built-in prompts that no pack has any more; return how many."""
    gone = [prompt for prompt in prompts if prompt.is_built_in and prompt.key not in bank.prompts]
    return sum(prompt.retire() for prompt in gone)
