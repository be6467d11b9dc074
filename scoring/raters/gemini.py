"""The rater behind Google's models."""

from scoring.model_clients.gemini import GeminiClient
from scoring.raters.model_rater import ModelRater


class GeminiRater(ModelRater):
    """Asks the models of `GEMINI_MODELS`."""

    def __init__(self) -> None:
        super().__init__(GeminiClient())
