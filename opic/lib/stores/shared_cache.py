"""The cache all processes share: Redis, and the table in the database while Redis is away.

Limits live here: sign-in has to work, and has to be counted, without Redis too.
"""

import logging
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from opic.lib.stores.away import Away

logger = logging.getLogger(__name__)
# to connect and to reply: a second in all
HALF_SECONDS = 0.5
AWAY = Away(seconds=5, trial_seconds=2)
SPARE = "database"


class SharedCache(RedisCache):
    """Redis, asked within a second; while it is away, the cache in the database."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        limits = {
            "socket_timeout": HALF_SECONDS,
            "socket_connect_timeout": HALF_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": {**params.get("OPTIONS", {}), **limits}})

    def ping(self) -> None:
        """Ask Redis itself, and use it again at once; raise RedisError while it is away."""
        self._cache.get_client(None).ping()
        AWAY.worked()

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if AWAY.may_try():
            try:
                value = getattr(super(), method)(*args, **kwargs)
            except RedisError as exc:
                AWAY.failed()
                logger.warning("the cache's Redis is away: %s", type(exc).__name__)
            except ValueError:
                # `incr` of a key that is not there: Redis did reply
                AWAY.worked()
                raise
            else:
                AWAY.worked()
                return value
        return getattr(caches[SPARE], method)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("delete", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("has_key", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return int(self._ask("incr", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._ask("delete_many", *args, **kwargs)

    def clear(self) -> None:
        self._ask("clear")
