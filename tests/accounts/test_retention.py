"""Traces of people have a term: what is past it goes, what is within it stays, and names go with
the rows they named.
"""

from datetime import timedelta
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import tasks
from accounts.models import DeviceSession, User
from accounts.security import admin_log
from opic.lib.stores import cache_table
from opic.lib.stores.people_rows import models_of_people
from opic.pages.account_data import views
from scoring.uploads import tickets
from tests.factories import make_device, make_goal, make_prompt, make_user


def ago(**time):
    return timezone.now() - timedelta(**time)


def entry(by, row, text="me@example.org"):
    return LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=text,
        action_flag=CHANGE,
        change_message='[{"changed": {"name": "consent", "object": "me@example.org"}}]',
    )


class PurgeTests(TestCase):
    def setUp(self):
        self.person = make_user()

    def sign_in(self, key, *, expires, seen):
        Session.objects.create(session_key=key, session_data="x", expire_date=expires)
        return UserSession.objects.create(
            user=self.person, ip="203.0.113.9", user_agent="x", session_key=key, last_seen_at=seen
        )

    def test_expired_sessions_go_with_what_is_known_of_their_browsers(self):
        soon = timezone.now() + timedelta(minutes=5)
        self.sign_in("live", expires=soon, seen=ago(days=20))
        self.sign_in("dead", expires=ago(minutes=1), seen=ago(days=31))
        signed_out = self.sign_in("signed-out", expires=soon, seen=ago(days=3))
        Session.objects.filter(session_key=signed_out.session_key).delete()
        UserSession.objects.create(
            user=self.person, ip="203.0.113.9", user_agent="x", session_key="just-now"
        )
        tasks.purge()
        assert {row.session_key for row in Session.objects.all()} == {"live"}
        left = set(UserSession.objects.values_list("session_key", flat=True))
        assert left == {"live", "just-now"}

    def test_devices_go_their_days_after_their_end(self):
        days, live_days = settings.OPIC_ENDED_DEVICE_DAYS, settings.OPIC_DEVICE_DAYS
        cases = [
            (None, 0, True),
            (None, live_days + days - 1, True),
            (None, live_days + days + 1, False),
            (days - 1, days, True),
            (days + 1, days + 2, False),
        ]
        staying = set()
        for ended, seen, stays in cases:
            device = make_device(self.person)
            DeviceSession.objects.filter(pk=device.pk).update(
                seen_at=ago(days=seen), ended_at=None if ended is None else ago(days=ended)
            )
            staying |= {device.pk} if stays else set()
        tasks.purge()
        assert set(DeviceSession.objects.values_list("pk", flat=True)) == staying

    def test_no_ticket_that_stands_dies_with_the_purge(self):
        device = make_device(self.person)
        token = tickets.issue(self.person, str(device.pk), "/x/")["token"]
        DeviceSession.objects.update(seen_at=ago(days=settings.OPIC_DEVICE_DAYS - 1))
        tasks.purge()
        tickets.verify(token, "/x/")

    def test_the_admin_log_has_a_term(self):
        for days in (settings.OPIC_ADMIN_LOG_DAYS - 1, settings.OPIC_ADMIN_LOG_DAYS + 1):
            row = entry(self.person, self.person)
            LogEntry.objects.filter(pk=row.pk).update(action_time=ago(days=days))
        tasks.purge()
        assert LogEntry.objects.count() == 1

    def test_lots_are_small_and_all_are_taken(self):
        """Nobody waits for a lock on ten thousand rows."""
        expired = ago(days=1)
        Session.objects.bulk_create(
            Session(session_key=f"k{number}", session_data="x", expire_date=expired)
            for number in range(45)
        )
        with (
            mock.patch.object(tasks, "LOT", 10),
            self.assertNumQueries(10),  # five lots: their keys, their rows
        ):
            tasks._delete_in_lots(Session.objects.filter(expire_date__lt=timezone.now()))
        assert not Session.objects.exists()

    def test_run_twice_it_changes_nothing_more(self):
        self.sign_in("dead", expires=ago(minutes=1), seen=ago(days=31))
        tasks.purge()
        tasks.purge()


