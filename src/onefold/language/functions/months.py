"""Months and years added to a date: the same day of the month, or its last day where there is no such day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from onefold.core.instant import date_of, days_of
from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, FloatArray, Floats, floats_of
from onefold.language.functions import sql
from onefold.language.functions.base import (
    Function,
    Reach,
    Typed,
    expect_count,
    expect_kind,
    register,
    whole_constant,
    whole_of,
)
from onefold.language.literals import LARGEST_MONTHS
from onefold.language.values import FIRST_DAY, LAST_DAY, Evaluate, Row, Value, number_of


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 2, 2, usage="date + INTERVAL n MONTH")
    expect_kind(arguments, 0, Kind.DATE)
    whole_constant(arguments, 1, low=-LARGEST_MONTHS, high=LARGEST_MONTHS)
    return tuple(arguments), Kind.DATE


def add_months(days: float, months: int) -> float | None:
    """Add months to a date in days since 1970-01-01; NULL outside the years 1 to 9999.

    >>> date_of(int(add_months(days_of(date(2024, 1, 31)), 1)))
    datetime.date(2024, 2, 29)
    """
    if not FIRST_DAY <= days <= LAST_DAY:
        return None
    day = date_of(int(days))
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return float(days_of(date(year, month + 1, min(day.day, days_in_month(year, month + 1)))))


def days_in_month(year: int, month: int) -> int:
    """Return the number of days of a month of the Gregorian calendar."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    operand, months = arguments[0], whole_of(call, 1)

    def later(row: Row, today: int) -> Value:
        value = operand(row, today)
        return None if value is None else add_months(number_of(value), months)

    return later


def in_range(days: FloatArray) -> FloatArray:
    """Return dates with those outside the years 1 to 9999 made NULL."""
    result: FloatArray = np.where((days >= FIRST_DAY) & (days <= LAST_DAY), days, np.nan)
    return result


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    days = in_range(floats_of(arguments[0]))
    known = ~np.isnan(days)
    whole = np.where(known, days, 0.0).astype(np.int64)
    first = whole.astype("datetime64[D]").astype("datetime64[M]")
    of_month = whole - first.astype("datetime64[D]").astype(np.int64)
    target = first + whole_of(call, 1)
    start = target.astype("datetime64[D]").astype(np.int64)
    last = (target + 1).astype("datetime64[D]").astype(np.int64) - start - 1
    moved = (start + np.minimum(of_month, last)).astype(np.float64)
    return Floats(in_range(np.where(known, moved, np.nan)))


def _sql(call: Call, arguments: Sequence[str]) -> str:
    bounds = f"BETWEEN {FIRST_DAY} AND {LAST_DAY}"
    moved = f"DATE '1970-01-01' + CAST(v AS INTEGER) + INTERVAL ({whole_of(call, 1)}) MONTH"
    days = f"CAST(CAST({moved} AS DATE) - DATE '1970-01-01' AS DOUBLE)"
    shifted = sql.applied(arguments[0], f"CASE WHEN v {bounds} THEN {days} END")
    return sql.applied(shifted, f"CASE WHEN v {bounds} THEN v END")


register(
    Function(
        name="ADD_MONTHS",
        reach=Reach.INTERNAL,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=lambda arguments: f"{arguments[0]} plus {arguments[1]} months",
    )
)
