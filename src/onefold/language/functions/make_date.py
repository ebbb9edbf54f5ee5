"""MAKE_DATE: a date from year, month and day; NULL unless whole numbers name a day of the years 1 to 9999."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from onefold.core.instant import days_of
from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, Floats, floats_of
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, Typed, expect_count, expect_kind, register
from onefold.language.functions.months import days_in_month
from onefold.language.values import Evaluate, Row, Value, number_of


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 3, 3, usage="MAKE_DATE(year, month, day)")
    for at in range(3):
        expect_kind(arguments, at, Kind.NUMBER)
    return tuple(arguments), Kind.DATE


def make_date(year: float, month: float, day: float) -> float | None:
    """Return days since 1970-01-01, or None.

    >>> make_date(1970.0, 1.0, 2.0), make_date(2023.0, 2.0, 29.0), make_date(2023.0, 1.5, 1.0)
    (1.0, None, None)
    """
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if not (year.is_integer() and month.is_integer() and day.is_integer()):
        return None
    if day > days_in_month(int(year), int(month)):
        return None
    return float(days_of(date(int(year), int(month), int(day))))


def _python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    year_of, month_of, day_of = arguments

    def made(row: Row, today: int) -> Value:
        year, month, day = year_of(row, today), month_of(row, today), day_of(row, today)
        if year is None or month is None or day is None:
            return None
        return make_date(number_of(year), number_of(month), number_of(day))

    return made


def _numpy(_: Call, arguments: Sequence[Column]) -> Column:
    year, month, day = (floats_of(argument) for argument in arguments)
    valid = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    for part in (year, month, day):
        valid &= np.trunc(part) == part
    months = np.where(valid, (year - 1970) * 12 + (month - 1), 0).astype(np.int64)
    start = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    end = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days = np.where(valid, start + day - 1, np.nan)
    return Floats(np.where(days < end, days, np.nan))


def _sql(_: Call, arguments: Sequence[str]) -> str:
    whole = " AND ".join(f"v[{at}] = trunc(v[{at}])" for at in (1, 2, 3))
    valid = f"v[1] BETWEEN 1 AND 9999 AND v[2] BETWEEN 1 AND 12 AND v[3] BETWEEN 1 AND 31 AND {whole}"
    parts = ", ".join(f"CAST(v[{at}] AS INTEGER)" for at in (1, 2, 3))
    days = f"CAST(TRY(make_date({parts})) - DATE '1970-01-01' AS DOUBLE)"
    return sql.applied(f"[{', '.join(arguments)}]", f"CASE WHEN {valid} THEN {days} END")


register(
    Function(
        name="MAKE_DATE",
        reach=Reach.MAPPING,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=lambda arguments: f"the date of year {arguments[0]}, month {arguments[1]}, day {arguments[2]}",
    )
)
