"""System checks of the settings for rating and decoding."""

from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def times_are_in_order(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Check that vendor time-out < task time-out < claim lease < queue retry.

    Otherwise work is done twice. And a cluster beats often enough not to be taken for dead.
    """
    calls = 4 * (settings.OPIC_VENDOR_SECONDS + 1)  # hear and rate, each with one clean retry
    work = {
        "four times OPIC_VENDOR_SECONDS and 1": calls,
        "OPIC_TASK_SECONDS": settings.OPIC_TASK_SECONDS,
        "OPIC_LEASE_SECONDS": settings.OPIC_LEASE_SECONDS,
        "the queue's retry": settings.Q_CLUSTER["retry"],
    }
    beats = {
        "twice OPIC_BEAT_SECONDS": 2 * settings.OPIC_BEAT_SECONDS,
        "OPIC_SILENT_SECONDS": settings.OPIC_SILENT_SECONDS,
    }
    return [*_out_of_order(work), *_out_of_order(beats)]


def _out_of_order(times: dict[str, float]) -> list[CheckMessage]:
    return [
        Error(
            f"{first} ({times[first]:g} s) must be less than {second} ({times[second]:g} s).",
            id="opic.E001",
        )
        for first, second in pairwise(times)
        if times[first] >= times[second]
    ]


def decoding_is_bounded(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Check that the limit of processor time is below that of time by the clock.

    Otherwise a file that takes for ever is only ever reported as "busy".
    """
    cpu, wall = settings.OPIC_DECODE_CPU_SECONDS, settings.OPIC_DECODE_SECONDS
    if cpu < wall:
        return []
    text = f"OPIC_DECODE_CPU_SECONDS ({cpu} s) must be less than OPIC_DECODE_SECONDS ({wall} s)."
    return [Error(text, id="opic.E011")]


def register_all() -> None:
    """Register these checks with Django."""
    register(decoding_is_bounded)
    register(times_are_in_order)
