"""The ears of any server of the chat-completions protocol that takes sound."""

from scoring.ears.model_ears import ModelEars
from scoring.model_clients.openai_compatible import OpenAiCompatibleClient


class OpenAiCompatibleEars(ModelEars):
    """Asks `OPIC_LLM_MODEL` at `OPIC_LLM_URL`."""

    def __init__(self) -> None:
        super().__init__(OpenAiCompatibleClient())
