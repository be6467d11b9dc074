import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import TestCase
from django.utils import timezone

from accounts.models import DeviceSession
from scoring.uploads import tickets
from tests.factories import make_device, make_user

URL = "/practice/prompts/x/takes/"


class TicketTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user()
        cls.device = make_device(cls.person)

    def ticket(self, **change):
        return tickets.issue(self.person, str(self.device.pk), change.get("url", URL))

    def test_it_admits_its_person_with_its_key(self):
        ticket = self.ticket()
        grant = tickets.verify(ticket["token"], URL)
        assert grant.speaker == self.person
        assert str(grant.key) == ticket["key"]
        assert abs(timezone.now() - grant.issued_at) < timedelta(seconds=5)

    def test_it_opens_no_other_url(self):
        self.refused(self.ticket()["token"], "/practice/prompts/y/takes/")

    def refused(self, token, url=URL):
        with pytest.raises(tickets.TicketError):
            tickets.verify(token, url)

    def test_a_changed_or_foreign_token_is_nothing(self):
        self.refused("")
        self.refused("nonsense")
        self.refused(self.ticket()["token"][:-2] + "xx")

    def test_it_dies_with_its_device_session(self):
        token = self.ticket()["token"]
        assert self.device.end()
        self.refused(token)

    def test_it_dies_with_the_password(self):
        token = self.ticket()["token"]
        self.person.set_password("another")
        self.person.save()
        self.refused(token)

    def test_it_dies_with_the_account(self):
        token = self.ticket()["token"]
        self.person.is_active = False
        self.person.save()
        self.refused(token)

    def test_it_lives_thirty_days(self):
        token = self.ticket()["token"]
        with self.settings(OPIC_TICKET_DAYS=0):
            self.refused(token)
        tickets.verify(token, URL)

    def test_it_dies_with_a_device_that_nobody_signed_in_on_for_long(self):
        token = self.ticket()["token"]
        days = settings.OPIC_DEVICE_DAYS
        for ago, is_live in ((days - 1, True), (days + 1, False)):
            seen_at = timezone.now() - timedelta(days=ago)
            DeviceSession.objects.filter(pk=self.device.pk).update(seen_at=seen_at)
            if is_live:
                tickets.verify(token, URL)
            else:
                self.refused(token)

    def test_a_ticket_given_by_a_page_always_lives_its_days(self):
        assert settings.OPIC_DEVICE_DAYS > settings.OPIC_TICKET_DAYS

    def test_a_fresh_token_for_a_key_keeps_the_key(self):
        key = str(uuid.uuid4())
        assert tickets.issue(self.person, str(self.device.pk), URL, key)["key"] == key
        with pytest.raises(ValueError):
            tickets.issue(self.person, str(self.device.pk), URL, "no-uuid")

    def test_admission_is_one_query(self):
        token = self.ticket()["token"]
        with self.assertNumQueries(1):
            tickets.verify(token, URL)
