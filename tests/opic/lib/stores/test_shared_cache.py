"""The cache all share: with Redis, without it, and full of other entries."""

import threading
import time

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.test import Client, TestCase, override_settings

from opic.lib.engine import redis_broker
from opic.lib.stores import shared_cache
from opic.lib.stores.away import Away
from opic.lib.stores.shared_cache import SharedCache
from tests.factories import make_user
from tests.faults.stores import Redis, are_installed


def test_who_finds_out_spares_the_others():
    away = Away(seconds=60, trial_seconds=60)
    assert all(away.may_try() for _ in range(5))
    away.failed()
    assert not any(away.may_try() for _ in range(5))
    away._until = 0.0
    tries: list[bool] = []
    asking = [threading.Thread(target=lambda: tries.append(away.may_try())) for _ in range(20)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sum(tries) == 1, "one tries, the others go on without"
    away.worked()
    assert all(away.may_try() for _ in range(5))


TABLE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "opic_cache"}


def fill(cache, count: int) -> None:
    """Other people's counters, with keys that sort before and behind."""
    cache.set_many({f"{number % 7}other:{number}": [1.0] for number in range(count)}, 300)


class LockedTests(TestCase):
    """A locked account stays locked whatever else is counted meanwhile."""

    def refused(self, client: Client) -> bool:
        data = {"login": "me@example.org", "password": "wrong"}
        return client.post("/accounts/login/", data).status_code == 429 or (
            "Too many" in client.post("/accounts/login/", data).content.decode()
        )

    def check(self, cache, count: int) -> None:
        person = make_user("me@example.org")
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        client = Client()
        rates = {"login_failed": "5/5m/key,100/m/ip", "login": "1000/m/ip"}
        with override_settings(ACCOUNT_RATE_LIMITS=rates):
            for _ in range(6):
                self.refused(client)
            assert self.refused(client)
            fill(cache, count)
            assert self.refused(client)

    def test_in_the_table(self):
        from django.conf import settings

        with override_settings(CACHES={**settings.CACHES, "default": settings.CACHES["database"]}):
            # each entry is three queries; what counts is that the old limit of 300 is far below
            self.check(caches["default"], 400)
            assert settings.CACHES["database"]["OPTIONS"]["MAX_ENTRIES"] >= 10_000


if are_installed():

    @pytest.fixture(scope="module")
    def redis(tmp_path_factory):
        server = Redis(tmp_path_factory.mktemp("redis"))
        server.start()
        yield server
        server.wake()
        server.stop()

    @pytest.fixture
    def cache(redis, db, monkeypatch):
        monkeypatch.setattr(shared_cache, "AWAY", Away(seconds=60, trial_seconds=60))
        redis.empty()
        return SharedCache(redis.url, {})

    def use(cache) -> None:
        """Every method, as limits use them."""
        assert cache.add("a", 1, 60)
        assert not cache.add("a", 2, 60)
        assert cache.incr("a") == 2
        assert cache.decr("a") == 1
        assert cache.get("a") == 1
        cache.set("b", [1.5, "x"], 60)
        assert cache.get_many(["a", "b", "none"]) == {"a": 1, "b": [1.5, "x"]}
        assert cache.has_key("b")
        assert cache.touch("b", 30)
        assert cache.delete("b")
        assert cache.get("b", "gone") == "gone"
        cache.set_many({"c": 1, "d": 2}, 60)
        cache.delete_many(["c"])
        assert cache.get_or_set("d", 7) == 2
        with pytest.raises(ValueError, match="not found"):
            cache.incr("none")
        cache.clear()
        assert cache.get("d") is None

    def test_with_redis(cache):
        use(cache)
        assert caches["database"].get("a") is None

    @pytest.mark.parametrize("outage", ["hang", "kill"])
    def test_without_redis_the_table_does_it_and_only_the_first_call_waits(redis, cache, outage):
        getattr(redis, outage)()
        begun = time.monotonic()
        use(cache)
        took = time.monotonic() - begun
        redis.wake()
        if outage == "kill":
            redis.start()
        # each of some twenty calls would wait for a second
        assert took < 10
        cache.set("kept", 1, 60)
        assert caches["database"].get("kept") == 1
        cache.ping()
        cache.set("back", 1, 60)
        assert caches["database"].get("back") is None
        assert cache.get("back") == 1

    def test_with_ten_thousand_others_a_locked_account_stays_locked(redis, cache):
        with override_settings(
            CACHES={
                "default": {
                    "BACKEND": "opic.lib.stores.shared_cache.SharedCache",
                    "LOCATION": redis.url,
                },
                "database": TABLE,
                "template_fragments": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
                "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
            }
        ):
            LockedTests().check(caches["default"], 10_000)

    def test_the_queue_s_redis_costs_a_second_at_most_and_taking_may_wait(redis, monkeypatch):
        monkeypatch.setattr(redis_broker, "AWAY", Away(seconds=60, trial_seconds=60))
        redis_broker._client.cache_clear()
        with override_settings(OPIC_QUEUE_REDIS_URL=redis.url):
            broker = redis_broker.RedisBroker("test")
            # a quiet second is no error, though the limit of putting in is shorter
            assert broker.dequeue() is None
            broker.enqueue(b"x")
            assert broker.dequeue() == [(None, b"x")]
            redis.hang()
            begun = time.monotonic()
            for _ in range(20):
                with pytest.raises(redis_broker.RedisError):
                    broker.enqueue(b"y")
            took = time.monotonic() - begun
            redis.wake()
            assert took < 5
        redis_broker._client.cache_clear()
