"""English phonemes spoken with the sounds of Korean or of Vietnamese, in three strengths.

Words come as eSpeak writes them for American English. Each rule below changes one sound in one
place. Which places a strength changes is drawn from the place alone: what the weak one changes, the
stronger ones change too. It is a rough picture made from tables, no recording of anybody.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STRENGTHS = {"third": 1 / 3, "two-thirds": 2 / 3, "all": 1.0}
SOUND = re.compile(r"[td]ʃ|dʒ|[ˈˌ]|.ː?")
VOWELS = frozenset("aeiouɑɐɒæɔəɚɛɜɪʊʌᵻ")
STOPS = frozenset("pbtdkɡ")
VOICED = {"b": "p", "d": "t", "ɡ": "k"}
NASALS = frozenset("mnŋ")
LIQUIDS = frozenset({"ɹ", "l", "ɾ"})


@dataclass(frozen=True)
class Place:
    """One sound of a word and what stands round it, stress marks aside; "" at an end."""

    sound: str
    before: str
    after: str
    is_past_last_vowel: bool
    is_before_first_vowel: bool

    @property
    def stands_before_vowel(self) -> bool:
        return is_vowel(self.after)


def is_vowel(sound: str) -> bool:
    return sound[:1] in VOWELS and sound != ""


KOREAN_SOUNDS = {"f": "p", "v": "b", "θ": "s", "ð": "d", "ʒ": "dʒ"}
KOREAN_VOWELS = {
    "ɪ": "i",
    "iː": "i",
    "ʊ": "u",
    "uː": "u",
    "æ": "ɛ",
    "ɔː": "o",
    "ɑː": "a",
    "ɜː": "ʌ",
    "ɚ": "ʌ",
    "oʊ": "o",
}


def korean(place: Place) -> str | None:
    """Return what the sound becomes: a vowel after it where Korean allows no bare consonant."""
    sound = place.sound
    if is_vowel(sound):
        return KOREAN_VOWELS.get(sound)
    if sound in LIQUIDS:
        return _korean_liquid(place)
    changed = KOREAN_SOUNDS.get(sound, sound)
    if sound == "z":
        changed = "dʒ" if place.stands_before_vowel else "s"
    if place.stands_before_vowel or sound in NASALS or place.after in {"j", "w"}:
        return changed if changed != sound else None
    return changed + ("i" if changed in {"tʃ", "dʒ", "ʃ"} else "ɯ")


def _korean_liquid(place: Place) -> str | None:
    if place.stands_before_vowel:
        return "l" if place.sound == "ɹ" else "ɾ"
    return "" if place.sound == "ɹ" else None


VIETNAMESE_SOUNDS = {"θ": "t", "ð": "d", "ʃ": "s", "ʒ": "z", "dʒ": "z"}
VIETNAMESE_VOWELS = {
    "ɪ": "i",
    "iː": "i",
    "ʊ": "u",
    "uː": "u",
    "æ": "a",
    "ɜː": "ə",
    "ɚ": "ə",
    "ɔː": "ɔ",
    "ɑː": "a",
}


def vietnamese(place: Place) -> str | None:
    """Return what the sound becomes: "" where the end of a word or of a cluster is not spoken."""
    sound = place.sound
    if is_vowel(sound):
        return VIETNAMESE_VOWELS.get(sound)
    if place.is_past_last_vowel:
        return _vietnamese_end(place)
    if place.is_before_first_vowel:
        if sound in LIQUIDS and place.before:
            return ""
        if sound == "p" and place.stands_before_vowel and not place.before:
            return "b"
    return VIETNAMESE_SOUNDS.get(sound)


def _vietnamese_end(place: Place) -> str | None:
    if place.sound in NASALS and is_vowel(place.before):
        return None
    if place.sound in STOPS and is_vowel(place.before):
        # unreleased: the stop shuts and does not open again
        return "ʔ" if place.after == "" else VOICED.get(place.sound)
    return ""


ACCENTS: dict[str, Callable[[Place], str | None]] = {"korean": korean, "vietnamese": vietnamese}


def accented(phonemes: str, accent: str, share: float) -> str:
    """Return the text's phonemes with this share of the places changed that the accent changes."""
    words = phonemes.split(" ")
    return " ".join(
        "".join(_changed(word, f"{number}", ACCENTS[accent], share))
        for number, word in enumerate(words)
    )


def _changed(
    word: str, name: str, rule: Callable[[Place], str | None], share: float
) -> Iterator[str]:
    sounds = SOUND.findall(word)
    spoken = [at for at, sound in enumerate(sounds) if sound[0].isalpha() and sound not in "ˈˌ"]
    vowels = [at for at in spoken if is_vowel(sounds[at])]
    for at, sound in enumerate(sounds):
        if at not in spoken or not vowels:
            yield sound
            continue
        order = spoken.index(at)
        place = Place(
            sound,
            sounds[spoken[order - 1]] if order else "",
            sounds[spoken[order + 1]] if order + 1 < len(spoken) else "",
            at > vowels[-1],
            at < vowels[0],
        )
        new = rule(place)
        drawn = zlib.crc32(f"{name}/{at}/{word}".encode()) / 2**32
        yield sound if new is None or drawn >= share else new
