"""What tests of pushes share: the hours, the settings, a message, a device."""

from datetime import UTC, datetime, timedelta

from accounts.push.adapters import Message
from accounts.push.subscriptions import Device
from tests.accounts.push_service import PRIVATE, PUBLIC, SUBJECT

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
