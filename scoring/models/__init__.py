"""Responses, what was heard and found in them, what it cost, and each day in figures."""

from scoring.models.day_summaries import DaySummary
from scoring.models.model_calls import ModelCall
from scoring.models.ratings import Rating
from scoring.models.responses import Hearing, Response
from scoring.models.states import FINAL, Status, Waits
from scoring.models.storage import audio_path, audio_storage

__all__ = [
    "FINAL",
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
