"""``recurring``: the newest amount of a chain of at least three, each a period +- 5 days after the one before."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from onefold.core.instant import DAY
from onefold.oracle.calendar import resolve, start_of_date, wall_at, zone_named
from onefold.oracle.events import OracleEvent, Value
from onefold.oracle.features import Reading, exact_number

SLACK = 5 * DAY
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def recurring(reading: Reading) -> Value:
    """Return the amount of the newest event that ends a chain; None where none does, or it is overdue."""
    newest = newest_of_chain(reading)
    if newest is None or reading.now > _due(reading, newest) + SLACK:
        return None
    return reading.value_of(newest)


def overdue_at(reading: Reading) -> list[int]:
    """Return the instant > now at which the value becomes NULL for want of the next one."""
    newest = newest_of_chain(reading)
    at = None if newest is None else _due(reading, newest) + SLACK + 1
    return [at] if at is not None and at > reading.now else []


def newest_of_chain(reading: Reading) -> OracleEvent | None:
    """Return the newest event that ends a chain of three or more."""
    seen = reading.seen()
    longest: list[int] = []  # of the chains that end with each event
    for at, event in enumerate(seen):
        longest.append(
            1 + max((longest[before] for before in range(at) if follows(reading, seen[before], event)), default=0)
        )
    return next((event for event, length in zip(reversed(seen), reversed(longest), strict=True) if length >= 3), None)


def follows(reading: Reading, before: OracleEvent, after: OracleEvent) -> bool:
    """Whether an event lies about a period after another, with about the same amount."""
    if abs(after.time - _due(reading, before)) > SLACK:
        return False
    tolerance = dict(reading.feature.options)["tolerance"]
    assert isinstance(tolerance, int | Fraction)
    was, now = exact_number(reading.value_of(before)), exact_number(reading.value_of(after))
    return abs(Fraction(now - was)) <= tolerance * abs(Fraction(was))


def _due(reading: Reading, event: OracleEvent) -> int:
    return due(event.time, reading.feature.word("every"), reading.zone)


@lru_cache(maxsize=100_000)
def due(time: int, every: str, zone_name: str) -> int:
    """Return the same wall clock a week, month, quarter or year later.

    A day or clock that does not exist gives the first instant after it, a clock that comes twice the first.

    >>> from onefold.oracle.calendar import instant, shown
    >>> shown(due(instant("2026-01-31T09:00:00Z"), "month", "UTC"), zone_named("UTC")).isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    zone = zone_named(zone_name)
    wall = wall_at(time, zone)
    if every == "week":
        return resolve(wall + timedelta(days=7), zone)
    year, month = divmod(wall.year * 12 + wall.month - 1 + MONTHS[every], 12)
    length = monthrange(year, month + 1)[1]
    if wall.day > length:
        return start_of_date(date(year, month + 1, length) + timedelta(days=1), zone)
    return resolve(wall.replace(year=year, month=month + 1), zone)
