"""Reminders: at the hour that was asked for, once, and not on a day of practice."""

import threading
from datetime import UTC, date, datetime
from unittest.mock import patch

from django.db import connection
from django.test import TestCase, TransactionTestCase

from accounts import quiet_hours, streaks
from accounts.models import Activity, Notice, NoticeSettings, Streak, User
from accounts.tasks import send_reminders
from tests.factories import make_user

Kind = Notice.Kind


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def speak(person, *days):
    Activity.objects.bulk_create(Activity(person=person, day=day) for day in days)
    streaks.recount(person)


class ReminderTests(TestCase):
    EVENING = utc(2026, 11, 26, 12, 0)  # Thursday, 21:00 in Seoul

    def setUp(self):
        self.person = make_user(time_zone="Asia/Seoul")

    def remind(self, *moment):
        with patch("django.utils.timezone.now", return_value=utc(*moment)):
            send_reminders()
        return Notice.objects.filter(kind=Kind.REMINDER).count()

    def params(self):
        return Notice.objects.get(kind=Kind.REMINDER).params

    def test_once_at_the_chosen_hour_of_a_day_without_a_word(self):
        speak(self.person, date(2026, 11, 24), date(2026, 11, 25))
        assert self.remind(2026, 11, 26, 11, 50) == 0  # 20:50
        assert self.remind(2026, 11, 26, 12, 0) == 1
        for minute in (0, 10, 50):
            assert self.remind(2026, 11, 26, 12, minute) == 1
        assert self.remind(2026, 11, 26, 13, 0) == 1
        assert self.params() == {"days": 2, "is_free": True}
        assert Notice.objects.get().url == "/practice/start/"

    def test_the_next_day_has_its_own(self):
        speak(self.person, date(2026, 11, 24), date(2026, 11, 25))
        self.remind(2026, 11, 26, 12, 0)
        assert self.remind(2026, 11, 27, 12, 0) == 2
        last = Notice.objects.order_by("-made_at").first()
        assert last.params == {"days": 2, "is_free": False}  # Thursday was the free day
        assert self.remind(2026, 11, 28, 12, 0) == 2  # the row has ended: nothing to keep

    def test_who_spoke_today_or_never_is_left_alone(self):
        speak(self.person, date(2026, 11, 25), date(2026, 11, 26))
        make_user()
        speak(make_user(), date(2026, 11, 20))
        assert self.remind(2026, 11, 26, 12, 0) == 0

    def test_who_switched_it_off_or_is_gone_is_left_alone(self):
        for fields in ({}, {"is_active": False}):
            person = make_user(**fields)
            speak(person, date(2026, 11, 25))
            if not fields:
                NoticeSettings.objects.create(person=person, push_reminder=False)
        assert self.remind(2026, 11, 26, 12, 0) == 0

    def test_the_hour_is_ones_own_and_so_is_the_day(self):
        for zone, hour, moment in (
            ("America/New_York", 21, (2026, 11, 27, 2, 0)),  # still the 26th there
            ("Asia/Ho_Chi_Minh", 7, (2026, 11, 26, 0, 30)),
            ("Pacific/Kiritimati", 0, (2026, 11, 25, 10, 0)),  # the 26th began
            ("Asia/Kathmandu", 21, (2026, 11, 26, 15, 20)),
        ):
            with self.subTest(zone):
                Notice.objects.all().delete()
                person = make_user(time_zone=zone)
                NoticeSettings.objects.create(person=person, reminder_hour=hour)
                speak(person, date(2026, 11, 25))
                assert self.remind(*moment) == 1
                assert Notice.objects.get().key == "reminder:2026-11-26"

    def test_the_hour_that_comes_twice_reminds_once(self):
        self.person.time_zone = "Europe/Berlin"
        self.person.save()
        NoticeSettings.objects.create(person=self.person, reminder_hour=2)
        speak(self.person, date(2026, 10, 24))
        assert self.remind(2026, 10, 25, 0, 30) == 1
        assert self.remind(2026, 10, 25, 1, 30) == 1

    def test_the_hour_that_is_left_out_reminds_all_the_same(self):
        self.person.time_zone = "Europe/Berlin"
        self.person.save()
        NoticeSettings.objects.create(person=self.person, reminder_hour=2)
        speak(self.person, date(2026, 3, 28))
        assert self.remind(2026, 3, 29, 0, 50) == 0
        assert self.remind(2026, 3, 29, 1, 0) == 1

    def test_another_hour_or_zone_on_the_same_day_brings_no_second(self):
        speak(self.person, date(2026, 11, 25))
        self.remind(2026, 11, 26, 12, 0)
        NoticeSettings.objects.create(person=self.person, reminder_hour=22)
        assert self.remind(2026, 11, 26, 13, 0) == 1
        NoticeSettings.objects.update(reminder_hour=21)
        User.objects.filter(pk=self.person.pk).update(time_zone="America/New_York")
        assert self.remind(2026, 11, 27, 2, 0) == 1  # 21:00 of the same day there

    def test_quiet_hours_do_not_silence_the_hour_that_was_chosen(self):
        chosen = NoticeSettings.objects.create(person=self.person, reminder_hour=23)
        assert quiet_hours.is_quiet(
            utc(2026, 11, 26, 14), "Asia/Seoul", chosen.quiet_from, chosen.quiet_to
        )
        speak(self.person, date(2026, 11, 25))
        assert self.remind(2026, 11, 26, 14, 0) == 1

    def test_a_batch_costs_the_same_for_two_and_for_twelve(self):
        for total in (2, 12):
            while User.objects.count() < total:
                make_user()
            Streak.objects.all().delete()
            Activity.objects.all().delete()
            Notice.objects.all().delete()
            for person in User.objects.all():
                speak(person, date(2026, 11, 25))
            # the people; a savepoint's two, the notices, which are new, their dots; our own count
            with self.subTest(total), self.assertNumQueries(6 + 1):
                assert self.remind(2026, 11, 26, 12, 0) == total

    def test_more_people_than_a_batch(self):
        for _ in range(4):
            speak(make_user(), date(2026, 11, 25))
        with patch("accounts.reminders.BATCH", 2):
            assert self.remind(2026, 11, 26, 12, 0) == 4


class TwoWorkersTests(TransactionTestCase):
    def test_two_at_once_tell_once(self):
        for _ in range(5):
            speak(make_user(), date(2026, 11, 25))
        errors = []

        def work():
            try:
                send_reminders()
            except Exception as exc:  # noqa: BLE001 - shown by the test's own thread
                errors.append(repr(exc))
            finally:
                connection.close()

        with patch("django.utils.timezone.now", return_value=utc(2026, 11, 26, 12)):
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert errors == []
        assert Notice.objects.count() == 5
        assert User.objects.filter(has_unread=True).count() == 5
