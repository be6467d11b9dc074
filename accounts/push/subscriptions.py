"""Push subscriptions of people's browsers, in the tables of django-webpush.

Nothing else of that library is used. A browser has one row, which belongs to whoever subscribed
there last, and which goes when that device signs out.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from webpush.models import PushInformation, SubscriptionInfo

from accounts.models import User
from opic.lib.risks import is_address

LOOPBACK = {"127.0.0.1", "localhost"}
# neither white space nor a backslash: URL parsers do not agree on them
_PRINTABLE = re.compile(r"[!-\[\]-~]+")
_AUTHORITY = re.compile(r"(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True)
class Device:
    """A subscribed browser: its address at the push service, and the keys to encrypt with."""

    id: int
    endpoint: str
    p256dh: str
    auth: str


def parse_endpoint(endpoint: str) -> str | None:
    """Return the address at a known push service, rebuilt from its parts; None for any other.

    Our server posts to what this returns and never to the text that came: two readers of one URL
    may see different hosts in it, but not in a text made of checked parts.
    """
    if not _PRINTABLE.fullmatch(endpoint):
        return None
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return None
    authority = _AUTHORITY.fullmatch(parts.netloc.lower())
    if authority is None or not _is_listed(authority["host"]):
        return None
    if not _may_be_asked(parts.scheme, authority["host"], authority["port"]):
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{authority[0]}{parts.path}{query}"


def _may_be_asked(scheme: str, host: str, port: str | None) -> bool:
    if host in LOOPBACK:
        return scheme in {"http", "https"}
    return scheme == "https" and port in {None, "443"}


def _is_listed(host: str) -> bool:
    return any(_matches(host, name) for name in settings.OPIC_PUSH_HOSTS)


def _matches(host: str, name: str) -> bool:
    """Return whether the host has this name, or lies below it where the name begins with `*`.

    An IP address counts only where it is written out.
    """
    is_below = name.startswith("*") and host.endswith(name[1:]) and not is_address(host)
    return host == name or is_below


def devices_of(person: User) -> list[Device]:
    """Return the browsers that the person subscribed, oldest first."""
    rows = PushInformation.objects.filter(user=person).order_by("pk")
    names = ("subscription_id", "subscription__endpoint", "subscription__p256dh")
    return [Device(*row) for row in rows.values_list(*names, "subscription__auth")]


def reachable_of(people: Iterable[Any]) -> set[Any]:
    """Return which of these people (by id) have a device that wants pushes."""
    rows = PushInformation.objects.filter(user__in=list(people))
    return set(rows.values_list("user", flat=True))


def marks_of(person: User) -> list[str]:
    """Return a hash for each of the person's browsers, which may stand on a page.

    By it a browser sees whether we know it; the endpoint itself is a secret.
    """
    return [mark_of(device.endpoint) for device in devices_of(person)]


def mark_of(endpoint: str) -> str:
    """Return the SHA-256 of an endpoint in hexadecimal digits, as the page's script does."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


@transaction.atomic
def save_subscription(
    person: User, *, endpoint: str, p256dh: str, auth: str, user_agent: str = ""
) -> int:
    """Save a browser's subscription and return its id; one for each endpoint.

    Whoever else had subscribed on this browser loses it. Beyond OPIC_PUSH_DEVICES the person's
    oldest ones are dropped.
    """
    # two tabs of one person may subscribe at the same moment: one after the other
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    rows = SubscriptionInfo.objects.filter(endpoint=endpoint)
    rows.exclude(webpush_info__user=person).delete()
    fields = {"p256dh": p256dh, "auth": auth, "user_agent": user_agent[:500]}
    row, is_new = SubscriptionInfo.objects.update_or_create(endpoint=endpoint, defaults=fields)
    if is_new:
        PushInformation.objects.create(user=person, subscription=row)
        mine = PushInformation.objects.filter(user=person).order_by("-pk")
        drop(mine.values_list("subscription_id", flat=True)[settings.OPIC_PUSH_DEVICES :])
    return int(row.pk)


def drop(ids: Iterable[int]) -> None:
    """Delete the subscriptions with these ids."""
    SubscriptionInfo.objects.filter(pk__in=list(ids)).delete()


def drop_endpoint(person: User, endpoint: str) -> None:
    """Delete the person's subscription at this endpoint; nobody else's."""
    SubscriptionInfo.objects.filter(webpush_info__user=person, endpoint=endpoint).delete()


def drop_all(person: User) -> None:
    """Delete a person's subscriptions before the person: the library's rows would outlive them."""
    SubscriptionInfo.objects.filter(webpush_info__user=person).delete()


def drop_orphans() -> None:
    """Delete subscriptions of people who were deleted in the admin."""
    SubscriptionInfo.objects.filter(webpush_info=None).delete()
