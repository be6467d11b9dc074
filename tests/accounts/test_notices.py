"""Notices: made once, in three languages, read on a page."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.test import Client, SimpleTestCase, TestCase
from django.utils import timezone, translation

from accounts import notices
from accounts.models import Notice, NoticeSettings
from accounts.tasks import sweep
from accounts.texts.notices import words_of
from tests.factories import make_user

Kind = Notice.Kind


READ = "/accounts/notices/read/"


def make_notice(person, key="a", kind=Kind.REPLY, params=None, url="/exams/"):
    return notices.notify(person, kind, key, params or {}, url)


class TellingTests(TestCase):
    def setUp(self):
        self.person = make_user()

    def test_the_same_key_is_told_once_a_person(self):
        assert make_notice(self.person)
        assert not make_notice(self.person)
        assert make_notice(make_user())
        assert Notice.objects.sent_to(self.person).count() == 1

    def test_read_news_does_not_come_back(self):
        make_notice(self.person)
        notices.mark_read(self.person, timezone.now())
        make_notice(self.person)
        self.person.refresh_from_db()
        assert not self.person.has_unread

    def test_a_notice_leads_to_a_page_of_ours(self):
        for url in ("https://evil.example/", "//evil.example/", "javascript:x", ""):
            with self.assertRaises(ValueError):
                make_notice(self.person, url=url)
            with self.assertRaises(IntegrityError), transaction.atomic():
                Notice.objects.create(person=self.person, kind=Kind.REPLY, key=url, url=url)
        assert not Notice.objects.exists()

    def test_what_is_rolled_back_was_not_told(self):
        with self.assertRaises(RuntimeError), transaction.atomic():
            make_notice(self.person)
            raise RuntimeError
        self.person.refresh_from_db()
        assert not self.person.has_unread
        assert not Notice.objects.exists()

    def test_hours_are_hours_of_a_day(self):
        for name in ("reminder_hour", "quiet_from", "quiet_to"):
            with self.assertRaises(IntegrityError), transaction.atomic():
                NoticeSettings.objects.create(person=self.person, **{name: 24})

    def test_old_ones_go(self):
        make_notice(self.person, "old")
        make_notice(self.person, "new")
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
            make_notice(self.person, key, url=f"/exams/#{key}")
            made = timezone.now() - timedelta(hours=2 - number)
            Notice.objects.filter(key=key).update(made_at=made)
        make_notice(self.stranger, "theirs", url="/exams/#theirs")
        page = self.page()
        assert page.index("#second") < page.index("#first")
        assert "#theirs" not in page

    def test_a_page_has_fifty_and_costs_the_same_for_two_and_for_twelve(self):
        counts = []
        for total in (2, 12, 60):
            for number in range(Notice.objects.count(), total):
                make_notice(self.person, str(number))
            with self.subTest(total), self.assertNumQueries(3):  # session, person, notices
                counts.append(self.page().count("row-title"))
        assert counts == [2, 12, 50]

    def test_looking_changes_nothing_and_the_dot_stays(self):
        assert not self.has_dot()
        make_notice(self.person)
        assert self.has_dot()
        self.page()
        assert self.has_dot()
        assert Notice.objects.get().read_at is None

    def test_the_page_says_by_itself_what_was_seen(self):
        make_notice(self.person)
        until = self.client.get("/accounts/notices/").context["newest"]
        make_notice(self.person, "meanwhile")
        reply = self.client.post(READ, {"until": until}, headers={"HX-Request": "true"})
        assert 'id="notice-dot"' in reply.content.decode()
        assert Notice.objects.get(key="a").read_at
        assert not Notice.objects.get(key="meanwhile").read_at
        assert self.has_dot()
        until = self.client.get("/accounts/notices/").context["newest"]
        reply = self.client.post(READ, {"until": until}, headers={"HX-Request": "true"})
        dot = reply.content.decode().partition('id="notice-dot"')[2]
        assert "hidden" in dot.partition(">")[0]
        assert not self.has_dot()

    def test_a_moment_at_the_ends_of_the_calendar_is_one_like_any_other(self):
        ends = ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00")
        for until in ends:
            with self.subTest(until):
                make_notice(self.person, until)
                assert self.client.post(READ, {"until": until}).status_code in (302, 422)

    def test_without_script_there_is_a_button(self):
        make_notice(self.person)
        page = self.page()
        assert f'action="{READ}"' in page
        until = timezone.now().isoformat()
        assert self.client.post(READ, {"until": until}).url == "/accounts/notices/"
        assert f'action="{READ}"' not in self.page()

    def test_reading_twice_keeps_the_first_time(self):
        make_notice(self.person)
        first = timezone.now()
        notices.mark_read(self.person, first)
        read_at = Notice.objects.get().read_at
        notices.mark_read(self.person, timezone.now())
        assert Notice.objects.get().read_at == read_at

    def test_nobody_reads_mine(self):
        make_notice(self.person)
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
