"""ROUND: halves away from zero. With digits it is round(x * 10^d) / 10^d in doubles, as DuckDB computes it.

1.005 is therefore 1.0 to two digits: the double nearest to 1.005 times 100 lies just below 100.5. Money is
whole minor units, for which no such case arises. The digits of a call on money count from the minor unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from onefold.language.ast import Call, Kind, Literal, Node
from onefold.language.columns import Column, FloatArray, Floats, finite_or_null, floats_of
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
from onefold.language.values import WHOLE_FROM, Evaluate, Row, Value, finite, number_of, round_half_away

MOST_DIGITS = 15


def _typed(arguments: Sequence[Node], money_scale: int) -> Typed:
    expect_count(arguments, 1, 2, usage="ROUND(number) or ROUND(number, digits)")
    expect_kind(arguments, 0, Kind.NUMBER, Kind.MONEY)
    value = arguments[0]
    scale = money_scale if value.kind is Kind.MONEY else 0
    digits = 0
    if len(arguments) == 2:
        digits = whole_constant(arguments, 1, low=scale - MOST_DIGITS, high=MOST_DIGITS)
    if digits == scale == 0:
        return (value,), value.kind
    return (value, Literal(Decimal(digits - scale), Kind.NUMBER)), value.kind


def _digits(call: Call) -> int:
    return whole_of(call, 1) if len(call.arguments) == 2 else 0


def rounded(number: float, digits: int) -> float | None:
    """Round to so many digits; what overflows on the way up is left as it is.

    >>> rounded(2.675, 2), rounded(-150.0, -2), rounded(1e308, 2)
    (2.68, -200.0, 1e+308)
    """
    if digits == 0:
        return round_half_away(number)
    power = 10.0 ** abs(digits)
    if digits < 0:
        return finite(round_half_away(number / power) * power)
    scaled = round_half_away(number * power) / power
    return number if finite(scaled) is None else scaled


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    operand, digits = arguments[0], _digits(call)

    def round_value(row: Row, today: int) -> Value:
        value = operand(row, today)
        return None if value is None else rounded(number_of(value), digits)

    return round_value


def whole_numbers(values: FloatArray) -> FloatArray:
    """Round to whole numbers, halves away from zero, as :func:`round_half_away` does."""
    whole = np.trunc(values)
    rest = values - whole
    result: FloatArray = np.where(np.abs(values) < WHOLE_FROM, whole + (rest >= 0.5) - (rest <= -0.5), values)
    return result


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    values, digits = floats_of(arguments[0]), _digits(call)
    if digits == 0:
        return Floats(whole_numbers(values))
    power = 10.0 ** abs(digits)
    if digits < 0:
        return Floats(finite_or_null(whole_numbers(values / power) * power))
    scaled = whole_numbers(values * power) / power
    return Floats(np.where(np.isinf(scaled), values, scaled))


def _sql(call: Call, arguments: Sequence[str]) -> str:
    digits = _digits(call)
    if digits < 0:
        power = sql.double(10.0**-digits)
        return sql.finite(f"(round({arguments[0]} / {power}) * {power})")
    return f"round({arguments[0]}, {digits})" if digits else f"round({arguments[0]})"


register(
    Function(
        name="ROUND",
        reach=Reach.STANDARD,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=_sql,
        sentence=lambda arguments: f"{arguments[0]} rounded",
    )
)
