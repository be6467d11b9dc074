"""The queue's broker in Redis: a request never waits for it longer than a second."""

from functools import cache
from typing import Any

import redis
from django.conf import settings
from django_q.brokers.redis_broker import Redis as LibraryBroker
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from opic.lib.stores.away import Away

# to connect and to reply: a second in all
HALF_SECONDS = 0.5
# BLPOP waits a second in Redis itself: with a shorter limit every empty second would be an error
TAKE_SECONDS = 10
AWAY = Away(seconds=5, trial_seconds=2)


@cache
def _client(read_seconds: float) -> redis.Redis:
    """Return one pool a process and purpose; the driver opens anew after a fork."""
    return redis.Redis.from_url(
        settings.OPIC_QUEUE_REDIS_URL,
        socket_connect_timeout=HALF_SECONDS,
        socket_timeout=read_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RedisBroker(LibraryBroker):  # type: ignore[misc]
    """django-q2's Redis broker; putting in is quick or fails, taking out may wait."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        return _client(HALF_SECONDS)

    def enqueue(self, task: Any) -> Any:
        """Put an entry in within a second, or raise RedisError: at once just after a failure."""
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
        """Take one entry out, waiting up to a second; None when there is none."""
        taken: Any = _client(TAKE_SECONDS).blpop([self.list_key], 1)
        return [(None, taken[1])] if taken else None
