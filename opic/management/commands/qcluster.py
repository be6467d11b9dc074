"""The queue's cluster: the periodic tasks of every app, and the supervisor that runs them."""

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

# on a host with a web server the people who wait for a page come first
NICE = 5
MINUTE, HOUR = 60, 3600


def register_all() -> None:
    """Register what clockwork runs, and how often; one line a task."""
    clockwork.register(tasks.sweep, seconds=MINUTE)
    clockwork.register(tasks.sweep_files, seconds=HOUR, limit_seconds=HOUR)
    clockwork.register(tasks.sweep_guests, seconds=5 * MINUTE)
    clockwork.register(exam_tasks.sweep, seconds=MINUTE)
    clockwork.register(practice_tasks.tell_late, seconds=MINUTE)
    clockwork.register(people_tasks.send_reminders, seconds=10 * MINUTE)
    clockwork.register(people_tasks.sweep, seconds=10 * MINUTE)
    clockwork.register(people_tasks.purge, seconds=HOUR, limit_seconds=HOUR)
    clockwork.register(queue.mend_entries, seconds=MINUTE)
    clockwork.register(clusters.forget_old, seconds=HOUR)
    clockwork.at_takeover(tasks.take_over)


class Command(BaseCommand):
    """Runs the supervisor; ends with its exit code, 1 when the cluster cannot go on."""

    help = "Rate, push and tidy up behind the pages, until SIGTERM."

    def handle(self, *_args: Any, **_options: Any) -> None:
        os.nice(NICE)
        processes.call_this("opic-queue")
        # an entry may name a task of any app: each has to have put its own on the list
        autodiscover_modules("tasks")
        register_all()
        tasks.warm_up()
        # no collection walks what is loaded by now, so forked workers go on sharing its memory
        gc.collect()
        gc.freeze()
        if code := Supervisor().run():
            raise SystemExit(code)
