"""ANNIVERSARY_WITHIN: whether the next anniversary of a date, today counting, is at most so many days away.

The first anniversary is a year after the date: neither the date itself nor one that is still to come is an
anniversary. 29 February falls on 28 February in common years.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np

from onefold.core.calendar import Calendar
from onefold.core.instant import date_of, days_of
from onefold.language.ast import Call, Kind, Node, Today
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
from onefold.language.functions.dates import EPOCH, day_in, parts_of, sql_date, years_of
from onefold.language.functions.months import days_in_month, in_range
from onefold.language.values import FIRST_DAY, LAST_DAY, Evaluate, Row, Value, number_of

MOST_DAYS = 366
_FROM, _TO = -29_219, 32_872  # 1890-01-01 and 2060-01-01
_MANY = 4_000  # rows from which on a table of all dates pays


def _resolved(arguments: Sequence[Node], _: Calendar) -> Sequence[Node]:
    expect_count(arguments, 2, 2, usage="anniversary_within(birth_date, 7), with a date and a number of days")
    return (*arguments, Today())


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_kind(arguments, 0, Kind.DATE)
    whole_constant(arguments, 1, low=0, high=MOST_DAYS)
    return tuple(arguments), Kind.BOOLEAN


def next_anniversary(day: int, today: int) -> int | None:
    """Return the next anniversary of a date, which may be today; None after the year 9999.

    >>> at = lambda *parts: days_of(date(*parts))
    >>> date_of(next_anniversary(at(2000, 2, 29), at(2026, 2, 28)))
    datetime.date(2026, 2, 28)
    >>> date_of(next_anniversary(at(2026, 5, 4), at(2026, 5, 4)))
    datetime.date(2027, 5, 4)
    """
    start, now = date_of(day), date_of(today)
    for year in (now.year, now.year + 1, start.year + 1):
        if start.year < year <= date.max.year:
            found = days_of(date(year, start.month, min(start.day, days_in_month(year, start.month))))
            if found >= today:
                return found
    return None


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    date_at, most, day_of = arguments[0], whole_of(call, 1), arguments[2]

    def within(row: Row, today: int) -> Value:
        value = date_at(row, today)
        if value is None or not FIRST_DAY <= number_of(value) <= LAST_DAY:
            return None
        now = int(number_of(day_of(row, today)))
        found = next_anniversary(int(number_of(value)), now)
        return found is not None and found - now <= most

    return within


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    most, days, today = whole_of(call, 1), floats_of(arguments[0]), floats_of(arguments[2])
    if len(days) < _MANY or today.strides != (0,):
        return Floats(_within(days, today, most))
    table = _table(float(today[0]), most)
    listed = (days >= _FROM) & (days < _FROM + len(table))
    found = table[np.where(listed, days - _FROM, 0.0).astype(np.int64)]
    rest = ~listed
    found[rest] = _within(days[rest], today[rest], most)
    return Floats(found)


def _within(days: FloatArray, today: FloatArray, most: int) -> FloatArray:
    days = in_range(days)
    known = ~np.isnan(days)
    year, month, day = parts_of(np.where(known, days, 0.0))
    following = np.maximum(years_of(today), year + 1.0)
    found = day_in(following, month, day)
    found = np.where(found < today, day_in(following + 1.0, month, day), found)
    return np.where(known, found - today <= most, np.nan)


@lru_cache(maxsize=16)
def _table(today: float, most: int) -> FloatArray:
    """Return the truth for every date from 1890 to 2059: most birth dates are among them."""
    days = np.arange(_FROM, _TO, dtype=np.float64)
    return _within(days, np.full(len(days), today), most)


def _sql(call: Call, arguments: Sequence[str]) -> str:
    start, now = sql_date("v[1]"), sql_date("v[2]")
    year = f"greatest(year({now}), year({start}) + 1)"
    both = ", ".join(
        f"CAST({start} + to_years(CAST({year}{later} - year({start}) AS INTEGER)) AS DATE) - {EPOCH}"
        for later in ("", " + 1")
    )
    found = f"list_filter([{both}], lambda day: day >= v[2])[1]"
    within = f"CASE WHEN v[1] BETWEEN {FIRST_DAY} AND {LAST_DAY} THEN {found} - v[2] <= {whole_of(call, 1)} END"
    return sql.applied(f"[{arguments[0]}, {arguments[2]}]", within)


def _sentence(arguments: Sequence[str]) -> str:
    start, most = arguments[:2]
    if most == "0":
        return f"today is an anniversary of {start}"
    return f"the next anniversary of {start} is at most {most} {'day' if most == '1' else 'days'} away"


register(
    Function(
        name="ANNIVERSARY_WITHIN",
        reach=Reach.GENOME,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=_sentence,
        resolved=_resolved,
        shown=lambda call: call.arguments[:2],
    )
)
