"""Named periods of a bank's calendar: summer, Christmas, Black Friday. Days are local dates, counted from 1970-01-01.

A period is a few stretches, each of them yearly (from 1 July to 31 August) or dated (once, in one year). It has a text
of its own, from which it is read back: that text is what an expression carries once it was parsed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from onefold.core.instant import date_of, days_of

_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of every year; 29 February is the 28th in common years."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> MonthDay:
        """Read ``07-01`` (month, day); raise ``ValueError`` where no year has that day."""
        match = _MONTH_DAY.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no month and day")
        date(_LEAP_YEAR, int(match[1]), int(match[2]))  # raises where there is no such day
        return cls(int(match[1]), int(match[2]))

    def in_year(self, year: int) -> int:
        """Return the day in a year.

        >>> date_of(MonthDay(2, 29).in_year(2026)), date_of(MonthDay(2, 29).in_year(2028))
        (datetime.date(2026, 2, 28), datetime.date(2028, 2, 29))
        """
        return days_of(date(year, self.month, min(self.day, monthrange(year, self.month)[1])))

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Yearly:
    """From one day of the year to another, both included; over the new year where the second is the earlier one."""

    first: MonthDay
    last: MonthDay

    @property
    def wraps(self) -> bool:
        """Whether it runs over the new year."""
        return self.last < self.first

    def days_to(self, day: int) -> int:
        """Return the days from a day to the next start; 0 inside.

        >>> winter = Yearly(MonthDay(12, 1), MonthDay(2, 28))
        >>> [winter.days_to(days_of(date(2026, *day))) for day in ((2, 28), (3, 1), (11, 30), (12, 24))]
        [0, 275, 1, 0]
        """
        year = date_of(day).year
        first, last = self.first.in_year(year), self.last.in_year(year)
        if (day <= last or day >= first) if self.wraps else first <= day <= last:
            return 0
        return first - day if day < first else self.first.in_year(year + 1) - day

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Dated:
    """From one day to another, both included, and never again."""

    first: int
    last: int

    def days_to(self, day: int) -> int | None:
        """Return the days from a day to the start; 0 inside, None afterwards."""
        return max(self.first - day, 0) if day <= self.last else None

    def __str__(self) -> str:
        return f"{date_of(self.first)}..{date_of(self.last)}"


Stretch = Yearly | Dated


@dataclass(frozen=True, slots=True)
class Period:
    """A named period."""

    name: str
    stretches: tuple[Stretch, ...]

    def days_to(self, day: int) -> int | None:
        """Return the whole days from a day to the next start; 0 inside, None when all is past.

        >>> Period("summer", (Yearly(MonthDay(7, 1), MonthDay(8, 31)),)).days_to(days_of(date(2026, 6, 3)))
        28
        """
        return min((days for one in self.stretches if (days := one.days_to(day)) is not None), default=None)

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(map(str, self.stretches))}"


def stretch_of(first: str, last: str) -> Stretch:
    """Read a stretch from two days, both of the year (``07-01``) or both dated (``2026-11-27``).

    Raises ``ValueError`` where they are not, or where a dated one ends before it begins.
    """
    start, end = day_of(first), day_of(last)
    if isinstance(start, MonthDay) and isinstance(end, MonthDay):
        return Yearly(start, end)
    if isinstance(start, MonthDay) or isinstance(end, MonthDay):
        raise ValueError("one of the two days is of every year, and the other of one year")
    if end < start:
        raise ValueError(f"{last} is before {first}")
    return Dated(start, end)


def day_of(text: str) -> MonthDay | int:
    """Read a day of the year, or a date as days since 1970-01-01; raise ``ValueError`` where it is neither.

    >>> str(day_of("07-01")), day_of("1970-01-02")
    ('07-01', 1)
    """
    try:
        if _DATE.fullmatch(text):
            return days_of(date.fromisoformat(text))
        return MonthDay.parse(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day") from None


@lru_cache(maxsize=1024)
def period_of(text: str) -> Period:
    """Read a period back from its text.

    >>> str(period_of("winter: 12-01..02-28, 2026-11-20..2026-11-25"))
    'winter: 12-01..02-28, 2026-11-20..2026-11-25'
    """
    name, _, rest = text.partition(": ")
    return Period(name, tuple(stretch_of(*one.split("..")) for one in rest.split(", ")))


@dataclass(frozen=True, slots=True)
class Calendar:
    """A bank's calendar: ``region`` is the country whose public holidays it keeps (``CZ``, ``DE-BY``), or None."""

    region: str | None = None
    periods: Mapping[str, Period] = field(default_factory=dict)
