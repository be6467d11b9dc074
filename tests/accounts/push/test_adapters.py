"""What a push service gets, and what its answers mean."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.push import subscriptions
from accounts.push.adapters import NoticePusher, PushError, WebPusher, get_pusher
from tests.accounts.push.cases import MESSAGE, PUSHING, device_of
from tests.accounts.push_service import PUBLIC, SUBJECT, PushService, claims_of


@pytest.fixture
def service():
    with PushService() as running:
        yield running


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
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(service.browser("phone", status)), MESSAGE)
    assert (caught.value.retry, caught.value.is_gone) == (retry, is_gone)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
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
def test_how_long_a_service_may_make_us_wait(service, retry_after, seconds):
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(service.browser("phone", 429, Retry_After=retry_after)), MESSAGE)
    assert caught.value.after == timedelta(seconds=seconds)


@override_settings(**PUSHING)
def test_a_service_that_says_nothing_is_left_in_time(service):
    slow = service.browser("phone", seconds=3)
    before = timezone.now()
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(slow), MESSAGE)
    assert caught.value.retry
    assert timezone.now() - before < timedelta(seconds=2.5)


@override_settings(**PUSHING)
def test_a_service_that_is_not_there_may_be_tried_again():
    with PushService() as closed:
        browser = closed.browser("phone")
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(browser), MESSAGE)
    assert caught.value.retry


@override_settings(**PUSHING)
def test_nobody_sends_us_elsewhere(service):
    moved = service.browser("moved", 307, Location=f"{service.url}/inside")
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(moved), MESSAGE)
    assert not caught.value.retry
    assert service.paths() == ["moved"]


@override_settings(**PUSHING)
def test_keys_nobody_can_encrypt_for_are_gone(service):
    browser = service.browser("phone")
    no_point = subscriptions.Device(1, browser.endpoint, "BAAA" + "A" * 83, browser.keys["auth"])
    with pytest.raises(PushError) as caught:
        WebPusher().push(no_point, MESSAGE)
    assert caught.value.is_gone
    assert service.posts == []


@pytest.mark.parametrize(
    "ours", [{"OPIC_VAPID_PRIVATE_KEY": "A" * 43}, {"OPIC_VAPID_SUBJECT": "mailto:nobody"}]
)
def test_a_fault_of_our_own_keys_costs_nobody_a_device(service, ours):
    with override_settings(**{**PUSHING, **ours}), pytest.raises(PushError) as caught:
        WebPusher().push(device_of(service.browser("phone")), MESSAGE)
    assert (caught.value.retry, caught.value.is_gone) == (False, False)
    assert service.posts == []


@override_settings(**{**PUSHING, "OPIC_PUSH_HOSTS": ["fcm.googleapis.com"]})
def test_an_address_that_is_no_longer_allowed_gets_nothing(service):
    with pytest.raises(PushError) as caught:
        WebPusher().push(device_of(service.browser("phone")), MESSAGE)
    assert not caught.value.retry
    assert service.posts == []


@pytest.mark.parametrize("pusher", [NoticePusher(), WebPusher()])
@override_settings(**PUSHING)
def test_every_pusher_takes_the_same_and_says_nothing_when_it_went_well(pusher, service):
    assert pusher.push(device_of(service.browser("phone")), MESSAGE) is None
    assert pusher.name in {"notice", "webpush"}
    assert pusher.public_key in {"", PUBLIC}


def test_the_chosen_pusher_is_the_embedded_one_without_keys():
    assert get_pusher().name == "notice"
