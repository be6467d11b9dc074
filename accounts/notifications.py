"""Telling people: a notice inside the app, once, and a push to their devices where that is set up.

The notice is the truth and needs nothing. A push is a copy of it for a locked screen: it goes out
after the commit, at most once a device, when the person wants its kind and it is not quiet where
they are. What came in the quiet hours stays in the app; no push follows later.
"""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts import hours, streaks, subscriptions
from accounts.models import Notice, NoticeSettings, User
from accounts.notice_words import words_of
from accounts.subscriptions import Device
from accounts.vapid import is_point
from opic.lib.adapters import load_adapter
from opic.lib.clock import day_of
from opic.lib.queue import enqueue, task

logger = logging.getLogger(__name__)
FRESH = timedelta(hours=3)  # older news is no news for a locked screen
LONGEST_AT_SERVICE = timedelta(days=1)  # for a device that is switched off
FIRST_WAIT = timedelta(minutes=1)  # until a push is tried again; each further time four times that
LONGEST_WAIT = timedelta(hours=1)
PUSHES_A_TASK = 10
GONE = {404, 410}


# --- the adapter ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """What a device shows. A newer one with the same tag takes the place of an older."""

    title: str
    body: str
    url: str
    tag: str
    lasts: timedelta

    def as_json(self) -> str:
        told = {"title": self.title, "body": self.body, "url": self.url, "tag": self.tag}
        return json.dumps(told, ensure_ascii=False)


class PushError(Exception):
    """It did not reach the device: it may later (`retry`), or never again (`is_gone`)."""

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
    name: str
    public_key: str  # what a browser subscribes with; empty: devices are not reached

    def push(self, device: Device, message: Message) -> None: ...  # or PushError


class NoticePusher:
    """The embedded one: what there is to tell waits inside the app."""

    name = "notice"
    public_key = ""

    def push(self, device: Device, message: Message) -> None:
        """Nothing to do."""


class WebPusher:
    """Web Push: encrypted for the device, signed with our VAPID key, handed to its service."""

    name = "webpush"

    @property
    def public_key(self) -> str:
        return str(settings.OPIC_VAPID_PUBLIC_KEY)

    def push(self, device: Device, message: Message) -> None:
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
                session.max_redirects = 0  # a service has no reason to send us elsewhere
                webpush(
                    {
                        "endpoint": endpoint,
                        "keys": {"p256dh": device.p256dh, "auth": device.auth},
                    },
                    message.as_json(),
                    vapid_private_key=settings.OPIC_VAPID_PRIVATE_KEY,
                    vapid_claims={"sub": settings.OPIC_VAPID_SUBJECT},  # it writes into it
                    ttl=max(int(message.lasts.total_seconds()), 0),
                    timeout=settings.OPIC_PUSH_SECONDS,
                    requests_session=session,
                )
        except WebPushException as fault:
            raise _fault_of(fault.status_code, fault.retry_after) from None
        except (requests.ConnectionError, requests.Timeout) as fault:
            raise PushError(type(fault).__name__, retry=True) from None
        except (requests.RequestException, VapidException, ValueError) as fault:
            raise PushError(type(fault).__name__) from None


def _fault_of(status: int | None, retry_after: str | None) -> PushError:
    if status is None:  # it never left
        return PushError("it could not be put together")
    told = f"the service answered {status}"
    if status in GONE:
        return PushError(told, is_gone=True)
    return PushError(told, retry=status == 429 or status >= 500, after=_wait_of(retry_after))


def _wait_of(retry_after: str | None) -> timedelta:
    """Seconds or a date; nonsense is no wait, and nobody makes us wait for longer than an hour."""
    try:
        wait = timedelta(seconds=float(retry_after or 0))
    except (ValueError, OverflowError):
        wait = _wait_until(str(retry_after))
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _wait_until(date: str) -> timedelta:
    try:
        return parsedate_to_datetime(date) - timezone.now()
    except (ValueError, TypeError):  # no date, or one without its zone
        return timedelta(0)


# --- notices -------------------------------------------------------------------------------------


def notify(person: User, kind: str, key: str, params: dict[str, Any], url: str) -> bool:
    """Tell a person once: the same key again changes nothing. True when it is news."""
    notice = Notice(person=person, kind=kind, key=key, params=params, url=url)
    return bool(notify_all([notice]))


@transaction.atomic
def notify_all(notices: Sequence[Notice]) -> int:
    """Many at once, in as many queries as one takes; how many of them are news."""
    now = timezone.now()
    reachable = _reachable(notices)
    for notice in notices:
        if not notice.url.startswith("/") or notice.url.startswith("//"):
            raise ValueError("a notice leads to a page of ours")  # SQLite would swallow it below
        if notice.person_id in reachable and _is_wanted(notice, now):
            notice.push_due_at = now
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    made = list(Notice.objects.filter(pk__in=[notice.pk for notice in notices]))
    User.objects.filter(pk__in={notice.person_id for notice in made}).update(has_unread=True)
    queue_pushes(notice for notice in made if notice.push_due_at)
    return len(made)


