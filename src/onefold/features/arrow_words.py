"""Arrow columns as the integers of slot words: whole columns at a time, nothing a row in Python."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onefold.core.types import ValueType
from onefold.features.lower import LARGEST

SPARSE = 65_536
"""Integer customers spread over more numbers than this, and than events, go through a dictionary."""


class MisfitError(ValueError):
    """A column that cannot be a property, and what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


def words_of(column: pa.ChunkedArray, kind: ValueType, scale: int) -> pa.ChunkedArray:
    """Return the slot words of a property; a category as a dictionary."""
    if kind is ValueType.CATEGORY:
        return texts_of(column)
    if kind is ValueType.BOOLEAN:
        if not pa.types.is_boolean(column.type):
            raise MisfitError("a boolean is wanted", "Compare it: `column = 1`.")
        return column.cast(pa.int8()).cast(pa.int64())
    if kind is ValueType.DATE:
        if not pa.types.is_date(column.type):
            raise MisfitError("a date is wanted", "Cast it to a date, in the zone of the workspace.")
        return column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    if kind in (ValueType.INSTANT, ValueType.DURATION):
        return _limited(instants_of(column, kind))
    if pa.types.is_decimal(column.type):
        return _limited(_scaled(column, scale))
    return _limited(integers_of(column, kind))


def _limited(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Refuse words beyond 2**53 - 1, which doubles would not hold."""
    ends = pc.min_max(column).as_py()
    if ends["min"] is not None and (ends["min"] < -LARGEST or ends["max"] > LARGEST):
        raise MisfitError(f"a value is beyond {LARGEST} units", "Declare fewer decimals, or leave it out.")
    return column


def integers_of(column: pa.ChunkedArray, kind: ValueType) -> pa.ChunkedArray:
    """Return integers as int64; refuse anything else."""
    if not pa.types.is_integer(column.type):
        what = "minor units as integers, or decimals" if kind is ValueType.MONEY else "integers or decimals"
        raise MisfitError(f"{what} are wanted", "Round and cast it, for instance to DECIMAL(18, 2).")
    return column.cast(pa.int64())


def _scaled(column: pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    """Return decimals as integers of 10**-scale; those with more decimals are refused by Arrow."""
    exact = column.cast(pa.decimal128(38, scale))
    return pa.chunked_array([_low_words(chunk) for chunk in exact.chunks], pa.int64())


def _low_words(decimals: pa.Array) -> pa.Array:
    pairs = np.frombuffer(decimals.buffers()[1], np.int64)[2 * decimals.offset :][: 2 * len(decimals)]
    low, high = pairs[0::2], pairs[1::2]
    null = decimals.is_null().to_numpy(zero_copy_only=False)
    if ((high != low >> 63) & ~null).any():
        raise MisfitError(f"a value is beyond {LARGEST} units", "Declare fewer decimals, or leave it out.")
    return pa.array(low.copy(), mask=null)


def instants_of(column: pa.ChunkedArray, kind: ValueType) -> pa.ChunkedArray:
    """Return instants or durations in microseconds; finer ones are refused by Arrow."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if kind is ValueType.DURATION and pa.types.is_duration(column.type):
        return column.cast(pa.duration("us")).cast(pa.int64())
    if kind is ValueType.INSTANT and pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise MisfitError(
                "a timestamp without a zone is no instant", "Say its zone, for instance AT TIME ZONE 'UTC'."
            )
        return column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    raise MisfitError(f"it is no {kind}", "Cast it, or give microseconds as integers.")


def texts_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return strings as one dictionary of distinct strings for all chunks, with int32 indices."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise MisfitError("texts are wanted", "Cast it to a string.")
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    column = column.unify_dictionaries()
    texts = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
    if texts.null_count or len(texts.unique()) < len(texts):
        column = column.cast(kind).cast(pa.string()).dictionary_encode()
    return pa.chunked_array([_plain(chunk) for chunk in column.chunks], pa.dictionary(pa.int32(), pa.string()))


def _plain(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), chunk.dictionary.cast(pa.string()))


def dictionary_of(column: pa.ChunkedArray) -> pa.Array:
    """Return the distinct texts (or integers) of a column whose chunks share one dictionary."""
    return column.chunk(0).dictionary if column.num_chunks else pa.array([], column.type.value_type)


def indices_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the indices of a dictionary column, int32."""
    return pa.chunked_array([chunk.indices for chunk in column.chunks], pa.int32())


def customers_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return customers as int64, or as a dictionary of strings."""
    return column.cast(pa.int64()) if pa.types.is_integer(column.type) else texts_of(column)


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Customers as numbers in ``lowest .. lowest + size - 1`` that ascend as their keys do.

    ``keys`` has one for each number; None where the numbers are the keys.
    """

    numbers: pa.ChunkedArray
    lowest: int
    size: int
    keys: pa.Array | None

    def of(self, places: NDArray[np.int64]) -> pa.Array:
        """Return the keys at ``places``, counted from ``lowest``."""
        return pa.array(places + self.lowest) if self.keys is None else self.keys.take(pa.array(places))


def number(customers: pa.ChunkedArray) -> Numbered:
    """Number customers by their own value where that is dense, else by the rank of their key."""
    if pa.types.is_integer(customers.type):
        ends = pc.min_max(customers).as_py()
        size = 0 if ends["min"] is None else ends["max"] - ends["min"] + 1
        if size <= max(SPARSE, len(customers)):
            return Numbered(customers, ends["min"] or 0, size, None)
        customers = customers.dictionary_encode().unify_dictionaries()
    keys = dictionary_of(customers)
    places = pc.sort_indices(keys)
    ranks = np.empty(len(keys), np.int64)
    ranks[places.to_numpy()] = np.arange(len(keys))
    return Numbered(pa.array(ranks).take(indices_of(customers)), 0, len(keys), keys.take(places))
