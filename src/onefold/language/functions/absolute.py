"""ABS: the size of a number, an amount or a duration without its sign."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, Floats, floats_of
from onefold.language.functions.base import Function, Reach, Typed, expect_count, expect_kind, register
from onefold.language.values import Evaluate, Row, Value, number_of


def _typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 1, 1, usage="ABS(number)")
    expect_kind(arguments, 0, Kind.NUMBER, Kind.MONEY, Kind.DURATION)
    return tuple(arguments), arguments[0].kind


def _python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    operand = arguments[0]

    def absolute(row: Row, today: int) -> Value:
        value = operand(row, today)
        return None if value is None else abs(number_of(value))

    return absolute


def _numpy(_: Call, arguments: Sequence[Column]) -> Column:
    return Floats(np.abs(floats_of(arguments[0])))


register(
    Function(
        name="ABS",
        reach=Reach.STANDARD,
        typed=_typed,
        python=_python,
        numpy=_numpy,
        sql=lambda _, arguments: f"abs({arguments[0]})",
        sentence=lambda arguments: f"the size of {arguments[0]}",
    )
)
