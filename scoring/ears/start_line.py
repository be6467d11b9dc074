"""What the terminal says at a start: who hears, who judges, and what leaves this machine."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from accounts import consents
from opic.lib.stores.ear_weights import NAMED

GOOGLE = "Google's models"


def start_line() -> str:
    """Return one line, made from the settings."""
    return f"Hears: {_who_hears()}. Judges: {_who_judges()}. {_what_leaves()}"


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
