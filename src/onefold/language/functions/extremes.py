"""LEAST and GREATEST; as in DuckDB and PostgreSQL they pass over NULLs and are NULL only where all are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, FloatArray, Floats, IndexArray, Texts, aligned, floats_of
from onefold.language.functions.base import Function, Reach, Typed, expect_count, register
from onefold.language.functions.choices import some_kind
from onefold.language.refusal import Refusal
from onefold.language.values import Evaluate, Row, Value


def _typed(arguments: Sequence[Node], money_scale: int) -> Typed:
    expect_count(arguments, 2, 20, usage="LEAST(value, value) or GREATEST(value, value), with 2 to 20 values")
    nodes, kind = some_kind(arguments, money_scale)
    if kind is Kind.BOOLEAN:
        raise Refusal("conditions have no order", "Use AND for the least and OR for the greatest.", operand=0)
    return nodes, kind


def _python(call: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    pick: Callable[..., Value] = min if call.function == "LEAST" else max

    def extreme(row: Row, today: int) -> Value:
        known = [value for argument in arguments if (value := argument(row, today)) is not None]
        return pick(known) if known else None

    return extreme


def _numpy(call: Call, arguments: Sequence[Column]) -> Column:
    least = call.function == "LEAST"
    if call.kind is Kind.CATEGORY:
        indices, texts = aligned(arguments)
        return Texts(_least_index(indices) if least else _greatest_index(indices), texts)
    values: list[FloatArray] = [floats_of(column) for column in arguments]
    found = values[0]
    for value in values[1:]:
        found = np.fmin(found, value) if least else np.fmax(found, value)
    return Floats(found)


def _least_index(indices: Sequence[IndexArray]) -> IndexArray:
    """NULL, index -1, is the largest number once read as unsigned."""
    found = indices[0].view(np.uint32)
    for index in indices[1:]:
        found = np.minimum(found, index.view(np.uint32))
    return found.view(np.int32)


def _greatest_index(indices: Sequence[IndexArray]) -> IndexArray:
    found = indices[0]
    for index in indices[1:]:
        found = np.maximum(found, index)
    return found


def _register(name: str) -> None:
    register(
        Function(
            name=name,
            reach=Reach.STANDARD,
            typed=_typed,
            python=_python,
            numpy=_numpy,
            sql=lambda _, arguments: f"{name.lower()}({', '.join(arguments)})",
            sentence=lambda arguments: f"the {name.lower()} of {', '.join(arguments)}",
        )
    )


_register("LEAST")
_register("GREATEST")
