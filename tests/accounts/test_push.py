"""Pushes: what a service gets, what its answers do to our rows, whom we post to at all."""

import json
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client, SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone
from webpush.models import PushInformation, SubscriptionInfo

from accounts import notices, reminders, streaks
from accounts.models import Activity, Notice, NoticeSettings, User
from accounts.push import delivery, subscriptions
from accounts.push.adapters import Message, NoticePusher, PushError, WebPusher
from accounts.push.subscriptions import Device
from accounts.push.vapid import belong_together
from accounts.tasks import sweep
from opic.lib.adapters import load_adapter
from tests.accounts.push_service import PRIVATE, PUBLIC, SUBJECT, PushService, claims_of
from tests.factories import make_user, prove

NOON = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)  # in Seoul
EVENING = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # 21:00 there
CHOSEN = {"rater": "fluency", "voice": "espeak", "pusher": "webpush"}
PUSHING = {
    "OPIC_CHOSEN": CHOSEN,
    "OPIC_PUSHER": "webpush",
    "OPIC_VAPID_PRIVATE_KEY": PRIVATE,
    "OPIC_VAPID_PUBLIC_KEY": PUBLIC,
    "OPIC_VAPID_SUBJECT": SUBJECT,
    "OPIC_PUSH_HOSTS": ["127.0.0.1", "fcm.googleapis.com", "*.push.apple.com"],
    "OPIC_PUSH_SECONDS": 1,
}
MESSAGE = Message("A title", "Ein Satz über 한국어", "/exams/", "a-tag", timedelta(hours=2))


def device_of(browser, pk=1):
    return Device(pk, browser.endpoint, **browser.keys)


@pytest.fixture
def service():
    with PushService() as running:
        yield running


# --- the adapter ---------------------------------------------------------------------------------


@override_settings(**PUSHING)
def test_what_the_device_opens_is_what_was_sent(service):
    browser = service.browser("phone")
    for _ in range(2):  # the claims are filled in by the library: fresh ones each time
        WebPusher().push(device_of(browser), MESSAGE)
    for post in service.posts:
        assert browser.opened(post.body) == {
            "title": "A title",
            "body": "Ein Satz über 한국어",
            "url": "/exams/",
            "tag": "a-tag",
        }
        assert post.headers["Content-Encoding"] == "aes128gcm"
        assert post.headers["TTL"] == "7200"
        claims = claims_of(post)
        assert claims["aud"] == service.url
        assert claims["sub"] == SUBJECT
        assert timezone.now().timestamp() < claims["exp"] <= timezone.now().timestamp() + 86400
    assert len(service.posts) == 2


@pytest.mark.parametrize(
    ("status", "retry", "is_gone"),
    [
        (400, False, False),
        (403, False, False),
        (404, False, True),
        (410, False, True),
        (413, False, False),
        (429, True, False),
        (500, True, False),
        (503, True, False),
    ],
)
@override_settings(**PUSHING)
def test_what_an_answer_means(service, status, retry, is_gone):
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(service.browser("phone", status)), MESSAGE)
    assert (fault.value.retry, fault.value.is_gone) == (retry, is_gone)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("999999999", 3600),
        ("-5", 0),
        ("soon", 0),
        ("1e400", 0),
        ("nan", 0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 3600),
    ],
)
@override_settings(**PUSHING)
def test_how_long_a_service_may_make_us_wait(service, said, seconds):
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(service.browser("phone", 429, Retry_After=said)), MESSAGE)
    assert fault.value.after == timedelta(seconds=seconds)


@override_settings(**PUSHING)
def test_a_service_that_says_nothing_is_left_in_time(service):
    slow = service.browser("phone", seconds=3)
    before = timezone.now()
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(slow), MESSAGE)
    assert fault.value.retry
    assert timezone.now() - before < timedelta(seconds=2.5)


@override_settings(**PUSHING)
def test_a_service_that_is_not_there_may_be_tried_again():
    with PushService() as closed:
        browser = closed.browser("phone")
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(browser), MESSAGE)
    assert fault.value.retry


@override_settings(**PUSHING)
def test_nobody_sends_us_elsewhere(service):
    moved = service.browser("moved", 307, Location=f"{service.url}/inside")
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(moved), MESSAGE)
    assert not fault.value.retry
    assert service.paths() == ["moved"]


