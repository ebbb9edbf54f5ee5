"""An in-memory DuckDB that evaluates a mapping's expressions over batches of rows. It opens no file and no
socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.casts import raw_name, typed_name, typed_source
from onefold.adapters.duckdb.instants import with_instants
from onefold.core.zone import Zone
from onefold.language.ast import Kind
from onefold.language.to_duckdb import quote_identifier, to_duckdb
from onefold.sources.mapping import Column, Lookup, Mapping
from onefold.sources.rows import Output, Raw, RowPlan

_CONFIG = {
    "threads": "1",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database that reaches nothing outside itself, and whose settings are locked."""
    connection = duckdb.connect(":memory:", config=_CONFIG)
    try:
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def staged(connection: duckdb.DuckDBPyConnection, batch: Batch, columns: Sequence[Column], *, zone: Zone) -> pa.Table:
    """Return a batch as an Arrow table: ``n``, ``r:column`` texts, and ``v:column`` for instants."""
    arrays = {"n": pa.array(range(len(batch.positions)), type=pa.int64())}
    for name, texts in batch.columns.items():
        arrays[f"r:{name}"] = pa.array(texts, type=pa.string())
    return with_instants(connection, pa.table(arrays), columns, zone=zone)


def first_bad(columns: Sequence[Column]) -> str:
    """Return SQL giving the position of the first column whose text is not of its type; NULL where all
    are.
    """
    cases = [
        f"WHEN {raw_name(column.name)} IS NOT NULL AND {typed_name(column.name)} IS NULL THEN {at}"
        for at, column in enumerate(columns)
        if column.kind is not Kind.CATEGORY
    ]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS INTEGER)"


def lookup_table(at: int) -> str:
    """Return the name of the table that holds the ``at``-th lookup of a mapping."""
    return quote_identifier(f"lookup:{at}")


def _reference(mapping: Mapping, name: str, *, typed: bool) -> str:
    """Return the SQL of a column, of the mapping's own file or of a lookup."""
    head, dot, tail = name.partition(".")
    if dot:
        lookup, column = _lookup(mapping, head), tail
        kinds, prefix = (
            {known.name: known.kind for known in lookup.files.columns},
            f"{quote_identifier(head)}.",
        )
    else:
        kinds, prefix = {known.name: known.kind for known in mapping.files.columns}, "own."
        column = name
    is_typed = typed and kinds.get(column, Kind.CATEGORY) is not Kind.CATEGORY
    return prefix + (typed_name(column) if is_typed else raw_name(column))


def _lookup(mapping: Mapping, name: str) -> Lookup:
    return next(lookup for lookup in mapping.lookups if lookup.name == name)


def row_query(plan: RowPlan, *, money_scale: int) -> str:
    """Return the query that gives, for every row of the table ``batch``: its bad column, then the outputs."""
    mapping = plan.mapping
    columns = mapping.files.columns
    source = typed_source(columns, money_scale=money_scale)
    joins = "".join(_join(mapping, at, lookup) for at, lookup in enumerate(mapping.lookups))
    outputs = [f"{_output(mapping, output)} AS o{at}" for at, output in enumerate(plan.outputs)]
    return (
        f"SELECT {', '.join(['own.bad AS bad', *outputs])}"  # noqa: S608 - names are quoted, texts escaped
        f" FROM (SELECT *, {first_bad(columns)} AS bad FROM {source}) AS own{joins} ORDER BY own.n"
    )


def _join(mapping: Mapping, at: int, lookup: Lookup) -> str:
    name = quote_identifier(lookup.name)
    on = _reference(mapping, lookup.on, typed=False)
    return f" LEFT JOIN {lookup_table(at)} AS {name} ON {on} = {name}.{raw_name(lookup.key)}"


def _output(mapping: Mapping, output: Output) -> str:
    if isinstance(output, Raw):
        return _reference(mapping, output.column, typed=False)
    return to_duckdb(output, today=0, column=lambda name: _reference(mapping, name, typed=True))


def evaluate(connection: duckdb.DuckDBPyConnection, table: pa.Table, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the results of a query over one staged batch, a tuple a row, NULL as None."""
    connection.register("batch", table)
    try:
        found = connection.sql(query).to_arrow_table()
    finally:
        connection.unregister("batch")
    return zip(*(_values(column) for column in found.columns), strict=True)


def _values(column: pa.ChunkedArray) -> list[Any]:
    if column.null_count == len(column):
        return [None] * len(column)
    if pa.types.is_string(column.type):
        return _texts(column)
    if column.null_count == 0 and not pa.types.is_boolean(column.type):
        plain: list[Any] = column.to_numpy().tolist()
        return plain
    listed: list[Any] = column.to_pylist()
    return listed


def _texts(column: pa.ChunkedArray) -> list[Any]:
    """Return texts; what repeats is made once."""
    sample = column.slice(0, 1000)
    if len(sample.unique()) > len(sample) // 2:
        listed: list[Any] = column.to_pylist()
        return listed
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    texts = [*coded.dictionary.to_pylist(), None]
    return [texts[at] for at in coded.indices.fill_null(len(texts) - 1).to_numpy().tolist()]
