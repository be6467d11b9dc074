"""The queue's Redis: an answer that was saved never waits for it longer than a second."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from django_q.brokers.redis_broker import Redis as LibraryBroker
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from opic.lib.stores.away import Away

# connect and answer: a second in all
HALF_SECONDS = 0.5
# taking waits a second in Redis itself: a shorter limit would call every quiet second an error
TAKE_SECONDS = 10
AWAY = Away(seconds=5, trial_seconds=2)


@cache
def _client(read_seconds: float) -> redis.Redis:
    """One pool a process and purpose; the driver opens anew after a fork."""
    return redis.Redis.from_url(
        settings.OPIC_QUEUE_REDIS_URL,
        socket_connect_timeout=HALF_SECONDS,
        socket_timeout=read_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RedisBroker(LibraryBroker):  # type: ignore[misc]
    """django-q2's broker; putting in is quick or fails, taking out may wait."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        return _client(HALF_SECONDS)

    def enqueue(self, task: Any) -> Any:
        if not AWAY.may_try():
            raise redis.ConnectionError("the queue's Redis was away a moment ago")
        try:
            place = super().enqueue(task)
        except RedisError:
            AWAY.failed()
            raise
        AWAY.worked()
        return place

    def dequeue(self) -> list[tuple[None, bytes]] | None:
        taken: Any = _client(TAKE_SECONDS).blpop([self.list_key], 1)
        return [(None, taken[1])] if taken else None
