"""Notices: told once, in the reader's words, at the right hour; the list, the dot, the reminder."""

import threading
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from django.db import IntegrityError, connection, transaction
from django.test import Client, SimpleTestCase, TestCase, TransactionTestCase
from django.utils import timezone, translation

from accounts import notices, quiet_hours, streaks
from accounts.models import Activity, Notice, NoticeSettings, Streak, User
from accounts.notice_texts import words_of
from accounts.tasks import send_reminders, sweep
from tests.factories import make_user

Kind = Notice.Kind
READ = "/accounts/notices/read/"


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def tell(person, key="a", kind=Kind.REPLY, params=None, url="/exams/"):
    return notices.notify(person, kind, key, params or {}, url)


# --- hours ---------------------------------------------------------------------------------------


class HourTests(SimpleTestCase):
    def test_quiet_hours(self):
        for hour, quiet_from, quiet_to, is_quiet in (
            (21, 22, 8, False),
            (22, 22, 8, True),
            (23, 22, 8, True),
            (0, 22, 8, True),
            (7, 22, 8, True),
            (8, 22, 8, False),
            (12, 12, 14, True),
            (14, 12, 14, False),
            (3, 12, 14, False),
            (23, 23, 0, True),
            (0, 23, 0, False),
            (5, 5, 5, False),  # the same hour twice: never
        ):
            with self.subTest((hour, quiet_from, quiet_to)):
                moment = utc(2026, 11, 26, hour, 30)
                assert quiet_hours.is_quiet(moment, "UTC", quiet_from, quiet_to) == is_quiet

    def test_it_is_quiet_where_the_person_is(self):
        moment = utc(2026, 11, 26, 14)  # 23:00 in Seoul, 9:00 in New York
        assert quiet_hours.is_quiet(moment, "Asia/Seoul", 22, 8)
        assert not quiet_hours.is_quiet(moment, "America/New_York", 22, 8)

    def test_the_hours_of_days_with_23_and_25(self):
        for zone, moment, shown in (
            ("Asia/Seoul", utc(2026, 11, 26, 12, 5), {21}),
            ("Asia/Kathmandu", utc(2026, 11, 26, 15, 20), {21}),  # 21:05
            ("Europe/Berlin", utc(2026, 3, 29, 0, 59), {1}),
            ("Europe/Berlin", utc(2026, 3, 29, 1, 10), {3, 2}),  # 3:10, and there was no 2:10
            ("Europe/Berlin", utc(2026, 3, 29, 2, 10), {4}),
            ("Europe/Berlin", utc(2026, 10, 25, 0, 30), {2}),
            ("Europe/Berlin", utc(2026, 10, 25, 1, 30), {2}),  # once more
            ("America/Havana", utc(2026, 3, 8, 5, 10), {1, 0}),  # midnight itself was left out
            ("Mars/Olympus", utc(2026, 11, 26, 12, 5), {21}),  # unknown: the default zone
        ):
            with self.subTest((zone, str(moment))):
                assert quiet_hours.hours_at(moment, zone) == shown

    def test_how_long_until_an_hour(self):
        for zone, moment, hour, length in (
            ("Asia/Seoul", utc(2026, 11, 26, 12, 30), 0, timedelta(hours=2, minutes=30)),
            ("Asia/Seoul", utc(2026, 11, 26, 12, 30), 21, timedelta(hours=23, minutes=30)),
            ("Europe/Berlin", utc(2026, 3, 28, 23, 0), 12, timedelta(hours=11)),  # one is missing
            ("Europe/Berlin", utc(2026, 10, 24, 22, 0), 12, timedelta(hours=13)),
        ):
            with self.subTest((zone, str(moment))):
                assert quiet_hours.until(moment, zone, hour) == length


# --- telling -------------------------------------------------------------------------------------


