"""Reading the packs of prompts from their files, and checking them. No database."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from materials.models import (
    ItemType,
    Topic,
)
from opic.lib.levels import Level

PACKS = Path(__file__).parent / "packs"
SURVEY_MAP = PACKS / "survey-map.json"
SET_TYPES = {"ROLE_PLAY": ["RP_ASK", "RP_SOLVE", "RP_EXP"], "PAIR": ["CMP", "ISSUE"]}
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
LANGUAGES = ("en", "ko", "vi")
# words of a spoken model at a level (exam facts E5, "words per answer")
SAMPLE_WORDS = {
    Level.IL: (20, 50),
    Level.IM2: (40, 100),
    Level.IM3: (55, 130),
    Level.IH: (100, 180),
}


class PackError(Exception):
    """An error in a pack; the text names file and entry."""


@dataclass(frozen=True)
class PackPrompt:
    """A prompt as a pack has it; `steps` is the lowest and the highest."""

    key: str
    topic: str
    item_type: str
    steps: tuple[int, int]
    text: str
    points: tuple[str, ...]
    expressions: tuple[str, ...]
    sample: str | None
    sample_level: Level = Level.IH
    set_key: str | None = None
    place: int = 0


@dataclass(frozen=True)
class PackSet:
    """A combo set as a pack has it; `name` is by language."""

    key: str
    kind: str
    topic: str
    name: dict[str, str]


@dataclass(frozen=True)
class PackTopic:
    """A topic as a pack has it; `name` is by language."""

    slug: str
    kind: str
    name: dict[str, str]


@dataclass
class Bank:
    """The contents of all packs, checked; each part by its slug or key."""

    topics: dict[str, PackTopic] = field(default_factory=dict)
    sets: dict[str, PackSet] = field(default_factory=dict)
    prompts: dict[str, PackPrompt] = field(default_factory=dict)


def read_bank(folder: Path = PACKS) -> Bank:
    """Read every pack in a folder; raise PackError naming file and entry at the first error."""
    bank = Bank()
    for path in sorted(folder.glob("*.json")):
        if path.name != SURVEY_MAP.name:
            _Reader(path, bank).read()
    named = [(entry.key, entry.topic) for entry in bank.prompts.values()]
    named += [(entry.key, entry.topic) for entry in bank.sets.values()]
    for key, topic in named:
        if topic not in bank.topics:
            raise PackError(f"{key}: no pack has the topic {topic!r}")
    return bank


class _Reader:
    """Reads one pack into the bank."""

    def __init__(self, path: Path, bank: Bank) -> None:
        self.path, self.bank = path, bank

    def error(self, entry: str, text: str) -> PackError:
        return PackError(f"{self.path.name}: {entry}: {text}")

    def read(self) -> None:
        try:
            pack = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError as exc:
            raise self.error("the file", f"is no JSON ({exc})") from None
        for topic in pack.get("topics", []):
            self._topic(topic)
        for combo in pack.get("sets", []):
            self._set(combo)
        for extra in pack.get("extras", []):
            self._prompts(extra["prompts"], extra["topic"])

    def _named(self, entry: dict[str, Any], key: str) -> dict[str, str]:
        name = entry.get("name", {})
        if sorted(name) != sorted(LANGUAGES) or not all(name.values()):
            raise self.error(key, "needs a name in en, ko and vi")
        return {language: str(name[language]) for language in LANGUAGES}

    def _topic(self, entry: dict[str, Any]) -> None:
        slug = entry.get("slug", "?")
        if slug in self.bank.topics or not _KEY.match(slug):
            raise self.error(slug, "the slug is taken or is not lower-case-with-dashes")
        if entry.get("kind") not in Topic.Kind.values:
            raise self.error(slug, f"kind is one of {', '.join(Topic.Kind.values)}")
        self.bank.topics[slug] = PackTopic(slug, entry["kind"], self._named(entry, slug))
        self._prompts(entry.get("prompts", []), slug)

    def _set(self, entry: dict[str, Any]) -> None:
        key = entry.get("key", "?")
        if key in self.bank.sets or not _KEY.match(key):
            raise self.error(key, "the key is taken or is not lower-case-with-dashes")
        types = [prompt.get("type") for prompt in entry.get("prompts", [])]
        if SET_TYPES.get(entry.get("kind", "")) != types:
            raise self.error(key, f"a {entry.get('kind')} does not consist of {types}")
        topic = entry.get("topic", "?")
        self.bank.sets[key] = PackSet(key, entry["kind"], topic, self._named(entry, key))
        self._prompts(entry["prompts"], topic, set_key=key)

    def _prompts(
        self, entries: list[dict[str, Any]], topic: str, set_key: str | None = None
    ) -> None:
        for place, entry in enumerate(entries):
            prompt = self._prompt(entry, topic, set_key, place)
            if prompt.key in self.bank.prompts:
                raise self.error(prompt.key, "the key is there twice")
            self.bank.prompts[prompt.key] = prompt

    def _prompt(
        self, entry: dict[str, Any], topic: str, set_key: str | None, place: int
    ) -> PackPrompt:
        key = str(entry.get("key", "?"))
        for text in _problems(entry):
            raise self.error(key, text)
        return PackPrompt(
            key=key,
            topic=topic,
            item_type=entry["type"],
            steps=(entry["steps"][0], entry["steps"][1]),
            text=entry["text"].strip(),
            points=tuple(entry["points"]),
            expressions=tuple(entry["expressions"]),
            sample=entry["sample"]["text"].strip() if "sample" in entry else None,
            sample_level=_level_of(entry.get("sample", {})),
            set_key=set_key,
            place=place if set_key else 0,
        )


def _problems(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a prompt, in words."""
    if not _KEY.match(str(entry.get("key", ""))):
        yield "the key is not lower-case-with-dashes"
    if entry.get("type") not in ItemType.values:
        yield f"{entry.get('type')!r} is no item type"
    steps = entry.get("steps")
    if not _is_step_range(steps):
        yield f"steps {steps!r} are not two numbers from 1 to 6"
    if not 6 <= len(str(entry.get("text", "")).split()) <= 80:
        yield "the text has fewer than 6 or more than 80 words"
    if not 3 <= len(entry.get("points", [])) <= 5:
        yield "a prompt has 3 to 5 points"
    if not 4 <= len(entry.get("expressions", [])) <= 8:
        yield "a prompt has 4 to 8 expressions"
    yield from _sample_problems(entry.get("sample"))


def _level_of(sample: dict[str, Any]) -> Level:
    return Level[sample.get("level", Level.IH.name)]


def _sample_problems(sample: dict[str, Any] | None) -> Iterator[str]:
    if sample is None:
        return
    if sample.get("level", Level.IH.name) not in {level.name for level in SAMPLE_WORDS}:
        yield f"a sample response is at {', '.join(level.name for level in SAMPLE_WORDS)}"
        return
    level = _level_of(sample)
    least, most = SAMPLE_WORDS[level]
    if not least <= len(sample.get("text", "").split()) <= most:
        yield f"a sample response at {level.name} has {least} to {most} words"


def _is_step_range(steps: Any) -> bool:
    if not isinstance(steps, list) or len(steps) != 2:
        return False
    if not all(isinstance(step, int) for step in steps):
        return False
    return bool(1 <= steps[0] <= steps[1] <= 6)
