"""The days that are simulated, on the bank's own wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from onefold.core.instant import date_of, days_of
from onefold.simulator.arrays import Dice, Flags, Floats, Ints

DAY_SECONDS = 86_400
MORNING, EVENING = 6 * 3600, 22 * 3600
"""Nothing happens at night: no wall clock that the change to summer time skips or repeats is ever written."""


@dataclass(frozen=True, slots=True)
class Period:
    """``days`` days from ``start``; days count from 1970-01-01."""

    start: int
    days: int

    @classmethod
    def ending(cls, last: date, *, days: int) -> Period:
        """Return the days up to and with the last.

        >>> period = Period.ending(date(2026, 6, 30), days=120)
        >>> str(period.first), str(period.after), period.days
        ('2026-03-03', '2026-07-01', 120)
        """
        return cls(days_of(last) - days + 1, days)

    @property
    def end(self) -> int:
        """The day after the last."""
        return self.start + self.days

    @property
    def first(self) -> date:
        """The first day."""
        return date_of(self.start)

    @property
    def after(self) -> date:
        """The day after the last: what to ask ``--at`` so that everything counts."""
        return date_of(self.end)

    def calendar(self) -> Ints:
        """Return all days."""
        return np.arange(self.start, self.end, dtype=np.int64)

    def months(self) -> tuple[Ints, Ints]:
        """Return the first day and the length of every month that the period touches."""
        month = np.arange(_month_of(self.start), _month_of(self.end - 1) + 2, dtype=np.int64)
        starts = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return starts[:-1], np.diff(starts)

    def holds(self, day: Ints) -> Flags:
        """Tell which days lie in the period."""
        return (day >= self.start) & (day < self.end)


def _month_of(day: int) -> int:
    return int(np.int64(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def month_of_year(day: Ints) -> Ints:
    """Return 0 for January to 11.

    >>> month_of_year(np.array([0, 31])).tolist()
    [0, 1]
    """
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12)


def weekday(day: Ints) -> Ints:
    """Return 0 for Monday to 6; 1 January 1970 was a Thursday.

    >>> weekday(np.array([0, 4])).tolist()
    [3, 0]
    """
    return np.asarray((day + 3) % 7)


def working_day(day: Ints) -> Ints:
    """Return the day itself, or the Friday before a weekend."""
    return np.asarray(day - np.clip(weekday(day) - 4, 0, 2))


def by_day(dice: Dice, day: Ints, *, peak: float = 0.55) -> Ints:
    """Return seconds since 1970 on these days between morning and evening; ``peak`` is where most fall, 0 to 1."""
    hour = dice.triangular(0.0, peak, 1.0, len(day))
    return np.asarray(day * DAY_SECONDS + MORNING + (hour * (EVENING - MORNING)).astype(np.int64), np.int64)


def draw_days(dice: Dice, count: int, period: Period, weights: Floats | None = None) -> Ints:
    """Return days of the period, by weights of its days or all alike."""
    if weights is None:
        return np.asarray(period.start + (dice.random(count) * period.days).astype(np.int64), np.int64)
    edges = np.cumsum(weights)
    found = np.searchsorted(edges, dice.random(count) * edges[-1], side="right")
    return np.asarray(period.start + np.minimum(found, period.days - 1), np.int64)


def as_dates(day: Ints) -> list[str]:
    """Write days as ISO 8601.

    >>> as_dates(np.array([0]))
    ['1970-01-01']
    """
    return [str(text) for text in np.datetime_as_string(day.astype("datetime64[D]"), unit="D").tolist()]


def as_times(second: Ints) -> list[str]:
    """Write seconds as wall-clock times without offset.

    >>> as_times(np.array([90]))
    ['1970-01-01T00:01:30']
    """
    return [str(text) for text in np.datetime_as_string(second.astype("datetime64[s]"), unit="s").tolist()]
