"""From a notice to the devices of its person."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.test import TestCase, override_settings
from webpush.models import SubscriptionInfo

from accounts import notices, reminders, streaks
from accounts.models import Activity, Notice, NoticeSettings, User
from accounts.push import delivery, subscriptions
from accounts.tasks import sweep
from tests.accounts.push.cases import CHOSEN, EVENING, NOON, PUSHING
from tests.accounts.push_service import PRIVATE, PushService
from tests.factories import make_user


@override_settings(**PUSHING)
class PushTests(TestCase):
    def setUp(self):
        self.service = PushService()
        self.service.__enter__()
        self.addCleanup(self.service.__exit__)
        self.person = make_user(time_zone="Asia/Seoul", language="ko")
        self.at(NOON)

    def at(self, moment):
        clock = patch("django.utils.timezone.now", return_value=moment)
        clock.start()
        self.addCleanup(clock.stop)

    def subscribe(self, name, status=201, person=None, **reply):
        browser = self.service.browser(name, status, **reply)
        person = person or self.person
        subscriptions.save_subscription(person, endpoint=browser.endpoint, **browser.keys)
        return browser

    def notify(self, key="a", kind=Notice.Kind.REPLY, params=None):
        with self.captureOnCommitCallbacks(execute=True):
            return notices.notify(self.person, kind, key, params or {}, "/exams/")

    def endpoints(self):
        rows = SubscriptionInfo.objects.filter(webpush_info__user=self.person)
        return sorted(row.endpoint.rsplit("/", 1)[1] for row in rows)

    def test_a_notice_reaches_every_device_once_in_the_persons_language(self):
        phone, laptop = self.subscribe("phone"), self.subscribe("laptop")
        assert self.notify()
        assert not self.notify()
        assert sorted(self.service.paths()) == ["laptop", "phone"]
        opened = [
            {"phone": phone, "laptop": laptop}[post.path[1:]].opened(post.body)
            for post in self.service.posts
        ]
        assert opened[0] == opened[1]
        assert opened[0]["url"] == "/exams/"
        assert opened[0]["tag"] == "a"
        assert Notice.objects.get().push_due_at is None

    def test_one_batch_of_good_gone_and_busy_devices(self):
        self.subscribe("gone", 410)
        self.subscribe("busy", 500)
        self.subscribe("unknown", 404)
        self.subscribe("limited", 429, Retry_After="1800")
        self.subscribe("good")
        with self.assertLogs("accounts.push.delivery", "WARNING") as logged:
            self.notify()
        assert sorted(self.service.paths()) == ["busy", "gone", "good", "limited", "unknown"]
        assert self.endpoints() == ["busy", "good", "limited"]
        notice = Notice.objects.get()
        assert len(notice.push_left) == 2
        assert notice.push_due_at == NOON + timedelta(minutes=30)
        assert not any(name in str(logged.output) for name in ("/busy", "Ein", PRIVATE))
        self.service.posts.clear()
        self.service.replies.clear()  # everybody is well again
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.posts == []  # not yet
        self.at(NOON + timedelta(minutes=31))
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert sorted(self.service.paths()) == ["busy", "limited"]  # nobody twice
        assert Notice.objects.get().push_due_at is None

    def test_tries_come_to_an_end(self):
        self.subscribe("busy", 503)
        with self.assertLogs("accounts.push.delivery", "WARNING"):
            self.notify()
            for minutes in (20, 40, 60, 80):
                self.at(NOON + timedelta(minutes=minutes))
                with self.captureOnCommitCallbacks(execute=True):
                    sweep()
        assert self.service.paths() == ["busy"] * 3
        assert Notice.objects.get().push_due_at is None
        assert self.endpoints() == ["busy"]

    def test_a_lost_queue_entry_is_found(self):
        self.subscribe("phone")
        notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")  # never committed
        assert self.service.posts == []
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.paths() == ["phone"]

    def test_two_workers_push_once(self):
        self.subscribe("phone")
        notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")
        notice = Notice.objects.get()
        for _ in range(2):
            delivery.push_notices(str(notice.pk))
        assert self.service.paths() == ["phone"]

    def test_a_switched_off_kind_stays_in_the_app(self):
        self.subscribe("phone")
        NoticeSettings.objects.create(person=self.person, push_reply=False)
        self.notify("a")
        self.notify("b", Notice.Kind.RESULT)
        assert self.service.paths() == ["phone"]
        assert Notice.objects.count() == 2

    def test_what_comes_in_quiet_hours_is_not_pushed_later(self):
        self.subscribe("phone")
        self.at(datetime(2026, 11, 26, 14, 0, tzinfo=UTC))  # 23:00
        self.notify()
        self.at(datetime(2026, 11, 26, 23, 30, tzinfo=UTC))  # 8:30
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.posts == []
        assert Notice.objects.count() == 1
        assert User.objects.get().has_unread

    def test_what_waited_into_the_quiet_hours_is_dropped(self):
        self.subscribe("phone")
        self.at(datetime(2026, 11, 26, 12, 59, tzinfo=UTC))  # 21:59
        notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")
        self.at(datetime(2026, 11, 26, 13, 1, tzinfo=UTC))
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.posts == []

    def test_read_or_old_news_is_not_pushed(self):
        self.subscribe("phone")
        for key in ("read", "old"):
            notices.notify(self.person, Notice.Kind.REPLY, key, {}, "/exams/")
        Notice.objects.filter(key="read").update(read_at=NOON)
        Notice.objects.filter(key="old").update(made_at=NOON - timedelta(hours=4))
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.posts == []

    def test_a_service_keeps_it_no_longer_than_it_may_be_shown(self):
        self.subscribe("phone")
        self.notify()
        assert self.service.posts[0].headers["TTL"] == str(10 * 3600)  # quiet from 22 on

    def test_without_quiet_hours_a_service_keeps_it_for_a_day(self):
        self.subscribe("phone")
        NoticeSettings.objects.create(person=self.person, quiet_from=5, quiet_to=5)
        self.notify()
        assert self.service.posts[0].headers["TTL"] == str(24 * 3600)

    def remind(self, moment):
        """What the evening's task leaves for the workers, before any of them looked."""
        self.at(moment)
        Activity.objects.create(person=self.person, day="2026-11-25")
        streaks.recount(self.person)
        reminders.send()
        return str(Notice.objects.get().pk)

    def test_a_reminder_comes_though_it_is_quiet_and_lasts_until_midnight(self):
        phone = self.subscribe("phone")
        NoticeSettings.objects.create(person=self.person, reminder_hour=22)
        delivery.push_notices(self.remind(EVENING + timedelta(minutes=75)))  # 22:15
        assert self.service.posts[0].headers["TTL"] == str(105 * 60)
        assert phone.opened(self.service.posts[0].body)["tag"] == "reminder"

    def test_a_reminder_is_not_pushed_to_who_spoke_meanwhile(self):
        self.subscribe("phone")
        notice_id = self.remind(EVENING)
        Activity.objects.create(person=self.person, day="2026-11-26")
        streaks.recount(self.person)
        delivery.push_notices(notice_id)
        assert self.service.posts == []

    def test_a_reminder_is_not_pushed_on_the_day_after(self):
        self.subscribe("phone")
        NoticeSettings.objects.create(person=self.person, reminder_hour=23)
        notice_id = self.remind(EVENING + timedelta(hours=2, minutes=50))  # 23:50
        self.at(EVENING + timedelta(hours=3, minutes=10))
        delivery.push_notices(notice_id)
        assert self.service.posts == []

    def test_a_worker_stops_in_time_and_what_is_left_is_still_due(self):
        self.subscribe("phone", seconds=0.5)
        for key in ("a", "b"):
            notices.notify(self.person, Notice.Kind.REPLY, key, {}, "/exams/")
        ids = [str(pk) for pk in Notice.objects.values_list("pk", flat=True)]
        with override_settings(OPIC_TASK_SECONDS=0.6):
            delivery.push_notices(*ids)
        assert self.service.paths() == ["phone"]
        assert Notice.objects.due().count() == 1

    def test_devices_a_worker_had_no_time_for_are_left_for_later(self):
        for name in ("laptop", "phone"):
            self.subscribe(name, seconds=0.5)
        notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")
        notice = Notice.objects.get()
        with override_settings(OPIC_TASK_SECONDS=0.6):
            delivery.push_notices(str(notice.pk))
        assert self.service.paths() == ["laptop"]
        self.at(NOON + timedelta(minutes=10))
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.paths() == ["laptop", "phone"]

    def test_nothing_of_speech_or_level_is_in_a_push(self):
        phone = self.subscribe("phone")
        params = {"sat_on": "2026-11-25", "level": "IM2", "transcript": "I like parks"}
        self.notify("a", Notice.Kind.RESULT, params)
        text = str(phone.opened(self.service.posts[0].body))
        assert "IM2" not in text
        assert "parks" not in text

    def test_without_a_device_nothing_is_queued(self):
        with self.captureOnCommitCallbacks() as callbacks:
            notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")
        assert callbacks == []

    @override_settings(OPIC_CHOSEN={**CHOSEN, "pusher": "notice"})
    def test_the_embedded_pusher_tells_inside_the_app_only(self):
        self.subscribe("phone")
        self.notify()
        assert self.service.posts == []
        assert Notice.objects.get().push_due_at is None
