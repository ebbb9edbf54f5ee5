"""Columns of kind instant: texts to microseconds, wall clocks resolved in the workspace's zone."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from onefold.adapters.duckdb.casts import moment, quoted, raw_name
from onefold.core.zone import Zone
from onefold.language.ast import Kind
from onefold.sources.mapping import Column

_MINUTE = 60_000_000
_ISO = r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?"

_QUICK = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z?"
"""What most times look like; a cast reads it at a sixth of the price of taking it apart."""


def with_instants(
    connection: duckdb.DuckDBPyConnection, table: pa.Table, columns: Sequence[Column], *, zone: Zone
) -> pa.Table:
    """Return a table of raw columns with a column ``v:name`` of instants (DOUBLE) for each column of that
    kind.
    """
    for column in columns:
        if column.kind is not Kind.INSTANT:
            continue
        connection.register("staged", table)
        query = f"SELECT {_parts(column)} FROM staged ORDER BY n"  # noqa: S608 - names are quoted
        found = connection.sql(query).to_arrow_table()
        connection.unregister("staged")
        wall, offset = (np.asarray(part.to_numpy(), dtype=np.float64) for part in found.columns)
        instants = np.where(np.isnan(offset), _resolved(wall, zone), wall - offset * _MINUTE)
        values = pa.array(instants, type=pa.float64(), from_pandas=True)
        table = table.append_column(f"v:{column.name}", values)
    return table


def _parts(column: Column) -> str:
    """Return the SQL of (wall clock in microseconds, offset in minutes or NULL), both NULL for what is no
    time.
    """
    text = f"trim({raw_name(column.name)})"
    if column.formats:
        wall = f"coalesce({', '.join(moment(text, form, Kind.INSTANT) for form in column.formats)})"
        return f"CAST({wall} AS DOUBLE), CAST(NULL AS DOUBLE)"
    matched = f"regexp_full_match({text}, {quoted(_ISO)})"
    day, clock, zone = (f"regexp_extract({text}, {quoted(_ISO)}, {group})" for group in (1, 2, 3))
    seconds = f"WHEN length({clock}) = 5 THEN {clock} || ':00'"
    clock = f"CASE {seconds} WHEN {clock} = '' THEN '00:00:00' ELSE {clock} END"
    quick = f"regexp_full_match({text}, {quoted(_QUICK)})"
    wall = (
        f"CASE WHEN {quick} THEN epoch_us(TRY_CAST({text} AS TIMESTAMP))"
        f" WHEN {matched} THEN epoch_us(TRY_CAST({day} || chr(32) || {clock} AS TIMESTAMP)) END"
    )
    digits = f"replace({zone}, ':', '')"
    amount = (
        f"CAST(substr({digits}, 2, 2) AS INTEGER) * 60"
        f" + CASE WHEN length({digits}) = 5 THEN CAST(substr({digits}, 4, 2) AS INTEGER) ELSE 0 END"
    )
    offset = (
        f"CASE WHEN {quick} THEN CASE WHEN {text} LIKE '%Z' THEN 0 END"
        f" WHEN NOT {matched} OR {zone} = '' THEN NULL WHEN {zone} IN ('Z', 'UTC') THEN 0"
        f" WHEN {zone} LIKE '+%' THEN {amount} ELSE -({amount}) END"
    )
    return f"CAST({wall} AS DOUBLE), CAST({offset} AS DOUBLE)"


def _resolved(wall: NDArray[np.float64], zone: Zone) -> NDArray[np.float64]:
    """Return the instants of wall clocks: the first of two, or the first after a gap; NaN stays NaN."""
    starts = np.array(zone.starts, dtype=np.float64)
    offsets = np.array(zone.offsets, dtype=np.float64)
    borders = starts[1:] + offsets[:-1]
    at = np.searchsorted(borders, np.nan_to_num(wall), side="right")
    instants = wall - offsets[at]
    resolved: NDArray[np.float64] = np.where(at > 0, np.maximum(instants, starts[at]), instants)
    return np.where(np.isnan(wall), np.nan, resolved)
