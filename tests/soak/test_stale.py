"""`make soak`: pages after writes at random, from many seeds; in the unit suite from one."""

from tests.opic.test_never_stale import StaleSearch

SEEDS = 60


class ManySeedsTests(StaleSearch):
    """Each seed begins with the same people and prompts."""


def _from(seed):
    return lambda self: self.check(seed)


for _seed in range(1, SEEDS + 1):
    setattr(ManySeedsTests, f"test_after_any_writes_{_seed}", _from(_seed))
