"""Whose hour it is: quiet hours and the reminder's, on the person's own clock. No database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from opic.lib.clock import zone_or_default

HOUR = timedelta(hours=1)


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone_or_default(zone)))


def hours_at(moment: datetime, zone: str) -> set[int]:
    """Return the hour a clock on the wall shows there. When clocks were just put forward, the hour
    that was left out counts too: who chose it is not forgotten that day.
    """
    now, before = local(moment, zone).hour, local(moment - HOUR, zone).hour
    return {now, (now - 1) % 24} if (now - before) % 24 == 2 else {now}


def is_quiet(moment: datetime, zone: str, quiet_from: int, quiet_to: int) -> bool:
    """Return whether it is between these hours there, over midnight if need be. The same hour
    twice: never.
    """
    hour = local(moment, zone).hour
    if quiet_from <= quiet_to:
        return quiet_from <= hour < quiet_to
    return hour >= quiet_from or hour < quiet_to


def until(moment: datetime, zone: str, hour: int) -> timedelta:
    """Return how long until a clock there shows this hour next."""
    now = local(moment, zone)
    day = now.date() if now.hour < hour else now.date() + timedelta(days=1)
    then = datetime.combine(day, time(hour), now.tzinfo)
    return then.astimezone(UTC) - moment  # counted in UTC: a day of 23 hours is one
