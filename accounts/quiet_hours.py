"""Quiet hours, and the hour of the reminder, on the clock where the person is. No database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from opic.lib.clock import zone_or_default

HOUR = timedelta(hours=1)


def local(moment: datetime, zone: str) -> datetime:
    """Return the moment in this time zone; in the default one where its name is unknown."""
    return moment.astimezone(ZoneInfo(zone_or_default(zone)))


def hours_at(moment: datetime, zone: str) -> set[int]:
    """Return the hours, 0 to 23, that a clock shows there at this moment: usually one.

    Just after clocks were put forward, the hour that was left out counts too, so that whoever chose
    it is reminded that day.
    """
    now, before = local(moment, zone).hour, local(moment - HOUR, zone).hour
    return {now, (now - 1) % 24} if (now - before) % 24 == 2 else {now}


def is_quiet(moment: datetime, zone: str, quiet_from: int, quiet_to: int) -> bool:
    """Return whether the hour there is from `quiet_from` on and before `quiet_to`.

    The hours may span midnight; the same hour twice means never.
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
    # in UTC, so that a day of 23 or 25 hours is counted as it is
    return then.astimezone(UTC) - moment
