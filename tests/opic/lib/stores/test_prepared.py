"""Queries whose SQL is made once say the same as if they were made each time, for everybody."""

import pkgutil
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import CharField, Value
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import Activity, Streak
from materials.models import SampleResponse
from opic.lib.stores.prepared import Given, PreparedQuery
from practice.scheduling import Source
from scoring.models import DaySummary
from tests.factories import make_goal, make_measured, make_prompt, make_take, make_topic, make_user

PACKAGES = ("opic", "accounts", "materials", "scoring", "practice", "exams")


def prepared_queries() -> dict[str, PreparedQuery]:
    """Return every prepared query of the product by its dotted name."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not {"migrations", "management", "gunicorn", "wsgi"} & set(module.name.split(".")):
                import_module(module.name)
    return {
        f"{name}.{attribute}": value
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in PACKAGES
        for attribute, value in list(vars(module).items())
        if isinstance(value, PreparedQuery)
    }


def as_text(rows) -> list:
    """Make rows comparable: objects by all that was loaded of them and of what they refer to."""
    return [_plain(row) for row in rows]


def _plain(row, depth=4):
    # a take refers to its response, and that one to its take
    if not hasattr(row, "__dict__") or not depth:
        return repr(row)
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    related = {name: _plain(one, depth - 1) for name, one in row._state.fields_cache.items() if one}
    return type(row).__name__, values, related


class PreparedQueryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        topics = [make_topic("parks-p"), make_topic("banks-p")]
        prompts = [
            make_prompt(topic=topic, min_step=1, max_step=6, item_type=kind)
            for topic in topics
            for kind in ("DESC", "PAST")
        ]
        SampleResponse.objects.create(prompt=prompts[0], text="A good one.", level=8)
        cls.people = [make_user(f"{name}@example.org") for name in "abc"]
        for count, person in enumerate(cls.people):
            make_goal(person)
            Streak.objects.create(
                person=person, length=count, longest=count, started_on=person.today
            )
            for prompt in prompts[: count + 1]:
                make_take(person, prompt, make_measured(person, prompt))
                make_take(person, prompt, make_measured(person, prompt))
            Activity.objects.create(person=person, day=person.today, voiced_ms=100 * count)
            DaySummary.objects.create(
                speaker=person, day=person.today - timedelta(days=1), voiced_ms=count
            )
            Session.objects.create(
                session_key=f"key-of-{person.email}",
                session_data="",
                expire_date=timezone.now() + timedelta(hours=count),
            )
        cls.prompts, cls.topics = prompts, topics

    def cases(self):
        """Return shapes of each query, and values for a person."""
        kinds = {"kind_0": "PAST", "kind_1": "DESC"}
        topics = {"topic_0": self.topics[0].pk}

        def of(person, prompt=None, **more):
            prompt = prompt or self.prompts[0]
            return {"person": person.pk, "learner": person.pk, "prompt": prompt.pk, **more}

        def ordered(person, **more):
            recent = timezone.now() - timedelta(days=1)
            return of(person, step=3, factor=7 + len(person.email), recent=recent, **more)

        day_start = timezone.now() - timedelta(hours=5)
        days = {"spoken_since": self.people[0].today - timedelta(days=300)}
        days["facts_since"] = self.people[0].today - timedelta(days=60)
        names = ("name_en", "name_ko", "name_vi")
        filters = {"step": 3, "topic": "parks-p", "type": "DESC", "after": ""}

        def listed(person):
            return of(person, **{**filters, "after": self.prompts[0].key})

        def fitting(person):
            return ordered(person, **kinds, **topics)

        return {
            "practice.learner._LEARNER": [
                ((counts,), lambda person: of(person, day_start=day_start))
                for counts in (True, False)
            ],
            "opic.pages.home.context._STANDING": [
                ((counts, name), lambda person: of(person, day_start=day_start))
                for counts in (True, False)
                for name in names
            ],
            "opic.pages.home.context._LAST_RESPONSES": [((), of)],
            "scoring.summaries.days._DAYS": [((), lambda person: of(person, **days))],
            "opic.pages.board.context._LEARNER": [
                ((name,), lambda person: of(person, day_start=day_start)) for name in names
            ],
            "practice.prompt_order._ROWS": [
                (
                    (2, 1, old, is_new, sources, 20),
                    lambda person: ordered(person, **kinds, **topics),
                )
                for old in (True, False)
                for is_new in (True, False)
                for sources in ((), tuple(Source))
            ]
            + [((1, 0, False, False, (), 5), lambda person: ordered(person, kind_0="DESC"))],
            "practice.takes._TAKES": [
                ((False,), of),
                ((True,), lambda person: of(person, before=2)),
            ],
            "practice.prompt_list._PROMPTS": [
                ((frozenset(asked), name, name.replace("name", "sort")), listed)
                for name in names
                for asked in ((), ("step",), ("topic", "type"), ("untried", "after"), ("mine",))
            ],
            "opic.pages.history.rows._NEWEST": [((name,), of) for name in names],
            "opic.lib.web.sessions._SESSIONS": [
                ((), lambda person: {"key": f"key-of-{person.email}", "now": timezone.now()})
            ],
            "practice.views.prompts._SAMPLES": [((), of)],
            "practice.views.prompts._PROMPTS": [((), of)],
        }

    def each(self):
        queries, cases = prepared_queries(), self.cases()
        assert queries.keys() == cases.keys()
        for name, query in queries.items():
            for shape, values_for in cases[name]:
                yield name, query, shape, values_for

    def test_each_gives_what_the_plain_query_gives_to_each_person(self):
        seen = 0
        for name, query, shape, values_for in self.each():
            for person in [*self.people, *self.people]:
                values = values_for(person)

                def as_plain(given, compiler, connection, values=values):
                    plain = Value(values[given.name], output_field=given.output_field)
                    return plain.as_sql(compiler, connection)

                with patch.object(Given, "as_sql", as_plain):
                    expected = as_text(query.build(*shape))
                with self.assertNumQueries(1):
                    rows = query.rows(*shape, **values)
                assert as_text(rows) == expected, name
                seen += len(rows)
        assert seen > 100

    def test_nothing_of_a_moment_or_a_language_is_baked_in(self):
        for name, query, shape, _values_for in self.each():
            made = set()
            for language, year in product(("en", "ko", "vi"), (2026, 2030)):
                now = patch(
                    "django.utils.timezone.now", return_value=datetime(year, 5, 6, tzinfo=UTC)
                )
                with translation.override(language), now:
                    fresh = PreparedQuery(query.build)._make(connection, shape)
                parameters = [
                    one.name if isinstance(one, Given) else one for one in fresh.parameters
                ]
                made.add((fresh.sql, repr(parameters)))
            assert len(made) == 1, name

    def test_what_a_query_asks_of_the_settings_ends_with_them(self):
        made: dict[str, set[str]] = {}
        for rater in ("fluency", "gemini", "fluency"):
            with override_settings(OPIC_RATER=rater, OPIC_EARS=rater.replace("fluency", "none")):
                for name, query, shape, values_for in self.each():
                    query.rows(*shape, **values_for(self.people[0]))
                    used = query._made[connection.vendor, shape]
                    fresh = PreparedQuery(query.build)._make(connection, shape)
                    assert used.sql == fresh.sql, name
                    made.setdefault(name, set()).add(used.sql)
        assert len(made["practice.learner._LEARNER"]) == 3  # whose consent is asked, and of whom

    def test_a_value_that_is_missing_is_an_error_and_not_an_empty_place(self):
        query = prepared_queries()["practice.views.prompts._PROMPTS"]
        with pytest.raises(KeyError, match="prompt"):
            query.rows()

    def test_a_query_is_made_once_a_shape(self):
        built = []

        def build(*shape):
            built.append(shape)
            return Permission.objects.filter(codename=Given("name", CharField()))

        query = PreparedQuery(build)
        for name in ("add_user", "view_user", "nobody's"):
            with CaptureQueriesContext(connection) as queries:
                rows = query.rows(1, name=name)
            assert [row.codename for row in rows] == [name][: len(rows)]
            assert len(queries) == 1
        assert len(query.rows(2, name="add_user")) == 1
        assert built == [(1,), (2,)]

    def test_what_cannot_be_prepared_is_refused(self):
        query = PreparedQuery(lambda: Permission.objects.prefetch_related("group_set"))
        with pytest.raises(ValueError, match="prefetch"):
            query.rows()