class TellingTests(TestCase):
    def setUp(self):
        self.person = make_user()

    def test_the_same_key_is_told_once_a_person(self):
        assert tell(self.person)
        assert not tell(self.person)
        assert tell(make_user())
        assert Notice.objects.told_to(self.person).count() == 1

    def test_read_news_does_not_come_back(self):
        tell(self.person)
        notices.mark_read(self.person, timezone.now())
        tell(self.person)
        self.person.refresh_from_db()
        assert not self.person.has_unread

    def test_a_notice_leads_to_a_page_of_ours(self):
        for url in ("https://evil.example/", "//evil.example/", "javascript:x", ""):
            with self.assertRaises(ValueError):
                tell(self.person, url=url)
            with self.assertRaises(IntegrityError), transaction.atomic():
                Notice.objects.create(person=self.person, kind=Kind.REPLY, key=url, url=url)
        assert not Notice.objects.exists()

    def test_what_is_rolled_back_was_not_told(self):
        with self.assertRaises(RuntimeError), transaction.atomic():
            tell(self.person)
            raise RuntimeError
        self.person.refresh_from_db()
        assert not self.person.has_unread
        assert not Notice.objects.exists()

    def test_hours_are_hours_of_a_day(self):
        for name in ("reminder_hour", "quiet_from", "quiet_to"):
            with self.assertRaises(IntegrityError), transaction.atomic():
                NoticeSettings.objects.create(person=self.person, **{name: 24})

    def test_old_ones_go(self):
        tell(self.person, "old")
        tell(self.person, "new")
        Notice.objects.filter(key="old").update(made_at=timezone.now() - timedelta(days=91))
        sweep()
        assert Notice.objects.get().key == "new"


class WordsTests(SimpleTestCase):
    def words(self, kind, **params):
        return words_of(Notice(kind=kind, params=params))

    def test_every_kind_has_words(self):
        for kind in Kind:
            words = self.words(kind)
            assert words.title
            assert words.body
            assert "%" not in words.title + words.body

    def test_a_reminder_says_what_is_at_stake(self):
        ends = self.words(Kind.REMINDER, days=1, is_free=False)
        assert (ends.title, "ends tonight" in ends.body) == ("1 day in a row", True)
        free = self.words(Kind.REMINDER, days=5, is_free=True)
        assert (free.title, "free day" in free.body) == ("5 days in a row", True)

    def test_a_result_names_its_day_in_the_readers_way(self):
        assert "11/25/2026" in self.words(Kind.RESULT, sat_on="2026-11-25").body
        with translation.override("vi"):
            assert "11/25/2026" not in self.words(Kind.RESULT, sat_on="2026-11-25").body
        assert self.words(Kind.RESULT).title != self.words(Kind.RESULT, sat_on="2026-11-25").title


# --- the list and the dot ------------------------------------------------------------------------