@override_settings(**PUSHING)
def test_keys_nobody_can_encrypt_for_are_gone(service):
    browser = service.browser("phone")
    no_point = subscriptions.Device(1, browser.endpoint, "BAAA" + "A" * 83, browser.keys["auth"])
    with pytest.raises(PushError) as fault:
        WebPusher().push(no_point, MESSAGE)
    assert fault.value.is_gone
    assert service.posts == []


@pytest.mark.parametrize(
    "ours", [{"OPIC_VAPID_PRIVATE_KEY": "A" * 43}, {"OPIC_VAPID_SUBJECT": "mailto:nobody"}]
)
def test_a_fault_of_our_own_keys_costs_nobody_a_device(service, ours):
    with override_settings(**{**PUSHING, **ours}), pytest.raises(PushError) as fault:
        WebPusher().push(device_of(service.browser("phone")), MESSAGE)
    assert (fault.value.retry, fault.value.is_gone) == (False, False)
    assert service.posts == []


@override_settings(**{**PUSHING, "OPIC_PUSH_HOSTS": ["fcm.googleapis.com"]})
def test_an_address_that_is_no_longer_allowed_gets_nothing(service):
    with pytest.raises(PushError) as fault:
        WebPusher().push(device_of(service.browser("phone")), MESSAGE)
    assert not fault.value.retry
    assert service.posts == []


@pytest.mark.parametrize("pusher", [NoticePusher(), WebPusher()])
@override_settings(**PUSHING)
def test_every_pusher_takes_the_same_and_says_nothing_when_it_went_well(pusher, service):
    assert pusher.push(device_of(service.browser("phone")), MESSAGE) is None
    assert pusher.name in {"notice", "webpush"}
    assert pusher.public_key in {"", PUBLIC}


class HostTests(SimpleTestCase):
    @override_settings(**PUSHING)
    def test_the_table_of_addresses(self):
        for endpoint, is_known in (
            ("https://fcm.googleapis.com/fcm/send/abc", True),
            ("https://fcm.googleapis.com:443/x", True),
            ("https://web.push.apple.com/x", True),
            ("http://127.0.0.1:9/x", True),  # named in the setting, for tests
            ("http://fcm.googleapis.com/x", False),
            ("https://fcm.googleapis.com:8443/x", False),
            ("https://fcm.googleapis.com.evil.example/x", False),
            ("https://push.apple.com.evil.example/x", False),
            ("https://evilpush.apple.com/x", False),
            ("https://user@fcm.googleapis.com/x", False),
            ("https://fcm.googleapis.com@evil.example/x", False),
            ("https://169.254.169.254/latest", False),
            ("https://localhost/x", False),
            ("file:///etc/passwd", False),
            ("https://[::1/x", False),
            ("https://fcm.googleapis.com:port/x", False),
            ("", False),
        ):
            with self.subTest(endpoint):
                assert (subscriptions.parse_endpoint(endpoint) == endpoint) is is_known

    def test_loopback_is_no_push_service_unless_it_is_named(self):
        assert subscriptions.parse_endpoint("http://127.0.0.1:9/x") is None


