"""``now - span`` in plain Python, to the microsecond as the kernel has it (SEMANTICS section 3, Windows)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

from onefold.core.instant import DAY, Span, date_of, days_of
from onefold.core.zone import Zone
from onefold.features.calendar import zone_arrays


def before(home: Zone, now: int, span: Span) -> int:
    """Return where a window of a length begins at ``now``: of months, the same wall clock so many months earlier.

    What does not exist is the first instant after it; where clocks repeat an hour, the start never moves back.

    >>> from onefold.core.instant import format_instant
    >>> from onefold.core.zone import zone
    >>> utc = zone("UTC")
    >>> format_instant(before(utc, utc.parse("2026-03-31T10:00"), Span.parse("1mo")))
    '2026-03-01T00:00:00Z'
    """
    if not span.months:
        return now - span.fixed
    wall = _furthest_wall(home, now)
    day = date_of(wall // DAY)
    index = day.year * 12 + day.month - 1 - span.months
    days = _first_of_month(index) + day.day - 1
    following = _first_of_month(index + 1)
    return home.resolve(following * DAY if days >= following else days * DAY + wall % DAY)


def leaves(home: Zone, time: int, span: Span) -> int:
    """Return the first instant at which an event is outside a window that had held it."""
    if not span.months:
        return time + span.fixed + 1
    low, high = time + (span.months * 28 - 3) * DAY, time + (span.months * 31 + 4) * DAY
    while high - low > 1:
        middle = (low + high) // 2
        if before(home, middle, span) > time:
            high = middle
        else:
            low = middle
    return high


def _furthest_wall(home: Zone, now: int) -> int:
    """Return the wall clock at an instant, or the furthest it had been before being set back."""
    at = max(bisect_right(home.starts, now) - 1, 0)
    return max(now + home.offsets[at], int(zone_arrays(home).peaks[at]))


def _first_of_month(index: int) -> int:
    return days_of(date(index // 12, index % 12 + 1, 1))
