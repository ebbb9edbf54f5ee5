"""Genomes of everybody as Arrow tables, and into Parquet, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from onefold.core.errors import Place, Problem, UserError
from onefold.core.ids import NULL
from onefold.core.types import ValueType
from onefold.features.aggregates import Result
from onefold.features.genomes import Genomes
from onefold.language.columns import Texts

_MONEY_DIGITS = 38


Inside = Mapping[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def to_arrow(genomes: Genomes, customers: list[str], inside: Inside) -> pa.Table:
    """Return genomes as a table: ``customer``, a column a feature, and ``segment.NAME`` for each segment.

    Customers who do not exist yet are left out.

    Exact money and numbers are decimals, means and expressions float64, categories text, dates date32.
    """
    columns = [pa.array(customers, pa.string())]
    names = ["customer"]
    for name, feature in genomes.plan.features.features.items():
        names.append(name)
        columns.append(_column(genomes, name, feature.body.result))
    for name, members in inside.items():
        names.append(f"segment.{name}")
        columns.append(pa.array(members))
    return pa.table(columns, names=names).filter(pa.array(genomes.present))


def _column(genomes: Genomes, name: str, result: Result) -> pa.Array:
    at = genomes.plan.names.get(name)
    column = genomes.columns[name]
    if isinstance(column, Texts):
        return pa.DictionaryArray.from_arrays(
            pa.array(column.indices, mask=column.indices < 0), pa.array(column.texts, pa.string())
        ).cast(pa.string())
    if at is None or not result.exact:
        return _floats(column.values, result)
    words = genomes.words[:, at]
    return _words(np.ascontiguousarray(words), words == NULL, result)


def _words(words: np.ndarray[tuple[int], np.dtype[np.int64]], null: object, result: Result) -> pa.Array:
    whole = pa.array(words, pa.int64(), mask=null)
    if result.type is ValueType.BOOLEAN:
        return pa.array(words != 0, pa.bool_(), mask=null)
    if result.type is ValueType.DATE:
        return whole.cast(pa.int32()).cast(pa.date32())
    if result.type is ValueType.INSTANT:
        return whole.cast(pa.timestamp("us", tz="UTC"))
    if result.type is ValueType.DURATION:
        return pa.compute.divide(whole.cast(pa.float64()), 1e6)
    if not result.scale:
        return whole
    return _decimals(words, null, result.scale)


def _decimals(words: np.ndarray[tuple[int], np.dtype[np.int64]], null: object, scale: int) -> pa.Array:
    """Build decimal128 from 64-bit words without a Python object for each: low word, then its sign."""
    wide = np.empty((len(words), 2), np.int64)
    wide[:, 0], wide[:, 1] = words, words >> 63
    whole = pa.array(np.zeros(len(words), bool), pa.bool_(), mask=null)
    validity = whole.buffers()[0]
    kind = pa.decimal128(_MONEY_DIGITS, scale)
    return pa.Array.from_buffers(kind, len(words), [validity, pa.py_buffer(wide.tobytes())])


def _floats(values: np.ndarray[tuple[int], np.dtype[np.float64]], result: Result) -> pa.Array:
    null = np.isnan(values)
    if result.type is ValueType.MONEY:
        return pa.array(values / 10**result.scale, pa.float64(), mask=null)
    if result.type is ValueType.NUMBER:
        return pa.array(values, pa.float64(), mask=null)
    return _words(np.where(null, 0, values).astype(np.int64), null, result)


class Writer(Protocol):
    """Takes one table after another."""

    def __call__(self, table: pa.Table) -> None:
        """Write a table behind the ones before."""
        ...


def check_target(to: Path) -> None:
    """Raise :class:`UserError` where a file of that name cannot be written or its ending is not known."""
    if to.suffix not in (".parquet", ".csv", ".jsonl"):
        raise UserError(Problem(f"{to.name}", "its ending says no format", "Use .parquet, .csv or .jsonl."))
    if not to.parent.is_dir():
        raise UserError(Problem(f"{to}", "its folder does not exist", f"Make {to.parent} first."))


def write(tables: Iterable[pa.Table], to: Path) -> int:
    """Write tables of one schema into a file, which appears whole or not at all; return the number of rows."""
    check_target(to)
    part = to.with_name(f".{to.name}.part")
    rows = 0
    try:
        stream = iter(tables)
        first = next(stream)
        with _writer(part, to.suffix, first.schema) as put:
            for table in _chain(first, stream):
                put(table)
                rows += table.num_rows
        part.replace(to)
    except OSError as error:
        raise UserError(
            Problem(
                "the export",
                f"it cannot be written: {error.strerror or error}",
                "Choose another place.",
                Place(str(to)),
            )
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


@contextmanager
def _writer(path: Path, suffix: str, schema: pa.Schema) -> Iterator[Writer]:
    if suffix == ".parquet":
        with pa.parquet.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield parquet.write_table
    elif suffix == ".csv":
        with pa.csv.CSVWriter(path, schema) as csv:
            yield csv.write_table
    else:
        encode = msgspec.json.Encoder(decimal_format="number").encode
        with path.open("wb") as lines:

            def put(table: pa.Table) -> None:
                lines.writelines(encode(row) + b"\n" for row in table.to_pylist())

            yield put
