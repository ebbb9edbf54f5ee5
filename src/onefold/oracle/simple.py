"""The aggregates that look at events one by one: counts, sums, extremes, ends, shares, units and dates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from onefold.core.instant import DAY
from onefold.oracle.calendar import EPOCH_DATE, days, first_day, local_date, start_of_date, zone_named
from onefold.oracle.events import Value
from onefold.oracle.features import Reading, exact_number


def share(reading: Reading) -> float | None:
    """Return the part of the events of the type that pass ``where``."""
    in_window = [event for event in reading.of_type() if reading.in_window(event)]
    return float(Fraction(len(reading.seen()), len(in_window))) if in_window else None


def of_property(reading: Reading) -> Value:
    """Return ``sum``, ``mean``, ``min``, ``max``, ``first``, ``last`` or ``distinct`` of the values seen."""
    aggregate, found = reading.feature.aggregate, reading.values_seen()
    if not found:
        return 0 if aggregate in ("sum", "distinct") else None
    match aggregate:
        case "sum":
            return total(found)
        case "mean":
            return float(Fraction(total(found)) / len(found))
        case "min":
            return min(exact_number(item) for item in found)
        case "max":
            return max(exact_number(item) for item in found)
        case "first":
            return found[0]
        case "last":
            return found[-1]
        case "distinct":
            return len(set(found))
    raise ValueError(aggregate)


def of_times(reading: Reading) -> Value:
    """Return ``count``, ``since_first``, ``since_last`` or ``active``: what looks at the times alone."""
    times = [event.time for event in reading.seen()]
    if not times:
        return 0 if reading.feature.aggregate in ("count", "active") else None
    match reading.feature.aggregate, reading.feature.by:
        case "count", None:
            return len(times)
        case "since_first", None:
            return (reading.now - times[0]) / DAY
        case "since_last", None:
            return (reading.now - times[-1]) / DAY
        case "active", str(unit):
            return len({first_day(unit, local_date(time, zone_named(reading.zone))) for time in times})
    raise ValueError(reading.feature.aggregate)


def days_until(reading: Reading) -> float | None:
    """Return the days to the start of the chosen date, or to the chosen instant; None where there is none."""
    chosen = chosen_date(reading)
    if chosen is None:
        return None
    at = chosen if reading.feature.of_instants else _start_of_days(chosen, reading.zone)
    return (at - reading.now) / DAY


def chosen_date(reading: Reading) -> int | None:
    """Return the earliest date >= today among the events in the window, as days since 1970.

    Of a property of type instant it is the earliest instant >= now.
    """
    today = days(local_date(reading.now, zone_named(reading.zone)))
    least = reading.now if reading.feature.of_instants else today
    return min((day for day in reading.values_seen() if isinstance(day, int) and day >= least), default=None)


def end_of_chosen(reading: Reading) -> list[int]:
    """Return the instant at which the chosen date is over, and another one is chosen."""
    chosen = chosen_date(reading)
    if chosen is None:
        return []
    return [chosen + 1 if reading.feature.of_instants else _start_of_days(chosen + 1, reading.zone)]


def total(found: Sequence[Value]) -> int | Fraction:
    """Return the exact sum."""
    result: int | Fraction = 0
    for item in found:
        result += exact_number(item)
    return result


def _start_of_days(number: int, zone: str) -> int:
    return start_of_date(type(EPOCH_DATE).fromordinal(EPOCH_DATE.toordinal() + number), zone_named(zone))
