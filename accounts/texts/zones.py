"""The time zones that a person chooses from: those of our learners first, then all by region."""

from collections import defaultdict
from functools import cache
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opic.lib.clock import is_zone

Text = str | Promise
Options = list[tuple[str, Text]]

FIRST: Options = [
    ("Asia/Seoul", _("Seoul")),
    ("Asia/Ho_Chi_Minh", _("Ho Chi Minh City")),
    ("UTC", "UTC"),
]
REGIONS: dict[str, Text] = {
    "Asia": _("Asia"),
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}


@cache
def _by_region() -> dict[str, Options]:
    """Return (zone, place) pairs of each region, by place."""
    places: dict[str, Options] = defaultdict(list)
    for zone in sorted(available_timezones() - dict(FIRST).keys()):
        region, _slash, place = zone.partition("/")
        if region in REGIONS:
            places[region].append((zone, place.replace("_", " ")))
    return places


def place_of(zone: str) -> Text:
    """Return what a person calls a time zone: its place, without the region."""
    place = zone.partition("/")[2] or zone
    return dict(FIRST).get(zone) or place.replace("_", " ")


def zone_choices(own: str) -> list[tuple[Text, Options]]:
    """Return groups of options; a zone of one's own that stands in no region is among the first."""
    is_odd = is_zone(own) and own not in dict(FIRST) and own.partition("/")[0] not in REGIONS
    first = [*FIRST, (own, own)] if is_odd else FIRST
    regions = _by_region()
    return [(_("Often used"), first), *((REGIONS[key], regions[key]) for key in REGIONS)]
