"""What a call to a model used, and who records it. Names no vendor."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the vendor counts them."""

    audio: int = 0
    text: int = 0
    output: int = 0
    thought: int = 0


class UsageRecorder(Protocol):
    """Records calls to models: before they are made, and how they ended."""

    def opened(self, kind: str, model: str) -> int:
        """Record a call that is about to be made; return its number."""

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        """Record how the call with this number ended."""


class NoUsageRecorder:
    """A recorder for callers that do not count."""

    def opened(self, kind: str, model: str) -> int:
        """Return 0 and record nothing."""
        return 0

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        """Do nothing."""
