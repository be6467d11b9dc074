"""Which addresses may be posted to, and who subscribes to what."""

import json

from django.test import Client, SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from webpush.models import PushInformation, SubscriptionInfo

from accounts.models import User
from accounts.push import subscriptions
from accounts.tasks import sweep
from tests.accounts.push.cases import CHOSEN, PUSHING
from tests.accounts.push_service import PUBLIC, PushService
from tests.factories import make_user, prove


class HostTests(SimpleTestCase):
    @override_settings(**PUSHING)
    def test_the_table_of_addresses(self):
        for endpoint, is_allowed in (
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
                assert (subscriptions.parse_endpoint(endpoint) == endpoint) is is_allowed

    def test_loopback_is_no_push_service_unless_it_is_named(self):
        assert subscriptions.parse_endpoint("http://127.0.0.1:9/x") is None


@override_settings(**PUSHING)
class SubscribeTests(TestCase):
    ON, OFF = "/accounts/push/subscribe/", "/accounts/push/unsubscribe/"

    def setUp(self):
        self.person = make_user()
        self.client.force_login(self.person)
        with PushService() as service:
            self.browser = service.browser("phone")
        self.subscription = {"endpoint": self.browser.endpoint, "keys": self.browser.keys}

    def post(self, url, payload, client=None):
        body = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        return (client or self.client).post(
            url, body, content_type="application/json", headers={"User-Agent": "A browser"}
        )

    def owners(self):
        return list(PushInformation.objects.values_list("user", flat=True))

    def test_told_twice_it_is_one(self):
        for _ in range(2):
            assert (
                self.post(self.ON, {**self.subscription, "expirationTime": None}).status_code == 204
            )
        device = subscriptions.devices_of(self.person)[0]
        assert (device.endpoint, device.auth) == (
            self.subscription["endpoint"],
            self.subscription["keys"]["auth"],
        )
        assert SubscriptionInfo.objects.get().user_agent == "A browser"

    def test_somebody_else_on_the_same_browser_takes_it_over(self):
        self.post(self.ON, self.subscription)
        other = make_user()
        client = Client()
        client.force_login(other)
        self.post(self.ON, self.subscription, client)
        assert self.owners() == [other.pk]
        assert SubscriptionInfo.objects.count() == 1

    def test_switching_off_ends_ones_own_only(self):
        self.post(self.ON, self.subscription)
        stranger = Client()
        stranger.force_login(make_user())
        assert self.post(self.OFF, self.subscription, stranger).status_code == 204
        assert self.owners() == [self.person.pk]
        assert self.post(self.OFF, {"endpoint": self.subscription["endpoint"]}).status_code == 204
        assert SubscriptionInfo.objects.count() == 0
        assert self.post(self.OFF, self.subscription).status_code == 204

    def test_nonsense_is_refused(self):
        keys = self.subscription["keys"]
        for payload in (
            "null",
            "",
            "[]",
            "1",
            "{",
            b"\xff\xfe",
            "[" * 4000,
            {},
            {"endpoint": self.subscription["endpoint"]},
            {"endpoint": self.subscription["endpoint"], "keys": [1]},
            {"endpoint": self.subscription["endpoint"], "keys": {"p256dh": 1, "auth": None}},
            {"endpoint": "https://evil.example/x", "keys": keys},
            {"endpoint": ["https://fcm.googleapis.com/x"], "keys": keys},
            {"endpoint": "https://fcm.googleapis.com/" + "x" * 500, "keys": keys},
            {**self.subscription, "keys": {**keys, "p256dh": keys["p256dh"][:-4]}},
            {**self.subscription, "keys": {**keys, "p256dh": "C" + keys["p256dh"][1:]}},
            {**self.subscription, "keys": {**keys, "p256dh": "BAAA" + "A" * 83}},
            {**self.subscription, "keys": {**keys, "auth": "short"}},
            {**self.subscription, "keys": {**keys, "auth": "not base64!!"}},
            {**self.subscription, "more": "x" * 5000},
        ):
            with self.subTest(str(payload)[:80]):
                assert self.post(self.ON, payload).status_code == 422
        assert SubscriptionInfo.objects.count() == 0

    def test_only_signed_in_with_a_token_and_by_post(self):
        for url in (self.ON, self.OFF):
            assert self.client.get(url).status_code == 405
            assert self.post(url, self.subscription, Client()).status_code == 302
            strict = Client(enforce_csrf_checks=True)
            strict.force_login(self.person)
            assert self.post(url, self.subscription, strict).status_code == 403
        assert SubscriptionInfo.objects.count() == 0

    @override_settings(OPIC_CHOSEN={**CHOSEN, "pusher": "notice"})
    def test_where_no_device_is_reached_there_is_nothing_to_subscribe_to(self):
        assert self.post(self.ON, self.subscription).status_code == 404
        assert b"opic-push" not in self.client.get("/accounts/settings/").content

    def test_a_person_has_so_many_devices_and_the_oldest_gives_way(self):
        for number in range(13):
            self.post(
                self.ON,
                {**self.subscription, "endpoint": f"{self.subscription['endpoint']}{number}"},
            )
        endpoints = [device.endpoint for device in subscriptions.devices_of(self.person)]
        assert endpoints == [f"{self.subscription['endpoint']}{number}" for number in range(3, 13)]

    def test_signing_out_ends_this_device_and_no_other(self):
        self.post(self.ON, self.subscription)
        other = Client()
        other.force_login(self.person)
        self.post(
            self.ON, {**self.subscription, "endpoint": f"{self.subscription['endpoint']}2"}, other
        )
        self.client.post("/accounts/logout/")
        left = subscriptions.devices_of(self.person)
        assert [device.endpoint for device in left] == [f"{self.subscription['endpoint']}2"]

    def test_a_sign_in_ended_from_the_list_ends_its_device(self):
        self.person.emailaddress_set.create(email=self.person.email, verified=True, primary=True)
        there = Client()
        there.post("/accounts/login/", {"login": self.person.email, "password": "pw"})
        self.post(self.ON, self.subscription, there)
        here = Client()
        here.post("/accounts/login/", {"login": self.person.email, "password": "pw"})
        assert self.owners() == [self.person.pk]
        here.post(reverse("usersessions_list"))
        assert self.owners() == []

    def test_the_page_tells_what_we_know_without_the_address(self):
        page = self.client.get("/accounts/settings/").content.decode()
        assert f'key="{PUBLIC}"' in page
        assert 'known=""' in page
        self.post(self.ON, self.subscription)
        with self.assertNumQueries(6):  # session, person, goal, notice settings, consents, devices
            page = self.client.get("/accounts/settings/").content.decode()
        assert f'known="{subscriptions.mark_of(self.subscription["endpoint"])}"' in page
        assert self.subscription["endpoint"] not in page
        assert self.subscription["keys"]["auth"] not in page

    def test_the_account_takes_its_devices_along(self):
        self.post(self.ON, self.subscription)
        prove(self.client, self.person)
        archive = b"".join(self.client.get("/accounts/export/").streaming_content)
        assert self.subscription["keys"]["auth"].encode() not in archive
        self.client.post("/accounts/delete/", {"email": self.person.email})
        assert SubscriptionInfo.objects.count() == PushInformation.objects.count() == 0

    def test_rows_of_people_deleted_in_the_admin_are_swept(self):
        self.post(self.ON, self.subscription)
        User.objects.all().delete()
        assert SubscriptionInfo.objects.count() == 1
        sweep()
        assert SubscriptionInfo.objects.count() == 0


def test_the_admin_has_no_sender_of_the_librarys():
    from django.contrib import admin

    assert PushInformation not in admin.site._registry
