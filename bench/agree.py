"""Before anything is timed: all engines give the same answers, every feature of every customer of a sample."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench import peers, workload
from onefold.core.ids import NULL
from onefold.features.genomes import Genomes
from onefold.language.columns import Texts

TOLERANCE = 1e-9


def ours(keys: pa.Array, genomes: Genomes) -> pa.Table:
    """Return our genomes as a table of doubles and texts; money in minor units."""
    columns = {"customer": keys}
    for name in genomes.plan.features.features:
        column = genomes.columns[name]
        if isinstance(column, Texts):
            indices = pa.array(column.indices, mask=column.indices < 0)
            columns[name] = pa.DictionaryArray.from_arrays(indices, list(column.texts)).cast(pa.string())
        else:
            columns[name] = pa.array(column.values, mask=np.isnan(column.values))
    return pa.table(columns)


def differences(mine: pa.Table, other: pa.Table, engine: str) -> list[str]:
    """Return a line for each feature in which another engine's table differs: exactly, but for means."""
    other = other.sort_by("customer")
    if not mine["customer"].combine_chunks().equals(other["customer"].combine_chunks().cast(mine["customer"].type)):
        return [f"{engine}: other customers"]
    found = []
    for at, one in enumerate(workload.filters()):
        for window in workload.windows():
            name = peers.name(at, window)
            count = _unequal(mine[name], other[name], one.aggregate)
            if count:
                found.append(f"{engine}: {name} ({one.aggregate}) differs for {count} customers")
    return found


def _unequal(mine: pa.ChunkedArray, other: pa.ChunkedArray, aggregate: str) -> int:
    if aggregate == "last":
        return int(pc.sum(pc.not_equal(_filled(mine), _filled(other))).as_py() or 0)
    empty = 0 if aggregate in ("count", "sum", "distinct") else float(NULL)
    left, right = (pc.fill_null(column.cast(pa.float64()), empty).to_numpy() for column in (mine, other))
    if aggregate == "mean":
        return int((~np.isclose(left, right, rtol=TOLERANCE, atol=0)).sum())
    return int((left != right).sum())


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")
