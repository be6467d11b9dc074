"""Pushes of notices: which are still wanted, and sending them device by device."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation

from accounts import quiet_hours, streaks
from accounts.models import Notice, NoticeSettings
from accounts.push import subscriptions
from accounts.push.adapters import Message, PushError, get_pusher
from accounts.push.preferences import is_wanted
from accounts.push.subscriptions import Device
from accounts.texts.notices import words_of
from opic.lib.clock import day_of
from opic.lib.queue import enqueue, task

logger = logging.getLogger(__name__)
# what is older is not pushed any more
FRESH = timedelta(hours=3)
# how long a push service stores a push for a device that is switched off
LONGEST_AT_SERVICE = timedelta(days=1)
# until a push is tried again; four times as long after each further try
FIRST_WAIT = timedelta(minutes=1)
PUSHES_A_TASK = 10


def queue_pushes(notices: Iterable[Notice]) -> None:
    """Queue the pushes of these notices, a few to a queue entry.

    An entry for each would make a busy evening slow.
    """
    ids = [str(notice.pk) for notice in notices]
    for first in range(0, len(ids), PUSHES_A_TASK):
        enqueue(push_notices, *ids[first : first + PUSHES_A_TASK])


@task
def push_notices(*notice_ids: str) -> None:
    """Push notices one by one: 1. claim, 2. check that it still holds, 3. push, 4. make due again.

    Stops after half of a task's time; the sweeper queues what was not claimed by then. The last
    step is for devices that an error kept the push from.
    """
    stop_at = time.monotonic() + settings.OPIC_TASK_SECONDS / 2
    for notice_id in notice_ids:
        if time.monotonic() > stop_at:
            return
        notice = Notice.objects.claim_push(notice_id)
        if notice is not None and _still_holds(notice, timezone.now()):
            _push(notice, stop_at)


def _still_holds(notice: Notice, now: datetime) -> bool:
    """Return whether a push is still wanted: the notice is unread, recent, of a wanted kind.

    A reminder must also be of today, and nothing spoken since.
    """
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
    """Push to each device by itself: an error at one does not concern the others."""
    pusher = get_pusher()
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
    """Return the message in the person's language.

    It lasts until it would be wrong (a reminder: until midnight) or quiet hours begin, and no
    longer than LONGEST_AT_SERVICE.
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
