"""A person's own today, and the time a device claims, kept within what can be true."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone

_ZONES = frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in _ZONES


def zone_or_default(name: str) -> str:
    """Return the zone a browser named, or the default one when it is not known."""
    return name if is_zone(name) else str(settings.OPIC_TIME_ZONE)


def day_of(moment: datetime, zone: str) -> date:
    return timezone.localdate(moment, timezone=ZoneInfo(zone_or_default(zone)))


def clamped(claimed: datetime, *, earliest: datetime, latest: datetime) -> datetime:
    """Keep a device's time between the ticket's issue and the receipt: its clock may be wrong."""
    return min(max(claimed, earliest), latest)


def counts_for_day(recorded_at: datetime, received_at: datetime, voiced_ms: int) -> bool:
    """Does an answer count for the day it was recorded: with enough speech, and not too late?"""
    is_speech = voiced_ms >= 1000 * settings.OPIC_STREAK_SPEECH_SECONDS
    limit = timedelta(hours=settings.OPIC_STREAK_LATE_HOURS)
    return is_speech and received_at - recorded_at <= limit
