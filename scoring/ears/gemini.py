"""The ears of Google's models."""

from scoring.ears.model_ears import ModelEars
from scoring.model_clients.gemini import GeminiClient


class GeminiEars(ModelEars):
    """Asks the models of `GEMINI_MODELS`."""

    def __init__(self) -> None:
        super().__init__(GeminiClient())
