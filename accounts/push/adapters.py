"""Pushers, the ways to reach a device: none at all, or Web Push."""

import json
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils import timezone

from accounts.push import subscriptions
from accounts.push.subscriptions import Device
from accounts.push.vapid import is_point
from opic.lib.adapters import load_adapter

LONGEST_WAIT = timedelta(hours=1)
GONE = {404, 410}


@dataclass(frozen=True)
class Message:
    """What a device shows; a newer message with the same tag replaces an older one.

    `lasts` is how long a push service stores it for a device that is switched off.
    """

    title: str
    body: str
    url: str
    tag: str
    lasts: timedelta

    def as_json(self) -> str:
        """Return the payload that the service worker reads (js/offline/sw-push.js)."""
        payload = {"title": self.title, "body": self.body, "url": self.url, "tag": self.tag}
        return json.dumps(payload, ensure_ascii=False)


class PushError(Exception):
    """A push that did not reach its device.

    `retry`: it may later, in `after` at the earliest; `is_gone`: it never will again.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        is_gone: bool = False,
        after: timedelta = timedelta(0),
    ) -> None:
        super().__init__(message)
        self.retry, self.is_gone, self.after = retry, is_gone, after


class Pusher(Protocol):
    """A way to reach devices."""

    name: str
    # what a browser subscribes with; empty: devices are not reached
    public_key: str

    def push(self, device: Device, message: Message) -> None:
        """Push the message to the device, or raise PushError."""


class NoticePusher:
    """The embedded pusher, which reaches no device: notices wait in the app."""

    name = "notice"
    public_key = ""

    def push(self, device: Device, message: Message) -> None:
        """Do nothing: the notice itself is in the app."""


class WebPusher:
    """Web Push (RFC 8030): encrypted for the device, signed with our VAPID key."""

    name = "webpush"

    @property
    def public_key(self) -> str:
        """Return our public VAPID key, which browsers subscribe with."""
        return str(settings.OPIC_VAPID_PUBLIC_KEY)

    def push(self, device: Device, message: Message) -> None:
        """Send the message to the device's push service; raise PushError when it fails."""
        import requests
        from py_vapid import VapidException
        from pywebpush import WebPushException, webpush

        endpoint = subscriptions.parse_endpoint(device.endpoint)
        if endpoint is None:
            raise PushError("not a push service we know")
        if not is_point(device.p256dh):
            raise PushError("a key nobody can encrypt for", is_gone=True)
        try:
            with requests.Session() as session:
                # a service has no reason to redirect us, and the new address would be unchecked
                session.max_redirects = 0
                webpush(
                    {
                        "endpoint": endpoint,
                        "keys": {"p256dh": device.p256dh, "auth": device.auth},
                    },
                    message.as_json(),
                    vapid_private_key=settings.OPIC_VAPID_PRIVATE_KEY,
                    # a new dict each time: pywebpush writes into it
                    vapid_claims={"sub": settings.OPIC_VAPID_SUBJECT},
                    ttl=max(int(message.lasts.total_seconds()), 0),
                    timeout=settings.OPIC_PUSH_SECONDS,
                    requests_session=session,
                )
        except WebPushException as exc:
            raise _error_of(exc.status_code, exc.retry_after) from None
        except (requests.ConnectionError, requests.Timeout) as exc:
            raise PushError(type(exc).__name__, retry=True) from None
        except (requests.RequestException, VapidException, ValueError) as exc:
            raise PushError(type(exc).__name__) from None


def _error_of(status: int | None, retry_after: str | None) -> PushError:
    # without a status the request was never sent
    if status is None:
        return PushError("it could not be put together")
    reason = f"the service answered {status}"
    if status in GONE:
        return PushError(reason, is_gone=True)
    return PushError(reason, retry=status == 429 or status >= 500, after=_wait_of(retry_after))


def _wait_of(retry_after: str | None) -> timedelta:
    """Return the wait that a service asks for, in seconds or as a date; an hour at most.

    What cannot be read is no wait.
    """
    try:
        wait = timedelta(seconds=float(retry_after or 0))
    except (ValueError, OverflowError):
        wait = _wait_until(str(retry_after))
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _wait_until(date: str) -> timedelta:
    try:
        return parsedate_to_datetime(date) - timezone.now()
    except (ValueError, TypeError):
        # no date, or one without a time zone
        return timedelta(0)


def get_pusher() -> Pusher:
    """Return the way to devices that the settings chose."""
    return cast(Pusher, load_adapter("pusher"))
