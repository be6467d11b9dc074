"""Operators: sessions that end the same day, a second factor used lately, a first one by mail."""

import re
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client, TestCase, TransactionTestCase
from django.urls import reverse

from accounts.devices import SIGNED_IN_KEY
from accounts.models import DeviceSession
from tests.accounts.security.test_reauthentication import mailed_code, totp_code
from tests.factories import enter_admin, make_user, prove

EMAIL = "root@example.org"


def make_older(client, seconds):
    session = client.session
    session[SIGNED_IN_KEY] -= seconds
    session.save()


class SessionTests(TestCase):
    def setUp(self):
        self.hours = settings.OPIC_STAFF_SESSION_HOURS * 3600

    def test_an_operator_s_session_ends_the_same_day_and_a_learner_s_does_not(self):
        for fields, status in (
            ({"is_staff": True}, 302),
            ({"is_superuser": True}, 302),
            ({}, 200),
        ):
            client = Client()
            client.force_login(make_user(**fields))
            make_older(client, self.hours - 60)
            assert client.get(reverse("accounts:settings")).status_code == 200
            make_older(client, 120)
            assert client.get(reverse("accounts:settings")).status_code == status, fields
            assert client.get(reverse("accounts:settings")).status_code == status

    def test_pages_in_between_do_not_make_it_longer(self):
        self.client.force_login(make_user(is_staff=True))
        for _ in range(4):
            make_older(self.client, self.hours / 4 + 1)
            reply = self.client.get(reverse("accounts:settings"))
        assert reply.status_code == 302

    def test_who_became_staff_meanwhile_and_sessions_from_before_end_too(self):
        person = make_user()
        self.client.force_login(person)
        make_older(self.client, self.hours + 1)
        person.is_staff = True
        person.save()
        assert self.client.get(reverse("accounts:settings")).status_code == 302
        self.client.force_login(person)
        session = self.client.session
        del session[SIGNED_IN_KEY]
        session.save()
        assert self.client.get(reverse("accounts:settings")).status_code == 302

    def test_what_the_device_holds_may_still_be_sent(self):
        self.client.force_login(make_user(is_staff=True))
        make_older(self.client, self.hours + 1)
        self.client.get(reverse("accounts:settings"))
        assert DeviceSession.objects.get().ended_at is None


class AdminEntryTests(TestCase):
    def setUp(self):
        self.root = make_user(EMAIL, is_staff=True, is_superuser=True)
        self.root.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        self.minutes = settings.OPIC_ADMIN_FACTOR_MINUTES * 60

    def enter(self, seconds_ago=0.0, method="mfa"):
        client = Client()
        enter_admin(client, self.root)
        session = client.session
        del session["account_authentication_methods"]
        session.save()
        prove(client, self.root, method, seconds_ago=seconds_ago)
        return client

    def test_a_factor_used_lately_opens_an_older_one_is_asked_for_again(self):
        index = reverse("admin:index")
        assert self.enter().get(index).status_code == 200
        assert self.enter(self.minutes - 60).get(index).status_code == 200
        client = self.enter(self.minutes + 1)
        reply = client.get(index, follow=True)
        assert reply.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
        assert reply.redirect_chain[-1][0].endswith(f"next={quote(index, safe='')}")

    def test_no_other_proof_opens(self):
        for method in ("password", "code"):
            assert self.enter(method=method).get(reverse("admin:index")).status_code == 302

    def test_a_form_that_was_opened_in_time_may_be_sent_an_hour_later_and_not_after(self):
        url = reverse("admin:accounts_user_change", args=[self.root.pk])
        data = {"email": EMAIL, "language": "en", "time_zone": "Asia/Seoul", "is_active": "on"}
        data |= {"is_staff": "on", "is_superuser": "on"}
        for name, age in (("In time", self.minutes + 1800), ("Too late", self.minutes + 3601)):
            self.enter(age).post(url, {**data, "name": name})
            self.root.refresh_from_db()
            assert self.root.name == "In time", name

    def test_the_factor_typed_again_leads_back(self):
        client = self.enter(self.minutes + 1)
        secret = "JBSWY3DPEHPK3PXP"
        Authenticator.objects.filter(user=self.root).update(data={"secret": secret})
        reply = client.get(reverse("admin:accounts_user_changelist"), follow=True)
        form = {"code": totp_code(secret), "next": reverse("admin:accounts_user_changelist")}
        reply = client.post(reverse("mfa_reauthenticate"), form, follow=True)
        assert reply.status_code == 200
        assert reply.request["PATH_INFO"] == reverse("admin:accounts_user_changelist")

    def test_a_factor_that_was_taken_away_opens_nothing(self):
        client = self.enter()
        Authenticator.objects.all().delete()
        assert client.get(reverse("admin:index")).status_code == 302


