"""The task queue: put an entry in, ask how many wait, run the engine.

Nothing outside this module and `opic/lib/engine/` knows which engine it is. The row in our own
table is the truth, a queue entry only a hint: it may be lost (the sweeper finds the row) or come
twice (the claim has one winner).
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

from opic.lib.engine import django_q_engine

logger = logging.getLogger(__name__)
Task = TypeVar("Task", bound=Callable[..., Any])
run_engine = django_q_engine.run


def task_name(task: Callable[..., Any]) -> str:
    """Return the dotted name by which an entry names a task."""
    return f"{task.__module__}.{task.__qualname__}"


def task(function: Task) -> Task:
    """Put a function on the list of those that a queue entry may name.

    An entry that names anything else is dropped, whoever wrote it.
    """
    django_q_engine.allowed.add(task_name(function))
    return function


def enqueue(function: Callable[..., Any], *ids: str) -> None:
    """Queue a task by name, after the commit, with string ids; ValueError without `@task`.

    A queue that is down must not turn a saved response into an error: the sweeper finds the row.
    """
    name = task_name(function)
    if name not in django_q_engine.allowed:
        raise ValueError(f"{name} is not a task: decorate it with @task")
    transaction.on_commit(partial(_send, name, *ids))


def _send(name: str, *ids: str) -> None:
    try:
        django_q_engine.send(name, *ids)
    except Exception as exc:  # noqa: BLE001 - brokers raise their own errors; see enqueue
        logger.error("could not queue %s: %s", name, exc)


def waiting() -> int | None:
    """Return how many entries wait in the queue; None when the broker does not reply."""
    try:
        return django_q_engine.waiting()
    except Exception as exc:  # noqa: BLE001 - brokers raise their own errors
        logger.error("the queue's broker does not answer: %s", exc)
        return None


def ask_broker() -> None:
    """Ask the broker for a reply; raise whatever error it raises without one."""
    django_q_engine.waiting()


@task
def probe() -> None:
    """Do nothing: a worker that runs this shows that the queue works."""


def mend_entries() -> None:
    """Unlock entries that a step of the clock locked far ahead; drop what nothing runs."""
    django_q_engine.mend_entries()
