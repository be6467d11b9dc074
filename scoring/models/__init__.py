"""Responses, what was heard and found in them, what it cost, and a day's answers in figures."""

from scoring.models.days import DaySummary
from scoring.models.money import ModelCall
from scoring.models.ratings import Rating
from scoring.models.responses import Hearing, Response
from scoring.models.sound import audio_path, audio_storage
from scoring.models.states import SETTLED, Status, Waits

__all__ = [
    "SETTLED",
    "DaySummary",
    "Hearing",
    "ModelCall",
    "Rating",
    "Response",
    "Status",
    "Waits",
    "audio_path",
    "audio_storage",
]
