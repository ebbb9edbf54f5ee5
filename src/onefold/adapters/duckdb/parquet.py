"""Parquet -> batches of rows, every value as the exact text that a careful writer of CSV would have
written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from onefold.adapters.duckdb.batch import Batch, Column
from onefold.adapters.duckdb.delimited import NoHeaderError, places_of
from onefold.sources.column_scope import column_names
from onefold.sources.raw import RawRow

_ROWS = 20_000


def count_rows(path: Path) -> int:
    """Return how many rows a file holds, as its footer says."""
    return int(pq.ParquetFile(path).metadata.num_rows)


def read_parquet(path: Path, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield the rows of a file; raise :class:`NoHeaderError` where it is no Parquet or lacks a wanted
    column.
    """
    try:
        file = pq.ParquetFile(path)
        names = column_names(file.schema_arrow.names)
    except (pa.ArrowException, ValueError) as error:
        raise NoHeaderError(f"it cannot be read as Parquet: {error}") from None
    places_of(names, wanted)
    first = 1
    try:
        for part in file.iter_batches(batch_size=_ROWS):
            texts = {name: _texts(column, name) for name, column in zip(names, part.columns, strict=True)}
            yield _batch(texts, path.name, wanted, first)
            first += part.num_rows
    except pa.ArrowException as error:
        raise NoHeaderError(f"it is damaged after row {first - 1:,}: {error}") from None


def _batch(texts: dict[str, Column], name: str, wanted: frozenset[str], first: int) -> Batch:
    size = len(next(iter(texts.values()), []))

    def content(at: int) -> dict[str, str | None]:
        return {column: values[at] for column, values in texts.items()}

    def raw(at: int) -> RawRow:
        return RawRow(file=name, line=first + at, text=msgspec.json.encode(content(at)).decode())

    return Batch({column: texts[column] for column in sorted(wanted)}, list(range(size)), raw, content)


def _texts(column: pa.Array, name: str) -> Column:
    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            return _texts(column.dictionary_decode(), name)
        if pa.types.is_timestamp(kind):
            micros = column.cast(pa.timestamp("us", kind.tz), safe=False)
            naive = micros.cast(pa.timestamp("us")) if kind.tz is not None else micros
            mark = "Z" if kind.tz is not None else ""
            return [moment and f"{moment}{mark}" for moment in naive.cast(pa.string()).to_pylist()]
        if pa.types.is_nested(kind):
            return [None if item is None else _json(item) for item in column.to_pylist()]
        if pa.types.is_decimal(kind):
            return [None if item is None else format(item, "f") for item in column.to_pylist()]
        if pa.types.is_float64(kind):
            finite = pc.if_else(pc.is_finite(column), column, None)
            return [None if item is None else _float(item) for item in finite.to_pylist()]
        return [text or None for text in column.cast(pa.string()).to_pylist()]
    except (pa.ArrowException, UnicodeDecodeError, TypeError) as error:
        raise NoHeaderError(f"its column `{name}` of type {kind} cannot be read as text: {error}") from None


def _float(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
