"""What may be queued, and what a queue entry may name."""

import ast
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from opic.lib import queue
from opic.lib.engine import django_q_engine
from opic.lib.engine.gauges import Gauges
from opic.lib.incidents import request_id, task_id
from scoring import tasks

APPS = ("accounts", "materials", "scoring", "practice", "exams", "opic")


def enqueued_names():
    """Each function that our code hands to `enqueue`, as it is written there."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                    module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
                    yield f"{module}.{node.args[0].id}"


# entries that the release before left in the queue
OLD_NAME = "accounts.notifications.push_notices"


def test_an_entry_of_the_release_before_is_let_in():
    autodiscover_modules("tasks")
    broker = Broker(entry(OLD_NAME))
    assert len(django_q_engine._Broker(broker, Gauges()).dequeue()) == 1
    assert broker.failed == []


def test_what_the_code_queues_is_on_the_list_and_little_else():
    autodiscover_modules("tasks")
    names = set(enqueued_names())
    assert len(names) >= 4
    assert names <= django_q_engine.allowed
    assert django_q_engine.allowed <= names | {"opic.lib.queue.probe", OLD_NAME}


def test_a_function_that_is_no_task_is_not_queued():
    with pytest.raises(ValueError, match=r"scoring\.tasks\.sweep"):
        queue.enqueue(tasks.sweep)


class Broker:
    """A list of entries, at our own edge."""

    def __init__(self, *payloads):
        self.payloads, self.failed = list(payloads), []

    def dequeue(self):
        return list(enumerate(self.payloads))

    def fail(self, entry_id):
        self.failed.append(entry_id)


def entry(func, **more):
    return SignedPackage.dumps({"func": func, "args": ("1",), "kwargs": {}, **more})


def test_entries_that_name_anything_else_are_dropped():
    ours = entry("scoring.tasks.rate_response")
    broker = Broker(
        entry("os.system"),
        ours,
        entry("scoring.tasks.sweep_files"),
        entry("scoring.tasks.no_longer_there"),
        entry(len),
        entry("scoring.tasks.rate_response", kwargs={"hook": "os.system"}),
        SignedPackage.dumps(["no", "entry"]),
        ours[:-1] + ("A" if ours[-1] != "A" else "B"),
        "nonsense",
    )
    gauges = Gauges()
    entries = django_q_engine._Broker(broker, gauges).dequeue()
    assert entries == [(1, ours)]
    assert broker.failed == [0, 2, 3, 4, 5, 6, 7, 8]
    assert gauges["pulled_at"] > 0


@pytest.fixture
def sending(db, monkeypatch):
    """A broker that keeps what is sent."""
    monkeypatch.setattr(django_q_engine.Conf, "SYNC", False)
    broker = Broker()
    broker.enqueue = broker.payloads.append
    broker.list_key = "opic"
    monkeypatch.setattr("django_q.tasks.get_broker", lambda *_given: broker)
    return broker


def test_an_entry_as_we_send_it_is_taken(sending):
    django_q_engine.send("scoring.tasks.rate_response", "1")
    assert len(django_q_engine._Broker(sending, Gauges()).dequeue()) == 1


def test_the_log_of_a_task_names_the_request_it_came_from(sending):
    def ask():
        request_id.set("a1b2c3")
        django_q_engine.send("scoring.tasks.rate_response", "1")

    def work():
        entry = SignedPackage.loads(sending.payloads[0])
        django_q_engine._begin_task(Gauges(), {**entry, "id": "0123456789"})
        return request_id.get(), task_id.get()

    copy_context().run(ask)
    assert request_id.get() == ""
    assert copy_context().run(work) == ("a1b2c3", "01234567")


def test_entries_of_a_future_that_is_gone_are_due_again(db):
    now = timezone.now()
    for ahead in (timedelta(0), timedelta(seconds=settings.Q_CLUSTER["retry"]), timedelta(hours=1)):
        OrmQ.objects.create(key="opic", payload="", lock=now + ahead)
    Schedule.objects.create(func="os.system", schedule_type=Schedule.HOURLY)
    queue.mend_entries()
    assert not OrmQ.objects.filter(lock__gt=now + timedelta(minutes=30)).exists()
    assert OrmQ.objects.filter(lock__gt=now + timedelta(minutes=2)).count() == 1
    assert not Schedule.objects.exists()


def test_a_broker_that_does_not_answer_is_no_number(monkeypatch):
    def refuse():
        raise ConnectionError("refused")

    monkeypatch.setattr(django_q_engine, "waiting", refuse)
    assert queue.waiting() is None
    with pytest.raises(ConnectionError):
        queue.ask_broker()
