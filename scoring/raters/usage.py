"""What a call to a model used, and who writes it down. Names no vendor."""

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
    """Where calls are written down: before they are made, and how they ended."""

    def opened(self, kind: str, model: str) -> int: ...

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None: ...


class NoUsageRecorder:
    """For those who do not count."""

    def opened(self, kind: str, model: str) -> int:
        return 0

    def closed(self, number: int, *, outcome: str, usage: Usage, seconds: float) -> None:
        """Write nothing down."""
