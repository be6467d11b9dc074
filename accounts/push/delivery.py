"""Which notices go out as pushes, and sending them."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation

from accounts import quiet_hours, streaks
from accounts.models import Notice, NoticeSettings
from accounts.notice_texts import words_of
from accounts.push import subscriptions
from accounts.push.adapters import Message, Pusher, PushError
from accounts.push.preferences import is_wanted
from accounts.push.subscriptions import Device
from opic.lib.adapters import load_adapter
from opic.lib.clock import day_of
from opic.lib.queue import enqueue, task

logger = logging.getLogger(__name__)
FRESH = timedelta(hours=3)  # older news is no news for a locked screen
LONGEST_AT_SERVICE = timedelta(days=1)  # for a device that is switched off
FIRST_WAIT = timedelta(minutes=1)  # until a push is tried again; each further time four times that
PUSHES_A_TASK = 10


def queue_pushes(notices: Iterable[Notice]) -> None:
    """Queue a few to an entry: a queue entry for each would make a busy evening slow."""
    ids = [str(notice.pk) for notice in notices]
    for first in range(0, len(ids), PUSHES_A_TASK):
        enqueue(push_notices, *ids[first : first + PUSHES_A_TASK])


@task
def push_notices(*notice_ids: str) -> None:
    """Push these notices, and stop in time; the sweeper queues what was not claimed by then."""
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
    return is_wanted(notice, now)


def _still_reminds(notice: Notice) -> bool:
    made_on = day_of(notice.made_at, notice.person.time_zone)
    return made_on == notice.person.today and not streaks.status_of(notice.person).spoke_today


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
        except PushError as exc:
            logger.warning("push to %s: %s", urlsplit(device.endpoint).hostname, exc)
            if exc.is_gone:
                subscriptions.drop([device.id])
            elif exc.retry:
                left.append(device.id)
                wait = max(wait, exc.after)
    if left and notice.push_tries < settings.OPIC_PUSH_TRIES:
        notice.push_again(left, at=timezone.now() + wait)


def _devices_left(notice: Notice) -> list[Device]:
    devices = subscriptions.devices_of(notice.person)
    left = notice.push_left
    return devices if left is None else [device for device in devices if device.id in left]


def message_of(notice: Notice, now: datetime) -> Message:
    """Return the message in the person's language; its lifetime ends with its truth and with quiet
    hours.
    """
    person = notice.person
    chosen = NoticeSettings.of(person)
    with translation.override(person.language):
        words = words_of(notice)
    is_reminder = notice.kind == Notice.Kind.REMINDER
    lasts = LONGEST_AT_SERVICE
    if is_reminder:
        lasts = quiet_hours.until(now, person.time_zone, 0)
    elif chosen.quiet_from != chosen.quiet_to:
        lasts = quiet_hours.until(now, person.time_zone, chosen.quiet_from)
    tag = notice.kind if is_reminder else notice.key
    return Message(words.title, words.body, notice.url, tag, min(lasts, LONGEST_AT_SERVICE))
