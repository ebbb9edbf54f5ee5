"""One expression over some rows by all three backends, as lists of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import duckdb
import numpy as np
import pyarrow as pa
from tests.language.generators import NAMES

from onefold.language.ast import Kind, Node
from onefold.language.columns import Column, Floats, Texts, texts_from
from onefold.language.to_duckdb import to_duckdb
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python
from onefold.language.values import Row, Value

TODAY = 19_782  # 2024-02-29
_ARROW = {Kind.CATEGORY: pa.string(), Kind.BOOLEAN: pa.bool_()}


def by_python(node: Node, rows: Sequence[Row]) -> list[Value]:
    evaluate = to_python(node)
    return [evaluate(row, TODAY) for row in rows]


def by_numpy(node: Node, rows: Sequence[Row]) -> list[Value]:
    columns = {name: _column(kind, [row.get(name) for row in rows]) for name, kind in NAMES.items()}
    return plain(to_numpy(node)(columns, TODAY, len(rows)), node.kind)


def by_duckdb(node: Node, rows: Sequence[Row]) -> list[Value]:
    table = pa.table({name: _array(kind, [row.get(name) for row in rows]) for name, kind in NAMES.items()})
    connection = _connection()
    connection.register("input", table)
    try:
        found = connection.execute(f"SELECT {to_duckdb(node, today=TODAY)} FROM input").fetchall()
    finally:
        connection.unregister("input")
    return [value for (value,) in found]


def _array(kind: Kind, values: Sequence[Value]) -> pa.Array:
    return pa.array(values, _ARROW.get(kind, pa.float64()))


@lru_cache(maxsize=1)
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def _column(kind: Kind, values: Sequence[Value]) -> Column:
    if kind is Kind.CATEGORY:
        return texts_from([None if value is None else str(value) for value in values])
    return Floats(np.array([np.nan if value is None else float(value) for value in values], np.float64))


def plain(column: Column, kind: Kind) -> list[Value]:
    """Return a column as the values that Python would give."""
    if isinstance(column, Texts):
        return [column.texts[index] if index >= 0 else None for index in column.indices.tolist()]
    values = [None if value != value else value for value in column.values.tolist()]
    return [value if value is None or kind is not Kind.BOOLEAN else value == 1.0 for value in values]


def on_all(node: Node, rows: Sequence[Row]) -> list[Value]:
    """Evaluate by all three, insist that they agree exactly, and return the values."""
    found = by_python(node, rows)
    assert typed(by_numpy(node, rows)) == typed(found)
    assert typed(by_duckdb(node, rows)) == typed(found)
    return found


def typed(values: Sequence[Value]) -> list[tuple[str, Value]]:
    """Tell TRUE from 1.0; -0.0 equals 0.0, every other double only itself."""
    assert all(not isinstance(value, float) or value - value == 0.0 for value in values), "never NaN or infinity"
    return [(type(value).__name__, value) for value in values]
