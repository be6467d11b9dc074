"""The queue's workers, after what a starting host has to tidy up: its own claims, and the
clockwork.
"""

import os
from typing import Any

from accounts import tasks as people_tasks
from exams import tasks as exam_tasks
from opic.lib.queue import cluster_command, keep_schedule
from practice import tasks as practice_tasks
from scoring import tasks

NICE = 5  # beside a web server: who waits for a page goes first


class Command(cluster_command()):  # type: ignore[misc]
    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(NICE)
        freed = tasks.free_own_claims()
        if freed:
            self.stdout.write(f"Took back {freed} answers that this host had been working on.")
        tasks.sweep(at_once=True)
        tasks.warm_up()
        keep_schedule(tasks.sweep, minutes=1)
        keep_schedule(tasks.sweep_files, minutes=60)
        keep_schedule(exam_tasks.sweep, minutes=1)
        keep_schedule(practice_tasks.tell_late, minutes=1)
        keep_schedule(people_tasks.send_reminders, minutes=10)
        keep_schedule(people_tasks.sweep, minutes=10)
        keep_schedule(people_tasks.purge, minutes=60)
        super().handle(*args, **options)
