"""A person's own date, and the time a device claims, limited to what can be true."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone

_ZONES = frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Return whether this names a time zone, as `Asia/Seoul` does."""
    return name in _ZONES


def zone_or_default(name: str) -> str:
    """Return the zone that a browser named, or the default one when it is unknown."""
    return name if is_zone(name) else str(settings.OPIC_TIME_ZONE)


def day_of(moment: datetime, zone: str) -> date:
    """Return the date of a moment in this time zone."""
    return timezone.localdate(moment, timezone=ZoneInfo(zone_or_default(zone)))


def clamped(claimed: datetime, *, earliest: datetime, latest: datetime) -> datetime:
    """Move a device's time between the ticket's issue and the receipt: its clock may be wrong."""
    return min(max(claimed, earliest), latest)


def counts_for_day(recorded_at: datetime, received_at: datetime, voiced_ms: int) -> bool:
    """Return whether a response counts for the day it was recorded on.

    It takes OPIC_STREAK_SPEECH_SECONDS of speech, received within OPIC_STREAK_LATE_HOURS.
    """
    is_speech = voiced_ms >= 1000 * settings.OPIC_STREAK_SPEECH_SECONDS
    limit = timedelta(hours=settings.OPIC_STREAK_LATE_HOURS)
    return is_speech and received_at - recorded_at <= limit
