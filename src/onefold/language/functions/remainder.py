"""MOD: the remainder of a division, with the sign of the dividend, as in SQL; by zero it is NULL."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, Floats, floats_of
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, Typed, expect_count, expect_kind, register
from onefold.language.values import Evaluate, Row, Value, number_of


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 2, 2, usage="MOD(number, number)")
    expect_kind(arguments, 0, Kind.NUMBER)
    expect_kind(arguments, 1, Kind.NUMBER)
    return tuple(arguments), Kind.NUMBER


def _python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    dividend, divisor = arguments

    def remainder(row: Row, today: int) -> Value:
        value, by = dividend(row, today), divisor(row, today)
        if value is None or not by:
            return None
        return math.fmod(number_of(value), number_of(by))

    return remainder


def _numpy(_: Call, arguments: Sequence[Column]) -> Column:
    return Floats(np.fmod(floats_of(arguments[0]), floats_of(arguments[1])))


register(
    Function(
        name="MOD",
        reach=Reach.MAPPING,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        # Not fmod(), which DuckDB computes by a rounded division.
        sql=lambda _, arguments: sql.finite(f"mod({arguments[0]}, {arguments[1]})"),
        sentence=lambda arguments: f"the remainder of {arguments[0]} divided by {arguments[1]}",
    )
)