class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person, cls.stranger = make_user(), make_user()

    def setUp(self):
        self.client.force_login(self.person)

    def page(self, path="/accounts/notices/", client=None):
        return (client or self.client).get(path).content.decode()

    def has_dot(self):
        page = self.page("/accounts/settings/")
        dot = page[page.index('id="notice-dot"') :].partition(">")[0]
        return "hidden" not in dot

    def test_mine_newest_first_and_nobody_elses(self):
        for number, key in enumerate(("first", "second")):
            tell(self.person, key, url=f"/exams/#{key}")
            made = timezone.now() - timedelta(hours=2 - number)
            Notice.objects.filter(key=key).update(made_at=made)
        tell(self.stranger, "theirs", url="/exams/#theirs")
        page = self.page()
        assert page.index("#second") < page.index("#first")
        assert "#theirs" not in page

    def test_a_page_has_fifty_and_costs_the_same_for_two_and_for_twelve(self):
        counts = []
        for total in (2, 12, 60):
            for number in range(Notice.objects.count(), total):
                tell(self.person, str(number))
            with self.subTest(total), self.assertNumQueries(3):  # session, person, notices
                counts.append(self.page().count("row-title"))
        assert counts == [2, 12, 50]

    def test_looking_changes_nothing_and_the_dot_stays(self):
        assert not self.has_dot()
        tell(self.person)
        assert self.has_dot()
        self.page()
        assert self.has_dot()
        assert Notice.objects.get().read_at is None

    def test_the_page_says_by_itself_what_was_seen(self):
        tell(self.person)
        until = self.client.get("/accounts/notices/").context["newest"]
        tell(self.person, "meanwhile")
        answer = self.client.post(READ, {"until": until}, headers={"HX-Request": "true"})
        assert 'id="notice-dot"' in answer.content.decode()
        assert Notice.objects.get(key="a").read_at
        assert not Notice.objects.get(key="meanwhile").read_at
        assert self.has_dot()
        until = self.client.get("/accounts/notices/").context["newest"]
        answer = self.client.post(READ, {"until": until}, headers={"HX-Request": "true"})
        dot = answer.content.decode().partition('id="notice-dot"')[2]
        assert "hidden" in dot.partition(">")[0]
        assert not self.has_dot()

    def test_a_moment_at_the_ends_of_the_calendar_is_one_like_any_other(self):
        ends = ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00")
        for until in ends:
            with self.subTest(until):
                tell(self.person, until)
                assert self.client.post(READ, {"until": until}).status_code in (302, 422)

    def test_without_script_there_is_a_button(self):
        tell(self.person)
        page = self.page()
        assert f'action="{READ}"' in page
        until = timezone.now().isoformat()
        assert self.client.post(READ, {"until": until}).url == "/accounts/notices/"
        assert f'action="{READ}"' not in self.page()

    def test_reading_twice_keeps_the_first_time(self):
        tell(self.person)
        first = timezone.now()
        notices.mark_read(self.person, first)
        read_at = Notice.objects.get().read_at
        notices.mark_read(self.person, timezone.now())
        assert Notice.objects.get().read_at == read_at

    def test_nobody_reads_mine(self):
        tell(self.person)
        client = Client()
        client.force_login(self.stranger)
        assert "/exams/" not in self.page(client=client).partition("<main")[2]
        client.post(READ, {"until": timezone.now().isoformat()})
        assert Notice.objects.get().read_at is None

    def test_who_may_ask_and_how(self):
        assert Client().get("/accounts/notices/").status_code == 302
        assert Client().post(READ).status_code == 302
        assert self.client.post("/accounts/notices/").status_code == 405
        assert self.client.get(READ).status_code == 405
        for until in ("", "yesterday", "2026-13-01"):
            assert self.client.post(READ, {"until": until}).status_code == 422

    def test_no_page_costs_a_query_for_the_dot(self):
        with self.assertNumQueries(5):  # session, person, goal, notice settings, consents
            self.page("/accounts/settings/")

    def test_settings_without_devices_are_the_reminder_alone(self):
        NoticeSettings.objects.create(person=self.person, push_reply=False, quiet_from=1)
        sent = {"part": "notices", "reminder_hour": "7", "quiet_from": "5"}
        assert self.client.post("/accounts/settings/", sent).status_code == 302
        chosen = NoticeSettings.objects.get()
        assert (chosen.push_reminder, chosen.reminder_hour) == (False, 7)
        assert (chosen.push_reply, chosen.push_result, chosen.quiet_from) == (False, True, 1)

    def test_hours_that_are_none_are_said(self):
        sent = {"part": "notices", "reminder_hour": "25"}
        assert self.client.post("/accounts/settings/", sent).status_code == 422
        assert not NoticeSettings.objects.exists()


# --- the reminder --------------------------------------------------------------------------------


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

    def told(self):
        return Notice.objects.get(kind=Kind.REMINDER).params

    def test_once_at_the_chosen_hour_of_a_day_without_a_word(self):
        speak(self.person, date(2026, 11, 24), date(2026, 11, 25))
        assert self.remind(2026, 11, 26, 11, 50) == 0  # 20:50
        assert self.remind(2026, 11, 26, 12, 0) == 1
        for minute in (0, 10, 50):
            assert self.remind(2026, 11, 26, 12, minute) == 1
        assert self.remind(2026, 11, 26, 13, 0) == 1
        assert self.told() == {"days": 2, "is_free": True}
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
        faults = []

        def work():
            try:
                send_reminders()
            except Exception as fault:  # noqa: BLE001 - told by the test's own thread
                faults.append(repr(fault))
            finally:
                connection.close()

        with patch("django.utils.timezone.now", return_value=utc(2026, 11, 26, 12)):
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert faults == []
        assert Notice.objects.count() == 5
        assert User.objects.filter(has_unread=True).count() == 5
