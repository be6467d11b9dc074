"""What the terminal says at a start: who hears, who judges, and what leaves this machine."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from accounts import consents
from opic.lib.stores.ear_weights import NAMED

GOOGLE = "Google's models"
LITTLE_MEMORY = 2 * 1000**3


def start_line() -> str:
    """Return one line, made from the settings; a second one where memory may be short."""
    line = f"Hears: {_who_hears()}. Judges: {_who_judges()}. {_what_leaves()}"
    if settings.OPIC_EARS == "local" and _bytes_of_memory() < LITTLE_MEMORY:
        line += "\nLess than 2 GB of memory: OPIC_EARS_MODEL=tiny.en and OPIC_WORKERS=1 need least."
    return line


def _bytes_of_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _who_hears() -> str:
    model = settings.OPIC_LOCAL_EARS
    name = f"Whisper {model}" if model in NAMED else f"the model in {Path(model).name}"
    return {
        "local": f"{name}, on this machine",
        "gemini": GOOGLE,
        "openai": _host_of(settings.OPIC_EARS_URL or settings.OPIC_LLM_URL),
    }.get(settings.OPIC_EARS, "nobody, so no words are shown")


def _who_judges() -> str:
    return {
        "builtin": "the built-in judge",
        "gemini": GOOGLE,
        "openai": _host_of(settings.OPIC_LLM_URL),
    }.get(settings.OPIC_RATER, "the measures of delivery alone")


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or "a server"


def _what_leaves() -> str:
    if not consents.recipients():
        return "No voice and no word leaves this site."
    what = "voices" if consents.voice_leaves() else "words, no voice"
    return f"Leaves it, where the speaker agreed: {what}."
