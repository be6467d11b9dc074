"""Telling people something: a notice in the app, and a push to their devices where that is set up.

The notice is the record and needs nothing else. A push is a copy of it for a locked screen: it goes
out after the commit, at most once to a device, when the person wants its kind and quiet hours do
not hold where they are. What came in quiet hours stays in the app; no push follows later.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, User
from accounts.push import subscriptions
from accounts.push.adapters import get_pusher
from accounts.push.delivery import queue_pushes
from accounts.push.preferences import is_wanted


def notify(person: User, kind: str, key: str, params: dict[str, Any], url: str) -> bool:
    """Make one notice; return False when the person has one with this key already."""
    notice = Notice(person=person, kind=kind, key=key, params=params, url=url)
    return bool(notify_all([notice]))


@transaction.atomic
def notify_all(notices: Sequence[Notice]) -> int:
    """Make many notices in as many queries as one takes; return how many of them are new.

    Raises ValueError for a URL that does not lead to a page of ours.
    """
    now = timezone.now()
    reachable = _reachable(notices)
    for notice in notices:
        if not notice.url.startswith("/") or notice.url.startswith("//"):
            # with `ignore_conflicts` SQLite skips a row that breaks a constraint, without an error
            raise ValueError("a notice leads to a page of ours")
        if notice.person_id in reachable and is_wanted(notice, now):
            notice.push_due_at = now
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    made = list(Notice.objects.filter(pk__in=[notice.pk for notice in notices]))
    User.objects.filter(pk__in={notice.person_id for notice in made}).update(has_unread=True)
    queue_pushes(notice for notice in made if notice.push_due_at)
    return len(made)


def _reachable(notices: Sequence[Notice]) -> set[Any]:
    people = {notice.person_id for notice in notices}
    return subscriptions.reachable_of(people) if get_pusher().public_key else set()


@transaction.atomic
def mark_read(person: User, until: datetime) -> bool:
    """Mark everything up to a moment as read; return whether unread notices are left."""
    # `notify_all` has to wait for this lock: a notice made in between would lose its dot below
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    unread = Notice.objects.sent_to(person).unread()
    unread.filter(made_at__lte=until).update(read_at=timezone.now())
    has_unread = unread.exists()
    User.objects.filter(pk=person.pk).update(has_unread=has_unread)
    return has_unread
