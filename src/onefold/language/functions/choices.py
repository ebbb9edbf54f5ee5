"""COALESCE and NULLIF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, Floats, Texts, aligned, choose, floats_of, null_mask
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, Typed, expect_count, register
from onefold.language.refusal import Refusal
from onefold.language.rules import fitted
from onefold.language.values import Evaluate, Row, Value


def some_kind(arguments: Sequence[Node], money_scale: int) -> Typed:
    """Bring the arguments to one kind; refuse those that are all NULL."""
    nodes, kind = fitted(arguments, money_scale)
    if kind is Kind.NULL:
        raise Refusal("every argument is NULL", "Give it a value.")
    return nodes, kind


def _coalesce_typed(arguments: Sequence[Node], money_scale: int) -> Typed:
    expect_count(arguments, 2, 20, usage="COALESCE(value, value), with 2 to 20 values")
    return some_kind(arguments, money_scale)


def _coalesce_python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    def coalesce(row: Row, today: int) -> Value:
        for argument in arguments:
            value = argument(row, today)
            if value is not None:
                return value
        return None

    return coalesce


def _coalesce_numpy(_: Call, arguments: Sequence[Column]) -> Column:
    return choose([~null_mask(column) for column in arguments[:-1]], arguments[:-1], arguments[-1])


def _nullif_typed(arguments: Sequence[Node], money_scale: int) -> Typed:
    expect_count(arguments, 2, 2, usage="NULLIF(value, value)")
    return some_kind(arguments, money_scale)


def _nullif_python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    value_of, unwanted_of = arguments

    def nullif(row: Row, today: int) -> Value:
        value = value_of(row, today)
        return None if value is None or value == unwanted_of(row, today) else value

    return nullif


def _nullif_numpy(_: Call, arguments: Sequence[Column]) -> Column:
    value, unwanted = arguments
    if isinstance(value, Texts):
        (left, right), texts = aligned((value, unwanted))
        return Texts(np.where(left == right, np.int32(-1), left), texts)
    if isinstance(unwanted, Texts):
        return value
    numbers = floats_of(value)
    return Floats(np.where(numbers == unwanted.values, np.nan, numbers))


def _nullif_sql(_: Call, arguments: Sequence[str]) -> str:
    """Not by nullif(), which DuckDB expands to a CASE with its operand twice: nested, that would explode."""
    return sql.applied(f"[{', '.join(arguments)}]", "CASE WHEN v[1] = v[2] THEN NULL ELSE v[1] END")


register(
    Function(
        name="COALESCE",
        reach=Reach.STANDARD,
        typed=_coalesce_typed,
        python=_coalesce_python,
        numpy=_coalesce_numpy,
        sql=lambda _, arguments: f"coalesce({', '.join(arguments)})",
        sentence=lambda arguments: f"the first known of {', '.join(arguments)}",
    )
)
register(
    Function(
        name="NULLIF",
        reach=Reach.STANDARD,
        typed=_nullif_typed,
        python=_nullif_python,
        numpy=_nullif_numpy,
        sql=_nullif_sql,
        sentence=lambda arguments: f"{arguments[0]} (unknown where it is {arguments[1]})",
    )
)
