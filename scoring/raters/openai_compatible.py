"""The rater behind any server of the chat-completions protocol (`OPIC_RATER=openai`)."""

from scoring.model_clients.openai_compatible import OpenAiCompatibleClient
from scoring.raters.model_rater import ModelRater


class OpenAiCompatibleRater(ModelRater):
    """Asks `OPIC_LLM_MODEL` at `OPIC_LLM_URL`."""

    def __init__(self) -> None:
        super().__init__(OpenAiCompatibleClient())
