"""Responses, what was heard and found in them, what it cost, and each day in figures."""

from scoring.models.day_summaries import DaySummary
from scoring.models.dismissals import DismissedCorrection
from scoring.models.guests import GuestResponse
from scoring.models.model_calls import ModelCall
from scoring.models.ratings import Rating
from scoring.models.responses import Hearing, Response
from scoring.models.states import FINAL, SKIPPED_REASONS, Status, Waits
from scoring.models.storage import audio_path, audio_storage
from scoring.reasons import Reason

__all__ = [
    "FINAL",
    "SKIPPED_REASONS",
    "DaySummary",
    "DismissedCorrection",
    "GuestResponse",
    "Hearing",
    "ModelCall",
    "Rating",
    "Reason",
    "Response",
    "Status",
    "Waits",
    "audio_path",
    "audio_storage",
]
