"""The one door to the task queue; nothing else imports django-q2.

The row in our own table is the truth, a queue entry only a hint: it may be lost (the sweeper
finds the row) or come twice (the claim has one winner).
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.management.commands import qcluster
from django_q.models import Schedule
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def task_name(task: Callable[..., Any]) -> str:
    return f"{task.__module__}.{task.__qualname__}"


def enqueue(task: Callable[..., Any], *ids: str) -> None:
    """Queue a function by name, after the commit, with string ids.

    A queue that is down must not turn a saved answer into an error: the sweeper finds the row.
    """
    transaction.on_commit(partial(_send, task_name(task), *ids))


def _send(name: str, *ids: str) -> None:
    try:
        async_task(name, *ids)
    except Exception:  # brokers raise their own errors; see enqueue
        logger.exception("could not queue %s", name)


def keep_schedule(task: Callable[..., Any], *, minutes: int) -> None:
    """Have this task run every so many minutes; repeatable, one row a task."""
    Schedule.objects.update_or_create(
        name=task_name(task),
        defaults={
            "func": task_name(task),
            "schedule_type": Schedule.MINUTES,
            "minutes": minutes,
            "repeats": -1,
        },
        create_defaults={
            "func": task_name(task),
            "schedule_type": Schedule.MINUTES,
            "minutes": minutes,
            "repeats": -1,
            "next_run": timezone.now() + timedelta(minutes=minutes),
        },
    )


def waiting() -> int | None:
    """How many entries wait in the queue; None when the broker does not answer."""
    try:
        return int(get_broker().queue_size())
    except Exception:  # brokers raise their own errors
        logger.exception("the queue's broker does not answer")
        return None


def cluster_command() -> type[BaseCommand]:
    """The library's own command, for ours to start after tidying up."""
    command: type[BaseCommand] = qcluster.Command
    return command
