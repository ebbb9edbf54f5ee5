"""``hours``: the share of events inside some hours of the local day."""

from __future__ import annotations

from fractions import Fraction

from onefold.oracle.calendar import wall_at, zone_named
from onefold.oracle.events import OracleEvent
from onefold.oracle.features import Reading


def hours(reading: Reading) -> float | None:
    """Return the share of events that pass ``where`` and lie inside the hours.

    Of all events of the type (``of_all``, the spelling with ``share``), else of those that pass.
    """
    everything = [one for one in reading.of_type() if reading.in_window(one)]
    passing = [one for one in everything if reading.passes(one)]
    all_of_them = everything if of_all(reading) else passing
    inside = [one for one in passing if _inside(reading, one)]
    return float(Fraction(len(inside), len(all_of_them))) if all_of_them else None


def of_all(reading: Reading) -> bool:
    """Whether every event of the type counts, as for ``share``."""
    return dict(reading.feature.options)["of_all"] is True


def _inside(reading: Reading, event: OracleEvent) -> bool:
    begin, end = reading.feature.number("from"), reading.feature.number("to")
    hour = wall_at(event.time, zone_named(reading.zone)).hour
    return begin <= hour < end if begin < end else hour >= begin or hour < end
