"""Columns of many rows: doubles with NaN for NULL, and texts as indices into a dictionary.

String functions work on the dictionary, once per distinct text, and gather; nothing loops over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int32]

_Item = TypeVar("_Item", np.float64, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Floats:
    """All kinds but category: money in minor units, dates in days, times in µs, truth 0 or 1; NaN is NULL."""

    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Categories: ``texts[indices[row]]``, -1 for NULL; a text may stand in the dictionary more than once."""

    indices: IndexArray
    texts: tuple[str, ...]


Column = Floats | Texts


def true_mask(column: Column) -> BoolArray:
    """Return where a condition is true; unknown is not a member.

    >>> true_mask(Floats(np.array([1.0, 0.0, np.nan]))).tolist()
    [True, False, False]
    """
    mask: BoolArray = floats_of(column) == 1.0
    return mask


def null_mask(column: Column) -> BoolArray:
    """Return where a column is NULL."""
    mask: BoolArray = column.indices < 0 if isinstance(column, Texts) else np.isnan(column.values)
    return mask


def floats_of(column: Column) -> FloatArray:
    """Return the doubles of a column that is known to hold some; a column of texts is all NULL here."""
    if isinstance(column, Floats):
        return column.values
    return np.full(len(column.indices), np.nan)


def texts_of(column: Column) -> Texts:
    """Return a column of texts; a column of doubles (the NULL constant) is all NULL here."""
    if isinstance(column, Texts):
        return column
    return Texts(np.full(len(column.values), -1, np.int32), ())


def constant(value: float | str | None, rows: int) -> Column:
    """Return a column of one value repeated; the arrays are read-only and take no memory per row."""
    if isinstance(value, str):
        return Texts(np.broadcast_to(np.int32(0), (rows,)), (value,))
    return Floats(np.broadcast_to(np.float64(np.nan if value is None else value), (rows,)))


def texts_from(values: Sequence[str | None]) -> Texts:
    """Encode texts of rows, None for NULL.

    >>> texts_from(["a", None, "a"]).indices.tolist()
    [0, -1, 0]
    """
    codes: dict[str, int] = {}
    indices = [-1 if value is None else codes.setdefault(value, len(codes)) for value in values]
    return Texts(np.array(indices, np.int32), tuple(codes))


def finite_or_null(values: FloatArray) -> FloatArray:
    """Return the values with the infinities made NULL (NaN is NULL already)."""
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def as_truth(mask: BoolArray, unknown: BoolArray) -> Floats:
    """Return a condition that is unknown where told, else as the mask says."""
    values = mask.astype(np.float64)
    values[unknown] = np.nan
    return Floats(values)


def compact(column: Texts) -> Texts:
    """Return a column of few rows over a large dictionary with the texts that occur in it alone.

    >>> compact(Texts(np.array([2, -1], np.int32), ("a", "b", "c")))
    Texts(indices=array([ 0, -1], dtype=int32), texts=('c',))
    """
    if len(column.texts) <= len(column.indices):
        return column
    used = np.unique(column.indices)
    used = used[used >= 0]
    places = np.where(column.indices < 0, -1, np.searchsorted(used, column.indices)).astype(np.int32)
    return Texts(places, tuple(column.texts[at] for at in used.tolist()))


def gather(column: Texts, per_text: Callable[[str], float | None]) -> Floats:
    """Compute a double (or NULL) once per distinct text and spread it over the rows."""
    column = compact(column)
    table = [per_text(text) for text in column.texts]
    found = np.array([np.nan if value is None else value for value in (*table, None)], np.float64)
    return Floats(found[column.indices])  # NULL is index -1: the last


def transform(column: Texts, per_text: Callable[[str], str]) -> Texts:
    """Change texts once per distinct text."""
    column = compact(column)
    return Texts(column.indices, tuple(per_text(text) for text in column.texts))


def aligned(columns: Sequence[Column]) -> tuple[list[IndexArray], tuple[str, ...]]:
    """Re-encode columns of texts over one *sorted* dictionary: their indices then compare as the texts do."""
    parts = [compact(texts_of(column)) for column in columns]
    merged = tuple(sorted({text for part in parts for text in part.texts}))
    ranks = {text: rank for rank, text in enumerate(merged)}
    tables = [np.array([*(ranks[text] for text in part.texts), -1], np.int32) for part in parts]
    return [table[part.indices] for table, part in zip(tables, parts, strict=True)], merged


def choose(masks: Sequence[BoolArray], columns: Sequence[Column], default: Column) -> Column:
    """Return per row the column of the first mask that holds, else the default."""
    if any(isinstance(column, Texts) for column in (*columns, default)):
        indices, texts = aligned((*columns, default))
        return Texts(_first(masks, indices[:-1], indices[-1]), texts)
    values = [floats_of(column) for column in columns]
    return Floats(_first(masks, values, floats_of(default)))


def _first(
    masks: Sequence[BoolArray], values: Sequence[npt.NDArray[_Item]], default: npt.NDArray[_Item]
) -> npt.NDArray[_Item]:
    result = default
    for mask, value in zip(reversed(masks), reversed(values), strict=True):
        result = np.where(mask, value, result)
    return result