# --- from a notice to the devices ----------------------------------------------------------------


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

    def subscribe(self, name, status=201, person=None, **answer):
        browser = self.service.browser(name, status, **answer)
        person = person or self.person
        subscriptions.keep(person, endpoint=browser.endpoint, **browser.keys)
        return browser

    def notify(self, key="a", kind=Notice.Kind.REPLY, params=None):
        with self.captureOnCommitCallbacks(execute=True):
            return notices.notify(self.person, kind, key, params or {}, "/exams/")

    def endpoints(self):
        rows = SubscriptionInfo.objects.filter(webpush_info__user=self.person)
        return sorted(row.endpoint.rsplit("/", 1)[1] for row in rows)

    def test_a_notice_reaches_every_device_once_in_the_persons_language(self):
        phone, desk = self.subscribe("phone"), self.subscribe("desk")
        assert self.notify()
        assert not self.notify()
        assert sorted(self.service.paths()) == ["desk", "phone"]
        opened = [
            {"phone": phone, "desk": desk}[post.path[1:]].opened(post.body)
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
        self.service.answers.clear()  # everybody is well again
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
        for name in ("desk", "phone"):
            self.subscribe(name, seconds=0.5)
        notices.notify(self.person, Notice.Kind.REPLY, "a", {}, "/exams/")
        notice = Notice.objects.get()
        with override_settings(OPIC_TASK_SECONDS=0.6):
            delivery.push_notices(str(notice.pk))
        assert self.service.paths() == ["desk"]
        self.at(NOON + timedelta(minutes=10))
        with self.captureOnCommitCallbacks(execute=True):
            sweep()
        assert self.service.paths() == ["desk", "phone"]

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


# --- subscribing ---------------------------------------------------------------------------------


@override_settings(**PUSHING)
class SubscribeTests(TestCase):
    ON, OFF = "/accounts/push/subscribe/", "/accounts/push/unsubscribe/"

    def setUp(self):
        self.person = make_user()
        self.client.force_login(self.person)
        with PushService() as service:
            self.browser = service.browser("phone")
        self.told = {"endpoint": self.browser.endpoint, "keys": self.browser.keys}

    def post(self, url, told, client=None):
        body = told if isinstance(told, str | bytes) else json.dumps(told)
        return (client or self.client).post(
            url, body, content_type="application/json", headers={"User-Agent": "A browser"}
        )

    def owners(self):
        return list(PushInformation.objects.values_list("user", flat=True))

    def test_told_twice_it_is_one(self):
        for _ in range(2):
            assert self.post(self.ON, {**self.told, "expirationTime": None}).status_code == 204
        device = subscriptions.devices_of(self.person)[0]
        assert (device.endpoint, device.auth) == (self.told["endpoint"], self.told["keys"]["auth"])
        assert SubscriptionInfo.objects.get().user_agent == "A browser"

    def test_somebody_else_on_the_same_browser_takes_it_over(self):
        self.post(self.ON, self.told)
        other = make_user()
        client = Client()
        client.force_login(other)
        self.post(self.ON, self.told, client)
        assert self.owners() == [other.pk]
        assert SubscriptionInfo.objects.count() == 1

    def test_switching_off_ends_ones_own_only(self):
        self.post(self.ON, self.told)
        stranger = Client()
        stranger.force_login(make_user())
        assert self.post(self.OFF, self.told, stranger).status_code == 204
        assert self.owners() == [self.person.pk]
        assert self.post(self.OFF, {"endpoint": self.told["endpoint"]}).status_code == 204
        assert SubscriptionInfo.objects.count() == 0
        assert self.post(self.OFF, self.told).status_code == 204

    def test_nonsense_is_refused(self):
        keys = self.told["keys"]
        for told in (
            "null",
            "",
            "[]",
            "1",
            "{",
            b"\xff\xfe",
            "[" * 4000,
            {},
            {"endpoint": self.told["endpoint"]},
            {"endpoint": self.told["endpoint"], "keys": [1]},
            {"endpoint": self.told["endpoint"], "keys": {"p256dh": 1, "auth": None}},
            {"endpoint": "https://evil.example/x", "keys": keys},
            {"endpoint": ["https://fcm.googleapis.com/x"], "keys": keys},
            {"endpoint": "https://fcm.googleapis.com/" + "x" * 500, "keys": keys},
            {**self.told, "keys": {**keys, "p256dh": keys["p256dh"][:-4]}},
            {**self.told, "keys": {**keys, "p256dh": "C" + keys["p256dh"][1:]}},
            {**self.told, "keys": {**keys, "p256dh": "BAAA" + "A" * 83}},
            {**self.told, "keys": {**keys, "auth": "short"}},
            {**self.told, "keys": {**keys, "auth": "not base64!!"}},
            {**self.told, "more": "x" * 5000},
        ):
            with self.subTest(str(told)[:80]):
                assert self.post(self.ON, told).status_code == 422
        assert SubscriptionInfo.objects.count() == 0

    def test_only_signed_in_with_a_token_and_by_post(self):
        for url in (self.ON, self.OFF):
            assert self.client.get(url).status_code == 405
            assert self.post(url, self.told, Client()).status_code == 302
            strict = Client(enforce_csrf_checks=True)
            strict.force_login(self.person)
            assert self.post(url, self.told, strict).status_code == 403
        assert SubscriptionInfo.objects.count() == 0

    @override_settings(OPIC_CHOSEN={**CHOSEN, "pusher": "notice"})
    def test_where_no_device_is_reached_there_is_nothing_to_subscribe_to(self):
        assert self.post(self.ON, self.told).status_code == 404
        assert b"opic-push" not in self.client.get("/accounts/settings/").content

    def test_a_person_has_so_many_devices_and_the_oldest_gives_way(self):
        for number in range(13):
            self.post(self.ON, {**self.told, "endpoint": f"{self.told['endpoint']}{number}"})
        kept = [device.endpoint for device in subscriptions.devices_of(self.person)]
        assert kept == [f"{self.told['endpoint']}{number}" for number in range(3, 13)]

    def test_signing_out_ends_this_device_and_no_other(self):
        self.post(self.ON, self.told)
        other = Client()
        other.force_login(self.person)
        self.post(self.ON, {**self.told, "endpoint": f"{self.told['endpoint']}2"}, other)
        self.client.post("/accounts/logout/")
        left = subscriptions.devices_of(self.person)
        assert [device.endpoint for device in left] == [f"{self.told['endpoint']}2"]

    def test_a_sign_in_ended_from_the_list_ends_its_device(self):
        self.person.emailaddress_set.create(email=self.person.email, verified=True, primary=True)
        there = Client()
        there.post("/accounts/login/", {"login": self.person.email, "password": "pw"})
        self.post(self.ON, self.told, there)
        here = Client()
        here.post("/accounts/login/", {"login": self.person.email, "password": "pw"})
        assert self.owners() == [self.person.pk]
        here.post(reverse("usersessions_list"))
        assert self.owners() == []

    def test_the_page_tells_what_we_know_without_the_address(self):
        page = self.client.get("/accounts/settings/").content.decode()
        assert f'key="{PUBLIC}"' in page
        assert 'known=""' in page
        self.post(self.ON, self.told)
        with self.assertNumQueries(6):  # session, person, goal, notice settings, consents, devices
            page = self.client.get("/accounts/settings/").content.decode()
        assert f'known="{subscriptions.mark_of(self.told["endpoint"])}"' in page
        assert self.told["endpoint"] not in page
        assert self.told["keys"]["auth"] not in page

    def test_the_account_takes_its_devices_along(self):
        self.post(self.ON, self.told)
        prove(self.client, self.person)
        archive = b"".join(self.client.get("/accounts/export/").streaming_content)
        assert self.told["keys"]["auth"].encode() not in archive
        self.client.post("/accounts/delete/", {"email": self.person.email})
        assert SubscriptionInfo.objects.count() == PushInformation.objects.count() == 0

    def test_rows_of_people_deleted_at_the_desk_are_swept(self):
        self.post(self.ON, self.told)
        User.objects.all().delete()
        assert SubscriptionInfo.objects.count() == 1
        sweep()
        assert SubscriptionInfo.objects.count() == 0


def test_the_desk_has_no_sender_of_the_librarys():
    from django.contrib import admin

    assert PushInformation not in admin.site._registry


# --- keys ----------------------------------------------------------------------------------------


def test_the_command_prints_a_pair_that_works_as_it_is(capsys):
    call_command("vapid_keys", subject="mailto:me@example.org")
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    assert belong_together(lines["OPIC_VAPID_PRIVATE_KEY"], lines["OPIC_VAPID_PUBLIC_KEY"])
    assert lines["OPIC_VAPID_SUBJECT"] == "mailto:me@example.org"
    call_command("vapid_keys")
    assert lines["OPIC_VAPID_PRIVATE_KEY"] not in capsys.readouterr().out


def test_a_pair_belongs_together_or_not():
    assert belong_together(PRIVATE, PUBLIC)
    assert not belong_together(PRIVATE[:-4] + "AAAA", PUBLIC)
    assert not belong_together("A" * 43, PUBLIC)  # zero is no key


def test_the_chosen_pusher_is_the_embedded_one_without_keys():
    assert load_adapter("pusher").name == "notice"
