from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import RequestFactory, TestCase
from django.urls import reverse
from django.utils import timezone

from accounts import devices
from accounts.models import DeviceSession
from tests.factories import make_user


class DeviceTests(TestCase):
    def setUp(self):
        self.person = make_user("a@example.org")
        self.person.emailaddress_set.create(email="a@example.org", verified=True, primary=True)

    def sign_in(self):
        reply = self.client.post(
            reverse("account_login"), {"login": "a@example.org", "password": "pw"}
        )
        assert reply.status_code == 302, reply.content
        return DeviceSession.objects.get(pk=self.client.session["device"])

    def test_signing_in_begins_one_and_signing_out_ends_it(self):
        device = self.sign_in()
        assert device.ended_at is None
        self.client.post(reverse("account_logout"))
        device.refresh_from_db()
        assert device.ended_at is not None

    def test_a_lost_session_row_does_not_end_it(self):
        device = self.sign_in()
        self.client.session.delete()
        device.refresh_from_db()
        assert device.ended_at is None

    def seen(self, device, **ago):
        DeviceSession.objects.filter(pk=device.pk).update(seen_at=timezone.now() - timedelta(**ago))
        session = self.client.session
        session["device_seen"] = "2020-01-01"
        session.save()

    def request(self):
        request = RequestFactory().get("/")
        request.session, request.user = self.client.session, self.person
        assert request.session.get("device")  # read from its row now
        return request

    def test_a_live_session_keeps_its_device_alive_at_the_cost_of_a_write_a_day(self):
        device = self.sign_in()
        self.seen(device, days=settings.OPIC_DEVICE_DAYS - 1)
        request = self.request()
        with self.assertNumQueries(1):
            assert devices.device_of(request) == str(device.pk)
        with self.assertNumQueries(0):
            assert devices.device_of(request) == str(device.pk)
        device.refresh_from_db()
        assert timezone.now() - device.seen_at < timedelta(minutes=1)

    def test_a_session_whose_device_ended_or_went_begins_another(self):
        device = self.sign_in()
        self.seen(device, days=settings.OPIC_DEVICE_DAYS + 1)
        second = devices.device_of(self.request())
        assert second != str(device.pk)
        DeviceSession.objects.all().delete()
        assert devices.device_of(self.request()) != second
        assert DeviceSession.objects.get().person == self.person

    def test_ending_sessions_from_the_list_ends_their_devices(self):
        here = self.sign_in()
        other = self.client_class()
        other.post(reverse("account_login"), {"login": "a@example.org", "password": "pw"})
        there = DeviceSession.objects.get(pk=other.session["device"])
        assert UserSession.objects.count() == 2
        self.client.post(reverse("usersessions_list"))
        here.refresh_from_db()
        there.refresh_from_db()
        assert there.ended_at is not None
        assert here.ended_at is None
        assert other.get(reverse("accounts:settings")).status_code == 302

    def test_the_list_names_browser_and_time_as_the_reader_writes_them(self):
        agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36"
        self.client.post(
            reverse("account_login"),
            {"login": "a@example.org", "password": "pw"},
            headers={"User-Agent": agent},
        )
        at = datetime(2026, 11, 29, 10, 10, tzinfo=UTC)
        UserSession.objects.update(created_at=at, user_agent=agent, ip="203.0.113.9")
        wanted = {
            "en": ("Chrome on Windows", "Nowhere else."),
            "ko": ("오후 7:10", "다른 기기에서는 로그인하지 않았어요."),
            "vi": ("Chrome", "Không đăng nhập ở thiết bị nào khác."),
        }
        for language, texts in wanted.items():
            self.client.cookies["django_language"] = language
            page = self.client.get(reverse("usersessions_list"))
            self.assertNotContains(page, "Mozilla")
            for text in texts:
                self.assertContains(page, text)
            assert page.content.decode().index("<details") < page.content.decode().index(
                "203.0.113.9"
            )
