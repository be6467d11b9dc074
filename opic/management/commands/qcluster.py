"""The queue's cluster: what has to be done by the clock is said here, and its supervisor runs."""

import gc
import os
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import autodiscover_modules

from accounts import tasks as people_tasks
from exams import tasks as exam_tasks
from opic.lib import processes, queue
from opic.operations import clockwork, clusters
from opic.operations.supervisor import Supervisor
from practice import tasks as practice_tasks
from scoring import tasks

NICE = 5  # beside a web server: who waits for a page goes first
MINUTE, HOUR = 60, 3600


def register_all() -> None:
    """Say what clockwork runs, and how often; one line a task."""
    clockwork.register(tasks.sweep, seconds=MINUTE)
    clockwork.register(tasks.sweep_files, seconds=HOUR, limit_seconds=HOUR)
    clockwork.register(exam_tasks.sweep, seconds=MINUTE)
    clockwork.register(practice_tasks.tell_late, seconds=MINUTE)
    clockwork.register(people_tasks.send_reminders, seconds=10 * MINUTE)
    clockwork.register(people_tasks.sweep, seconds=10 * MINUTE)
    clockwork.register(people_tasks.purge, seconds=HOUR, limit_seconds=HOUR)
    clockwork.register(queue.mend_entries, seconds=MINUTE)
    clockwork.register(clusters.forget_old, seconds=HOUR)
    clockwork.at_takeover(tasks.take_over)


class Command(BaseCommand):
    help = "Rate, push and tidy up behind the pages, until SIGTERM."

    def handle(self, *_args: Any, **_options: Any) -> None:
        os.nice(NICE)
        processes.call_this("opic-queue")
        # an entry may name a task of any app: each has to have put its own on the list
        autodiscover_modules("tasks")
        register_all()
        tasks.warm_up()
        # what is loaded stays: no collection walks it again, and workers share its pages
        gc.collect()
        gc.freeze()
        if code := Supervisor().run():
            raise SystemExit(code)