class FirstFactorTests(TestCase):
    """A stolen password of staff who have no second factor yet lets nobody in."""

    def setUp(self):
        self.root = make_user(EMAIL, is_staff=True, is_superuser=True)
        self.root.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        self.thief = Client()
        self.thief.post(reverse("account_login"), {"login": EMAIL, "password": "pw"})
        assert self.thief.session["_auth_user_id"] == str(self.root.pk)
        mail.outbox.clear()

    def test_a_password_sets_up_no_factor(self):
        code_page = reverse("accounts:reauthenticate-code")
        for name in ("mfa_activate_totp", "account_email", "account-export"):
            reply = (
                self.thief.post(reverse(name), {"action_add": "", "email": "t@example.org"})
                if name == "account_email"
                else self.thief.get(reverse(name))
            )
            assert reply["Location"].startswith(code_page), name
        reply = self.thief.post(reverse("account_reauthenticate"), {"password": "pw"})
        assert reply["Location"].startswith(code_page)
        reply = self.thief.post(reverse("mfa_activate_totp"), {"code": "000000"})
        assert reply["Location"].startswith(code_page)
        assert not Authenticator.objects.exists()
        assert self.thief.get(reverse("admin:index")).status_code == 302

    def test_a_password_does_not_take_a_factor_away_to_set_up_another(self):
        enter_admin(Client(), self.root)
        prove(self.thief, self.root, "password")
        reply = self.thief.post(reverse("mfa_deactivate_totp"))
        assert reply["Location"].startswith(reverse("mfa_reauthenticate"))
        assert Authenticator.objects.exists()


class WayInTests(TransactionTestCase):
    """Commits for true: what the library does after one happens within the request."""

    def setUp(self):
        self.root = make_user(EMAIL, is_staff=True, is_superuser=True)
        self.root.emailaddress_set.create(email=EMAIL, verified=True, primary=True)

    def test_the_code_goes_to_the_address_and_the_whole_way_in_is_four_forms(self):
        client = Client()
        client.post(reverse("account_login"), {"login": EMAIL, "password": "pw"})
        reply = client.get(reverse("admin:index"), follow=True)
        url = reply.redirect_chain[-1][0]
        assert url.startswith(reverse("accounts:reauthenticate-code"))
        client.post(url, {"action": "send", "next": reverse("mfa_activate_totp")})
        assert mail.outbox[-1].to == [EMAIL]
        form = {"code": mailed_code(), "next": reverse("mfa_activate_totp")}
        page = client.post(url, form, follow=True)
        secret = re.search(r"<code>([A-Z2-7=]+)</code>", page.content.decode()).group(1)
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
        assert client.get(reverse("admin:index")).status_code == 200
        # another browser needs the factor at sign-in, and is in
        other = Client()
        other.post(reverse("account_login"), {"login": EMAIL, "password": "pw"})
        assert "_auth_user_id" not in other.session
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
        other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert other.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("fields", [{"is_staff": True}, {}])
def test_the_way_in_for_people_without_power_stays_closed(client, db, fields):
    client.force_login(make_user(**fields))
    assert client.get(reverse("admin:index")).status_code == 302
