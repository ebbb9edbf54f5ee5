"""Periods, anniversaries and Czech holidays the slow way: by walking from day to day."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date, timedelta

DAY = timedelta(days=1)


def inside(first: str, last: str, day: date) -> bool:
    """Whether a day lies in a stretch, given as it is written in onefold.yaml."""
    if len(first) == 10:
        return date.fromisoformat(first) <= day <= date.fromisoformat(last)
    ends = [("02-28" if end == "02-29" and not isleap(day.year) else end) for end in (first, last)]
    here = day.isoformat()[5:]
    if first <= last:
        return ends[0] <= here <= ends[1]
    return here >= ends[0] or here <= ends[1]


def days_to(stretches: Iterable[tuple[str, str]], today: date) -> int | None:
    """Return the days from today to the first day on which any stretch holds; None if there is none in eight years."""
    stretches = tuple(stretches)
    for ahead in range(8 * 366):
        if any(inside(*stretch, today + ahead * DAY) for stretch in stretches):
            return ahead
    return None


def is_anniversary(start: date, day: date) -> bool:
    """Whether a day is an anniversary of another: never that day itself, nor one before."""
    moved = (start.month, start.day) == (2, 29) and not isleap(day.year)
    return day > start and (day.month, day.day) == ((2, 28) if moved else (start.month, start.day))


def anniversary_within(start: date, most: int, today: date) -> bool:
    """Whether an anniversary falls on today or on one of so many days after it."""
    return any(is_anniversary(start, today + ahead * DAY) for ahead in range(most + 1))


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Oudin's arithmetic)."""
    century, golden = year // 100, year % 19
    epact = (century - century // 4 - (century - (century - 17) // 25) // 3 + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    sunday = epact - (year + year // 4 + epact + 2 - century + century // 4) % 7
    month = 3 + (sunday + 40) // 44
    return date(year, month, sunday + 28 - 31 * (month // 4))


def czech_holiday(day: date) -> bool:
    """Whether a day is a public holiday in Czechia, by the law as it stands since 2016."""
    fixed = {"01-01", "05-01", "05-08", "07-05", "07-06", "09-28", "10-28", "11-17", "12-24", "12-25", "12-26"}
    sunday = easter(day.year)
    return day.isoformat()[5:] in fixed or day in (sunday - 2 * DAY, sunday + DAY)
