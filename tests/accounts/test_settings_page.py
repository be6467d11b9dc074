"""The settings: parts that fold and say what is set, and time zones to choose from."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.texts.zones import place_of, zone_choices
from opic.lib.levels import Level
from tests.factories import make_goal, make_user

URL = "/accounts/settings/"
PARTS = {"profile", "language", "goal", "notices", "consents", "sign-in", "data"}


@pytest.fixture
def person(client, db):
    person = make_user(name="Mina")
    client.force_login(person)
    return person


def folds(reply):
    """Return (heading, what is set, whether it is open) of each part of the page."""
    matches = re.findall(
        r'<details class="card fold"( open)?>.*?<h2[^>]*>(.*?)</h2>\s*<span[^>]*>(.*?)</span>',
        reply.content.decode(),
        re.DOTALL,
    )
    return [(heading, value, bool(is_open)) for is_open, heading, value in matches]


def test_every_part_is_shut_and_says_what_is_set(client, person):
    make_goal(person, target=Level.IH, step=5, exam_on=date(2027, 3, 1))
    parts = folds(client.get(URL))
    assert len(parts) == len(PARTS)
    values = {heading: value for heading, value, _is_open in parts}
    assert values["You"] == "Mina · Seoul"
    assert values["Your goal"] == "IH · Step 5 · March 1, 2027"
    assert values["Notices"] == "Reminder at 21:00"
    assert values["Signing in"] == person.email
    assert not any(is_open for _heading, _value, is_open in parts)


def test_without_a_goal_none_is_named(client, person):
    values = {heading: value for heading, value, _is_open in folds(client.get(URL))}
    assert values["Your goal"] == "Not chosen yet"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_link_opens_the_part_it_names(client, person, part):
    parts = folds(client.get(URL, {"part": part}))
    assert sum(is_open for _heading, _value, is_open in parts) == 1


def test_a_part_with_an_error_is_open_and_says_what_is_still_set(client, person):
    sent = {"part": "profile", "name": "Other", "time_zone": "Mars/Olympus"}
    reply = client.post(URL, sent)
    assert reply.status_code == 422
    assert "There is no such time zone." in reply.content.decode()
    assert [part for part in folds(reply) if part[2]] == [("You", "Mina · Seoul", True)]
    person.refresh_from_db()
    assert (person.name, person.time_zone) == ("Mina", "Asia/Seoul")


def test_zones_of_our_learners_come_first_and_each_zone_once(db):
    (_label, first), *regions = zone_choices("Asia/Seoul")
    assert [zone for zone, _name in first] == ["Asia/Seoul", "Asia/Ho_Chi_Minh", "UTC"]
    zones = [zone for _label, options in [("", first), *regions] for zone, _name in options]
    assert len(zones) == len(set(zones)) > 300
    assert ("America/New_York", "New York") in dict(regions)["America"]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Saigon", "US/Pacific", "Etc/GMT+9"])
def test_the_zone_that_a_browser_named_can_be_kept(client, person, zone):
    User.objects.filter(pk=person.pk).update(time_zone=zone)
    assert place_of(zone)
    reply = client.get(reverse("accounts:settings"))
    assert f'<option value="{zone}" selected>' in reply.content.decode()
    sent = {"part": "profile", "name": "Mina", "time_zone": zone}
    assert client.post(URL, sent).status_code == 302


def test_a_zone_nobody_knows_is_not_offered(db):
    assert "Mars/Olympus" not in str(zone_choices("Mars/Olympus"))
