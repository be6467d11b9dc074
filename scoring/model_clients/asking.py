"""Asking a model for something that has to be believed, guarded by its vendor's circuit breaker.

A reply that cannot be used is asked for once more, cleanly. After that one that broke off is tried
later; for one that cannot be believed, and for what was refused, a person has to listen.
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from scoring.adapter_error import AdapterError
from scoring.model_clients.base import UNKNOWN_DELAY, Ask, ModelClient, ModelError, Reply
from scoring.model_clients.circuit_breaker import Breaker
from scoring.model_clients.replies import MalformedError
from scoring.model_clients.usage import UsageRecorder
from scoring.reasons import Reason

TRIES = 2  # the first, and one clean retry
VENDOR = frozenset({"busy", "day_quota", "down", "timeout", "unreachable", "key", "gone", "deaf"})
MAY_PASS = frozenset({"cut", "empty"})

Made = TypeVar("Made")


class ModelAdapter:
    """What asks one client; its ears and its rater go by the same breakers."""

    def __init__(self, client: ModelClient) -> None:
        self.client, self.name = client, client.name
        self.breaker = Breaker(cache, client.name)
        # a model that takes no sound can still judge
        self.hearing = Breaker(cache, f"{client.name}:hear")

    def warm(self) -> None:
        """Load what the first call would wait for."""
        self.client.warm()

    def ask(self, ask: Ask, recorder: UsageRecorder, believed: Callable[[Reply], Made]) -> Made:
        """Return what was made of the first reply that can be used. Raises AdapterError."""
        if ask.sound:
            _refuse_while_open(self.hearing, "the model does not take sound")
        _refuse_while_open(self.breaker, "the vendor is given a rest")
        error = AdapterError("nobody was asked", retry=True)
        for _ in range(TRIES):
            try:
                reply = self.client.generate(ask, recorder)
                self.breaker.note_reply()
                return believed(reply)
            except MalformedError as exc:
                reason = exc.reason or Reason.REPLY
                error = AdapterError(f"malformed twice: {exc}", retry=exc.may_pass, reason=reason)
            except ModelError as exc:
                error = self._as_adapter_error(exc)
                if exc.kind not in MAY_PASS:
                    break
        # nothing of a reply goes into what is logged
        raise error from None

    def _as_adapter_error(self, exc: ModelError) -> AdapterError:
        if exc.kind in VENDOR:
            after = exc.after_seconds or UNKNOWN_DELAY
            breaker = self.hearing if exc.kind == "deaf" else self.breaker
            breaker.note_failure(exc.kind, after)
            return AdapterError(str(exc), retry=True, after_seconds=after, is_vendor=True)
        if exc.kind in MAY_PASS:
            return AdapterError(str(exc), retry=True)
        return AdapterError(str(exc), retry=False, reason=Reason.REFUSED)


def _refuse_while_open(breaker: Breaker, text: str) -> None:
    if left := breaker.seconds_left():
        raise AdapterError(text, retry=True, after_seconds=left, is_vendor=True)
