"""eSpeak's phonemes of American English as flite's, for flite to speak as they stand."""

import re

PHONES = {
    "aɪ": "ay", "ai": "ay", "aʊ": "aw", "au": "aw", "eɪ": "ey", "ei": "ey", "oʊ": "ow",
    "ou": "ow", "ɔɪ": "oy", "oi": "oy", "tʃ": "ch", "dʒ": "jh", "i": "iy", "ɪ": "ih", "ᵻ": "ih",
    "ɛ": "eh", "e": "ey", "æ": "ae", "a": "aa", "ɑ": "aa", "ɔ": "ao", "o": "ow", "ʊ": "uh",
    "u": "uw", "ɯ": "uh", "ʌ": "ah", "ɐ": "ax", "ə": "ax", "ɚ": "er", "ɜ": "er", "p": "p", "b": "b",
    "t": "t", "d": "d", "k": "k", "ɡ": "g", "f": "f", "v": "v", "s": "s", "z": "z", "θ": "th",
    "ð": "dh", "ʃ": "sh", "ʒ": "zh", "m": "m", "n": "n", "ŋ": "ng", "l": "l", "ɹ": "r", "ɾ": "r",
    "w": "w", "j": "y", "h": "hh",
}  # fmt: skip
SOUND = re.compile("|".join(sorted(PHONES, key=len, reverse=True)) + r"|[,.?!;:]")


def flite_phones(phonemes: str) -> str:
    """Return them as flite's, a pause for each mark; an unreleased stop is left out."""
    plain = phonemes.replace("ˈ", "").replace("ˌ", "").replace("ː", "")
    phones = [PHONES.get(sound, "pau") for sound in SOUND.findall(plain)]
    return " ".join(["pau", *phones, "pau"])
