"""The terminal says who hears, who judges and what leaves, for every set-up."""

import pytest

from scoring.ears import start_line as module
from scoring.ears.start_line import start_line

pytestmark = pytest.mark.own_stores

OWN = {"OPIC_LLM_URL": "http://127.0.0.1:11434/v1", "OPIC_LLM_OWN": True}
OTHER = {"OPIC_LLM_URL": "https://models.example.org/v1", "OPIC_LLM_OWN": False}


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        (
            {"OPIC_EARS": "local", "OPIC_RATER": "builtin"},
            ["Whisper base, on this machine", "the built-in judge", "No voice and no word leaves"],
        ),
        (
            {"OPIC_EARS": "local", "OPIC_LOCAL_EARS": "/srv/small", "OPIC_RATER": "builtin"},
            ["the model in small, on this machine"],
        ),
        (
            {"OPIC_EARS": "none", "OPIC_RATER": "fluency"},
            ["nobody, so no words", "delivery alone", "No voice and no word leaves"],
        ),
        (
            {"OPIC_EARS": "gemini", "OPIC_RATER": "gemini"},
            ["Hears: Google's models", "Judges: Google's models", "agreed: voices"],
        ),
        (
            {"OPIC_EARS": "local", "OPIC_RATER": "openai", **OTHER},
            ["on this machine", "Judges: models.example.org", "agreed: words, no voice"],
        ),
        (
            {"OPIC_EARS": "local", "OPIC_RATER": "openai", **OWN},
            ["Judges: 127.0.0.1", "No voice and no word leaves"],
        ),
        (
            {"OPIC_EARS": "openai", "OPIC_RATER": "builtin", **OTHER},
            ["Hears: models.example.org", "agreed: voices"],
        ),
    ],
)
def test_the_line_is_true(settings, values, parts, monkeypatch):
    monkeypatch.setattr(module, "_bytes_of_memory", lambda: 4 * 1000**3)
    settings.OPIC_LOCAL_EARS, settings.OPIC_EARS_URL = "base", ""
    for name, value in values.items():
        setattr(settings, name, value)
    line = start_line()
    assert line.count("\n") == 0
    for part in parts:
        assert part in line


def test_a_host_with_little_memory_is_told_what_needs_least(settings, monkeypatch):
    settings.OPIC_EARS, settings.OPIC_LOCAL_EARS = "local", "base"
    monkeypatch.setattr(module, "_bytes_of_memory", lambda: 10**9)
    assert "OPIC_EARS_MODEL=tiny.en" in start_line().splitlines()[1]
    settings.OPIC_EARS = "none"
    assert len(start_line().splitlines()) == 1
