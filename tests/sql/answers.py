"""What DuckDB answers, as plain values like those of a genome, and whether two agree."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

import duckdb
from tests.sql.render import Renderer

from onefold.core.types import ValueType
from onefold.features.aggregates import Result
from onefold.features.values import Value
from onefold.oracle.genome import plain


def answers(connection: duckdb.DuckDBPyConnection, renderer: Renderer, name: str) -> dict[str, Value]:
    """Return a feature's value of everybody, by customer."""
    result = renderer.features.features[name].body.result
    rows = connection.execute(renderer.query(name)).fetchall()
    return {customer: _plain(value, result) for customer, value in rows}


def _plain(value: int | float | str | bool | None, result: Result) -> Value:
    if result.exact and result.type is ValueType.NUMBER and value is not None:
        assert isinstance(value, int)
        return plain(Fraction(value, 10**result.scale), result)
    return plain(value, result)


def agree(ours: Value, theirs: Value, result: Result) -> bool:
    """Whether two values agree: floats to nine digits, all else exactly, in type too.

    >>> from onefold.features.aggregates.base import COUNTED, FRACTION
    >>> agree(0.1 + 0.2, 0.3, FRACTION), agree(1, True, COUNTED), agree(None, 0, COUNTED)
    (True, False, False)
    """
    if isinstance(ours, float) and isinstance(theirs, float):
        return isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return type(ours) is type(theirs) and ours == theirs
