"""``age``: full years since the birth date. Born on 29 February, the birthday is the 28th in common years."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onefold.core.zone import Zone

Days = NDArray[np.int64]


def birthday_in(birth: Days, year: Days) -> Days:
    """Return the birthday in a year; all in days since 1970-01-01, years in full.

    >>> from datetime import date
    >>> from onefold.core.instant import date_of, days_of
    >>> leap = np.array([days_of(date(2000, 2, 29))])
    >>> [str(date_of(int(birthday_in(leap, np.array([year]))[0]))) for year in (2024, 2025)]
    ['2024-02-29', '2025-02-28']
    """
    months = birth.astype("datetime64[D]").astype("datetime64[M]")
    day = birth - months.astype("datetime64[D]").astype(np.int64)
    month = (year - 1970) * 12 + months.astype(np.int64) % 12
    first = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(np.minimum(first + day, following - 1))


def _year(days: Days) -> Days:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def ages(birth: Days, today: int) -> Days:
    """Return full years at a day.

    >>> from datetime import date
    >>> from onefold.core.instant import days_of
    >>> born = np.array([days_of(date(2000, 2, 29))])
    >>> ages(born, days_of(date(2025, 2, 27))).tolist(), ages(born, days_of(date(2025, 2, 28))).tolist()
    ([24], [25])
    """
    year = _year(np.full_like(birth, today))
    return year - _year(birth) - (birthday_in(birth, year) > today)


def next_birthdays(birth: Days, today: int, zone: Zone) -> NDArray[np.int64]:
    """Return the instant at which each next birthday after today begins."""
    year = _year(np.full_like(birth, today))
    this = birthday_in(birth, year)
    days = np.where(this > today, this, birthday_in(birth, year + 1))
    unique, inverse = np.unique(days, return_inverse=True)
    starts = np.array([zone.start_of_day(int(day)) for day in unique], np.int64)
    return np.asarray(starts[inverse])
