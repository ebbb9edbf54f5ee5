"""SUBSTRING and CONCAT: texts cut and joined, by code points. CONCAT (and ``||``) is NULL if a part is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, Texts, texts_of, transform
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
from onefold.language.functions.texts import per_row
from onefold.language.values import Evaluate, Row, Value

_LONGEST = 20_000


def _substring_typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 3, 3, usage="SUBSTRING(text, start, length), where 1 is the first character")
    expect_kind(arguments, 0, Kind.CATEGORY)
    whole_constant(arguments, 1, low=1, high=_LONGEST)
    whole_constant(arguments, 2, low=0, high=_LONGEST)
    return tuple(arguments), Kind.CATEGORY


def _cut(call: Call) -> Callable[[str], str]:
    start = whole_of(call, 1) - 1
    end = start + whole_of(call, 2)
    return lambda text: text[start:end]


def _substring_numpy(call: Call, arguments: Sequence[Column]) -> Column:
    return transform(texts_of(arguments[0]), _cut(call))


def _substring_sql(call: Call, arguments: Sequence[str]) -> str:
    return f"substring({arguments[0]}, {whole_of(call, 1)}, {whole_of(call, 2)})"


def _concat_typed(arguments: Sequence[Node], _: int) -> Typed:
    expect_count(arguments, 2, 20, usage="CONCAT(text, text), with 2 to 20 texts")
    for at in range(len(arguments)):
        expect_kind(arguments, at, Kind.CATEGORY)
    return tuple(arguments), Kind.CATEGORY


def _concat_python(_: Call, arguments: Sequence[Evaluate]) -> Evaluate:
    def concat(row: Row, today: int) -> Value:
        parts: list[str] = []
        for argument in arguments:
            part = argument(row, today)
            if not isinstance(part, str):
                return None
            parts.append(part)
        return "".join(parts)

    return concat


def _concat_numpy(_: Call, arguments: Sequence[Column]) -> Column:
    joined = texts_of(arguments[0])
    for argument in arguments[1:]:
        joined = _joined(joined, texts_of(argument))
    return joined


def _joined(left: Texts, right: Texts) -> Texts:
    """Join two columns, once per distinct pair."""
    width = max(len(right.texts), 1)
    known = (left.indices >= 0) & (right.indices >= 0)
    pairs = left.indices.astype(np.int64) * width + right.indices
    distinct, places = np.unique(pairs[known], return_inverse=True)
    indices = np.full(len(pairs), -1, np.int32)
    indices[known] = places
    return Texts(indices, tuple(left.texts[pair // width] + right.texts[pair % width] for pair in distinct.tolist()))


register(
    Function(
        name="SUBSTRING",
        reach=Reach.MAPPING,
        typed=_substring_typed,
        python=lambda call, arguments: per_row(arguments[0], _cut(call)),
        numpy=_substring_numpy,
        sql=_substring_sql,
        sentence=lambda arguments: f"{arguments[2]} characters of {arguments[0]} from character {arguments[1]} on",
    )
)
register(
    Function(
        name="CONCAT",
        reach=Reach.MAPPING,
        typed=_concat_typed,
        python=_concat_python,
        numpy=_concat_numpy,
        sql=lambda _, arguments: f"({' || '.join(arguments)})",
        sentence=lambda arguments: f"{' followed by '.join(arguments)}",
    )
)
