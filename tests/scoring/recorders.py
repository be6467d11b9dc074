"""A recorder of calls to models, as tests see it."""

from accounts.consents import ConsentMissingError
from scoring.model_clients.usage import Usage


class Recorder:
    """Remembers calls; refuses them where somebody has not agreed."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.calls: list[dict[str, object]] = []
        self.refuses = refuses

    def opened(self, kind: str, model: str) -> int:
        if self.refuses:
            raise ConsentMissingError("abroad")
        self.calls.append({"kind": kind, "model": model})
        return len(self.calls) - 1

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        self.calls[number] |= {"outcome": outcome, "usage": usage, "seconds": seconds}
