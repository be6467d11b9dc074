"""`make soak`: every name, address, class of value, person and method; in the unit suite a part."""

import random

from tests.walks.people import PeopleWalk
from tests.walks.walk import SEED, Walk, by_kind


class EveryValueTests(Walk):
    def test_a_learner(self):
        assert by_kind(self.send_all("owner", self.fields("owner", self.own))) == {}

    def test_somebody_signed_out(self):
        assert by_kind(self.send_all("signed out", self.fields("signed out", self.own))) == {}

    def test_a_superuser_in_the_admin(self):
        # one page of Django's for every model: a fifth of them is every value on every page often
        problems = self.send_all("root", self.fields("root", self.admin_places), share=0.2)
        assert by_kind(problems) == {}


class EveryPersonTests(PeopleWalk):
    def test_nobody_else_sees_or_changes_a_row(self):
        assert by_kind(self.walk_strangers(random.Random(SEED), share=1)) == {}

    def test_the_owner_meets_no_fault(self):
        assert by_kind(self.walk_owner(random.Random(SEED), share=1)) == {}