@override_settings(
    CACHES={
        **settings.CACHES,
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "opic_cache_of_a_test",
        },
    }
)
class CacheTableTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        call_command("createcachetable", verbosity=0)

    def setUp(self):
        self.cache = caches["default"]

    def rows(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM opic_cache_of_a_test")
            return cursor.fetchone()[0]

    def test_expired_rows_go_and_live_ones_stay(self):
        for number in range(30):
            self.cache.set(f"ip:203.0.113.{number}", 1, timeout=600)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE opic_cache_of_a_test SET expires = %s WHERE cache_key <> %s",
                [
                    connection.ops.adapt_datetimefield_value(ago(hours=1)),
                    self.cache.make_key("ip:203.0.113.7"),
                ],
            )
        with mock.patch.object(cache_table, "LOT", 10):
            assert cache_table.drop_expired() == 29
        assert self.rows() == 1
        assert self.cache.get("ip:203.0.113.7") == 1

    def test_the_table_does_not_grow_over_a_week_of_sign_ins(self):
        """Hourly: many keys written, each for minutes; what stands is one hour's at most."""
        most = 0
        for _hour in range(24 * 7):
            for number in range(5):
                self.cache.set(f"{_hour}:{number}", 1, timeout=300)
            most = max(most, self.rows())
            with connection.cursor() as cursor:
                past = connection.ops.adapt_datetimefield_value(ago(minutes=1))
                cursor.execute("UPDATE opic_cache_of_a_test SET expires = %s", [past])
            cache_table.drop_expired()
        assert most <= 10

    def test_a_table_beside_another_cache_is_looked_after_too(self):
        """With Redis the table counts limits while Redis is away."""
        table = settings.CACHES["default"]
        local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        self.cache.set("ip:203.0.113.7", 1, timeout=-5)
        self.cache.set("ip:203.0.113.8", 1, timeout=600)
        with override_settings(CACHES={**settings.CACHES, "default": local, "database": table}):
            cache_table.drop_expired()
        assert self.rows() == 1
        others = dict.fromkeys(settings.CACHES, local)
        with override_settings(CACHES=others):
            assert cache_table.drop_expired() == 0


class AdminLogTests(TestCase):
    def setUp(self):
        self.staff, self.person = make_user(is_staff=True), make_user("me@example.org")

    def test_entries_about_somebody_lose_their_words_with_the_account(self):
        address = EmailAddress.objects.create(user=self.person, email=self.person.email)
        for row in (self.person, address, make_goal(self.person)):
            entry(self.staff, row)
        entry(self.staff, self.staff, "still here")
        content = entry(self.staff, make_prompt(), "A question")
        person_id = str(self.person.pk)
        views.erase_person(self.person)
        others = LogEntry.objects.exclude(pk=content.pk).exclude(object_id=str(self.staff.pk))
        assert {(row.object_repr, row.change_message) for row in others} == {("", "")}
        about = LogEntry.objects.get(object_id=person_id, content_type__model="user")
        assert (about.user, about.action_flag) == (self.staff, CHANGE)
        assert LogEntry.objects.get(object_id=str(self.staff.pk)).object_repr == "still here"
        assert LogEntry.objects.get(pk=content.pk).object_repr == "A question"

    def test_entries_by_somebody_go_with_the_account(self):
        entry(self.person, self.staff, "somebody else")
        views.erase_person(self.person)
        assert not LogEntry.objects.exists()

    def test_somebody_deleted_in_the_admin_is_forgotten_within_the_hour(self):
        row = entry(self.staff, self.person)
        User.objects.filter(pk=self.person.pk).delete()
        tasks.purge()
        row.refresh_from_db()
        assert (row.object_repr, row.change_message) == ("", "")

    def test_ids_that_are_none_count_as_gone(self):
        row = entry(self.staff, self.person)
        LogEntry.objects.filter(pk=row.pk).update(object_id="no-uuid")
        assert admin_log.forget_gone() == 1
        assert admin_log.forget_gone() == 0


def test_the_walk_finds_foreign_tables_too():
    assert {User, EmailAddress, UserSession, LogEntry, DeviceSession} <= models_of_people()
    assert Group not in models_of_people()


@pytest.mark.parametrize("name", ["OPIC_DEVICE_DAYS", "OPIC_ENDED_DEVICE_DAYS"])
def test_every_term_stands_in_the_operations_page(name):
    assert name in (settings.BASE_DIR / "docs" / "operations.md").read_text()
