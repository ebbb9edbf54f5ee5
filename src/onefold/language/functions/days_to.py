"""DAYS_TO: whole days from today to the next start of a period of the calendar; 0 inside it, NULL when it is past."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from onefold.core.calendar import Calendar, Dated, MonthDay, Stretch, period_of
from onefold.language.ast import Call, Kind, Literal, Node, Today
from onefold.language.columns import Column, FloatArray, Floats, floats_of
from onefold.language.functions import sql
from onefold.language.functions.base import (
    Function,
    Reach,
    Typed,
    constant_text,
    expect_count,
    register,
    text_of,
)
from onefold.language.functions.dates import EPOCH, day_in, each_once, sql_date, years_of
from onefold.language.refusal import Refusal
from onefold.language.values import Evaluate, Row, Value, number_of


def _resolved(arguments: Sequence[Node], calendar: Calendar) -> Sequence[Node]:
    expect_count(arguments, 1, 1, usage="days_to('summer'), with a period of the calendar")
    name = constant_text(arguments, 0)
    period = calendar.periods.get(name)
    if period is None:
        raise Refusal("there is no period of that name in the calendar", _remedy(name, calendar), operand=0)
    return (Literal(str(period), Kind.CATEGORY), Today())


def _remedy(name: str, calendar: Calendar) -> str:
    if not calendar.periods:
        return "Name it in onefold.yaml: `calendar: {periods: {summer: {from: 07-01, to: 08-31}}}`."
    close = get_close_matches(name[:80].lower(), sorted(calendar.periods), n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    names = sorted(calendar.periods)
    return f"Use one of {', '.join(names[:12])}{' ...' if len(names) > 12 else ','} or add it to the calendar."


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    return tuple(arguments), Kind.NUMBER


@lru_cache(maxsize=4096)
def days_to(period: str, today: int) -> float | None:
    """Return the days from a day to the next start of a period, given by its text."""
    days = period_of(period).days_to(today)
    return None if days is None else float(days)


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    period, day_of = text_of(call, 0), arguments[1]

    def days(row: Row, today: int) -> Value:
        return days_to(period, int(number_of(day_of(row, today))))

    return days


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    stretches = period_of(text_of(call, 0)).stretches

    def nearest(days: FloatArray) -> FloatArray:
        found = np.full(days.shape, np.nan)
        for stretch in stretches:
            found = np.fmin(found, _days_to(stretch, days))
        return found

    return Floats(each_once([floats_of(arguments[1])], nearest))


def _days_to(stretch: Stretch, days: FloatArray) -> FloatArray:
    if isinstance(stretch, Dated):
        return np.where(days <= stretch.last, np.maximum(stretch.first - days, 0.0), np.nan)
    years = years_of(days)
    first, last = (day_in(years, one.month, one.day) for one in (stretch.first, stretch.last))
    inside = (days <= last) | (days >= first) if stretch.wraps else (first <= days) & (days <= last)
    following = day_in(years + 1.0, stretch.first.month, stretch.first.day)
    return np.where(inside, 0.0, np.where(days < first, first, following) - days)


def _sql(call: Call, arguments: Sequence[str]) -> str:
    parts = [_sql_days_to(stretch) for stretch in period_of(text_of(call, 0)).stretches]
    nearest = parts[0] if len(parts) == 1 else f"least({', '.join(parts)})"
    return sql.applied(arguments[1], f"CAST({nearest} AS DOUBLE)")


def _sql_days_to(stretch: Stretch) -> str:
    if isinstance(stretch, Dated):
        return f"CASE WHEN v <= {stretch.last} THEN greatest({stretch.first} - v, 0) END"
    first, last, following = _sql_day(stretch.first), _sql_day(stretch.last), _sql_day(stretch.first, " + 1")
    inside = f"v <= {last} OR v >= {first}" if stretch.wraps else f"v BETWEEN {first} AND {last}"
    return f"CASE WHEN {inside} THEN 0 WHEN v < {first} THEN {first} - v ELSE {following} - v END"


def _sql_day(day: MonthDay, later: str = "") -> str:
    """Return SQL of a day of the year of ``v``, in days: 29 February is the day before 1 March."""
    month, of_month, before = (3, 1, " - 1") if (day.month, day.day) == (2, 29) else (day.month, day.day, "")
    return f"(make_date(year({sql_date('v')}){later}, {month}, {of_month}) - {EPOCH}{before})"


def period_name(said: str) -> str:
    """Return a period's name in words, from its text.

    >>> period_name("black_friday: 2026-11-27..2026-11-30")
    'black friday'
    """
    return said.partition(":")[0].replace("_", " ")


register(
    Function(
        name="DAYS_TO",
        reach=Reach.GENOME,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=lambda arguments: f"the number of days to {period_name(arguments[0])}",
        resolved=_resolved,
        shown=lambda call: (Literal(period_of(text_of(call, 0)).name, Kind.CATEGORY),),
    )
)