def _reachable(notices: Sequence[Notice]) -> set[Any]:
    people = {notice.person_id for notice in notices}
    return subscriptions.reachable_of(people) if load_adapter("pusher").public_key else set()


def _is_wanted(notice: Notice, now: datetime) -> bool:
    """Its kind is switched on, and it is not quiet there. A reminder has an hour of its own."""
    person = notice.person
    chosen = NoticeSettings.of(person)
    if not chosen.wants(notice.kind):
        return False
    quiet = hours.is_quiet(now, person.time_zone, chosen.quiet_from, chosen.quiet_to)
    return notice.kind == Notice.Kind.REMINDER or not quiet


@transaction.atomic
def mark_read(person: User, until: datetime) -> bool:
    """Everything up to a moment; is there something left? The person's row is held: a notice that
    comes in between keeps its dot.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    unread = Notice.objects.told_to(person).unread()
    unread.filter(made_at__lte=until).update(read_at=timezone.now())
    has_unread = unread.exists()
    User.objects.filter(pk=person.pk).update(has_unread=has_unread)
    return has_unread


# --- pushes --------------------------------------------------------------------------------------


def queue_pushes(notices: Iterable[Notice]) -> None:
    """A few to an entry: a queue entry for each would make a busy evening slow."""
    ids = [str(notice.pk) for notice in notices]
    for first in range(0, len(ids), PUSHES_A_TASK):
        enqueue(push_notices, *ids[first : first + PUSHES_A_TASK])


@task
def push_notices(*notice_ids: str) -> None:
    """The worker's part. Stops in time; what is not claimed by then is found by the sweeper."""
    stop_at = time.monotonic() + settings.OPIC_TASK_SECONDS / 2
    for notice_id in notice_ids:
        if time.monotonic() > stop_at:
            return
        notice = Notice.objects.claim_push(notice_id)
        if notice is not None and _still_holds(notice, timezone.now()):
            _push(notice, stop_at)


def _still_holds(notice: Notice, now: datetime) -> bool:
    """Not read meanwhile, not old, still wanted; and a reminder only while nothing was said."""
    person = notice.person
    if notice.read_at or not person.is_active or now - notice.made_at > FRESH:
        return False
    if notice.kind == Notice.Kind.REMINDER and not _still_reminds(notice):
        return False
    return _is_wanted(notice, now)


def _still_reminds(notice: Notice) -> bool:
    made_on = day_of(notice.made_at, notice.person.time_zone)
    return made_on == notice.person.today and not streaks.standing_of(notice.person).spoke_today


def _push(notice: Notice, stop_at: float) -> None:
    """Device by device: a bad one takes nothing from the others."""
    pusher: Pusher = load_adapter("pusher")
    message = message_of(notice, timezone.now())
    left: list[int] = []
    wait = FIRST_WAIT * 4 ** (notice.push_tries - 1)
    for device in _devices_left(notice):
        if time.monotonic() > stop_at:
            left.append(device.id)
            continue
        try:
            pusher.push(device, message)
        except PushError as fault:
            logger.warning("push to %s: %s", urlsplit(device.endpoint).hostname, fault)
            if fault.is_gone:
                subscriptions.drop([device.id])
            elif fault.retry:
                left.append(device.id)
                wait = max(wait, fault.after)
    if left and notice.push_tries < settings.OPIC_PUSH_TRIES:
        notice.push_again(left, at=timezone.now() + wait)


def _devices_left(notice: Notice) -> list[Device]:
    devices = subscriptions.devices_of(notice.person)
    left = notice.push_left
    return devices if left is None else [device for device in devices if device.id in left]


def message_of(notice: Notice, now: datetime) -> Message:
    """In the person's language; kept by the service no longer than it is true and not quiet."""
    person = notice.person
    chosen = NoticeSettings.of(person)
    with translation.override(person.language):
        words = words_of(notice)
    is_reminder = notice.kind == Notice.Kind.REMINDER
    lasts = LONGEST_AT_SERVICE
    if is_reminder:
        lasts = hours.until(now, person.time_zone, 0)
    elif chosen.quiet_from != chosen.quiet_to:
        lasts = hours.until(now, person.time_zone, chosen.quiet_from)
    tag = notice.kind if is_reminder else notice.key
    return Message(words.title, words.body, notice.url, tag, min(lasts, LONGEST_AT_SERVICE))
