"""Columns of dates that functions share: today is one date for all rows, years and days of the year are arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from onefold.language.columns import FloatArray

EPOCH = "DATE '1970-01-01'"


def each_once(columns: Sequence[FloatArray], compute: Callable[..., FloatArray]) -> FloatArray:
    """Compute a column from others; where these are constants, such as today, it is computed for one row alone.

    >>> each_once([np.broadcast_to(np.float64(2.0), (3,))], np.square).tolist()
    [4.0, 4.0, 4.0]
    """
    if any(column.strides != (0,) for column in columns):
        return compute(*columns)
    return np.broadcast_to(compute(*(column[:1] for column in columns)), columns[0].shape)


def parts_of(days: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return year, month and day of the month of each date, all of which are known.

    >>> [part.tolist() for part in parts_of(np.array([-1.0, 59.0]))]
    [[1969.0, 1970.0], [12.0, 3.0], [31.0, 1.0]]
    """
    months = days.astype(np.int64).astype("datetime64[D]").astype("datetime64[M]")
    count, first = months.astype(np.int64), months.astype("datetime64[D]").astype(np.float64)
    years: FloatArray = (count // 12 + 1970).astype(np.float64)
    return years, (count % 12 + 1).astype(np.float64), days - first + 1.0


def years_of(days: FloatArray) -> FloatArray:
    """Return the year of each date, all of which are known."""
    return parts_of(days)[0]


def day_in(years: FloatArray, month: FloatArray | int, day: FloatArray | int) -> FloatArray:
    """Return a day of each year; where the month has no such day, its last one.

    >>> (day_in(np.array([1970.0, 1972.0]), 2, 29) - day_in(np.array([1970.0, 1972.0]), 1, 1)).tolist()
    [58.0, 59.0]
    """
    months = ((years - 1970.0) * 12.0 + month - 1.0).astype(np.int64)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)
    found: FloatArray = np.minimum(first + day - 1.0, following - 1.0)
    return found


def sql_date(days: str) -> str:
    """Return SQL of the date of a number of days."""
    return f"({EPOCH} + CAST({days} AS INTEGER))"
