"""HOLIDAY: whether today is a public holiday of the bank's country or region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onefold.core.calendar import Calendar
from onefold.core.holiday import holidays_in, is_holiday
from onefold.core.instant import date_of
from onefold.language.ast import Call, Kind, Literal, Node, Today
from onefold.language.columns import Column, FloatArray, Floats, floats_of
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, Typed, expect_count, register, text_of
from onefold.language.functions.dates import each_once, years_of
from onefold.language.refusal import Refusal
from onefold.language.values import Evaluate, Row, Value, number_of


def _resolved(arguments: Sequence[Node], calendar: Calendar) -> Sequence[Node]:
    expect_count(arguments, 0, 0, usage="holiday(), with nothing between the parentheses")
    if calendar.region is None:
        why = "onefold.yaml does not say whose public holidays the bank keeps"
        raise Refusal(why, "Name the country there, such as `calendar: {holidays: CZ}`, or DE-BY with its region.")
    return (Literal(calendar.region, Kind.CATEGORY), Today())


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    return tuple(arguments), Kind.BOOLEAN


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    region, day_of = text_of(call, 0), arguments[1]

    def holiday(row: Row, today: int) -> Value:
        return is_holiday(region, int(number_of(day_of(row, today))))

    return holiday


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    region = text_of(call, 0)

    def holidays(days: FloatArray) -> FloatArray:
        years = np.unique(years_of(days)).astype(np.int64).tolist()
        every = [day for year in years for day in holidays_in(region, year)]
        return np.isin(days, np.array(every, np.float64)).astype(np.float64)

    return Floats(each_once([floats_of(arguments[1])], holidays))


def _sql(call: Call, arguments: Sequence[str]) -> str:
    """Return SQL with the holidays of three years: today is a constant there."""
    region, today = text_of(call, 0), arguments[1]
    year = date_of(int(sql.read_double(today))).year
    days = sorted(day for one in (year - 1, year, year + 1) for day in holidays_in(region, one))
    return f"({today} IN ({', '.join(map(sql.double, days))}))" if days else "FALSE"


register(
    Function(
        name="HOLIDAY",
        reach=Reach.GENOME,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=lambda arguments: f"today is a public holiday ({arguments[0]})",
        resolved=_resolved,
        shown=lambda _: (),
    )
)
