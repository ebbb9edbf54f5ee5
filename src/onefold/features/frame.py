"""Point-in-time genomes of any Arrow table of events, without a workspace, a log or a store.

The way for a data scientist to read exact features out of Parquet, DuckDB, Polars or pandas: events in, genomes out,
by the same kernel that serves live decisions.

======================  ==========================================================================================
property                what its column may hold (NULL is NULL; a property without a column is NULL throughout)
======================  ==========================================================================================
``money``, ``number``   integers: words already, that is minor units or value * 10**scale; or decimals
``category``            strings, or a dictionary of strings: each distinct text is hashed once
``boolean``             booleans
``date``                dates
``instant``             timestamps with a zone, or integers: microseconds since 1970
``duration``            durations, or integers: microseconds
``place``               two columns, ``<name>.latitude`` and ``<name>.longitude``: integers of 1e-7 degrees, or decimals
======================  ==========================================================================================

Doubles are refused, not rounded behind the user's back; so are timestamps without a zone. One message is one row:
nothing is de-duplicated, and events of one customer, time and order stay in the order of the table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onefold.core.errors import Problems
from onefold.core.ids import NULL, text_code
from onefold.core.types import ValueType
from onefold.features import packing
from onefold.features.arrow_words import (
    MisfitError,
    Numbered,
    customers_of,
    dictionary_of,
    indices_of,
    instants_of,
    integers_of,
    number,
    texts_of,
    words_of,
)
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS, WORD_BYTES, Rows

Numbers = NDArray[np.int64]

BLOCK = 8_192
"""Rows laid out at a time: half a megabyte of records stays in a core's cache."""
DEGREES = 7
LINE = 64
CUSTOMER, TIME, ORDER, EVENT, HEADS = range(5)

_NO_ORDERS: Numbers = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Timelines of many customers: ``rows[people[c]:people[c + 1]]`` are the records of customer ``keys[c]``.

    ``keys`` ascend, ``rows`` are (events, width) records sorted by time and order, ``people`` has one more entry than
    ``keys``; ``texts`` are the categories by their codes.
    """

    keys: pa.Array
    rows: Rows
    people: Numbers
    texts: Mapping[int, str]


def genomes_of(
    table: pa.Table,
    engine: Engine,
    *,
    now: int,
    known: int = FOREVER,
    customer: str,
    time: str,
    event: str,
    order: str | None = None,
) -> tuple[pa.Array, Genomes]:
    """Return the customers of a table of events, ascending, and their genomes at ``now``.

    ``now`` is in microseconds since 1970; an event counts as known from its own time on. The other arguments name
    columns, see :func:`timelines_of`; the engine takes in the table's texts. Raises :class:`UserError` for columns
    that do not fit and for sums beyond 64 bits.

    >>> from onefold.core.document import read_yaml
    >>> from onefold.core.schema import EventType, Property, Schema
    >>> from onefold.core.zone import zone
    >>> from onefold.features.plan import build_plan
    >>> from onefold.features.reading import read_features
    >>> schema = Schema({"paid": EventType("paid", (Property("amount", ValueType.MONEY, 2),))})
    >>> section = read_yaml("features: {spend: {sum: paid.amount}}", "features/spend.yaml")
    >>> engine = Engine(build_plan(read_features([section], schema), Layout(schema)), zone("UTC"))
    >>> events = pa.table({"who": [7, 3, 7], "at": [5, 6, 9], "what": ["paid"] * 3, "amount": [100, 250, 25]})
    >>> keys, genomes = genomes_of(events, engine, now=10, customer="who", time="at", event="what")
    >>> [(key, str(genomes.value("spend", row))) for row, key in enumerate(keys.to_pylist())]
    [(3, '2.50'), (7, '1.25')]
    """
    layout = engine.plan.layout
    frame = timelines_of(table, layout, customer=customer, time=time, event=event, order=order)
    engine.texts.add(frame.texts.items())
    return frame.keys, engine.read(frame.rows, frame.people, now=now, known=known)


def timelines_of(
    table: pa.Table, layout: Layout, *, customer: str, time: str, event: str, order: str | None = None
) -> Frame:
    """Return the timelines of an unsorted table of events, a row each.

    ``customer`` names a column of integers or strings, ``time`` one of zoned timestamps or of integers (microseconds
    since 1970), ``event`` one of source names, ``order`` one of integers that order events of one time. Every other
    column that is named like a property is the value of that property for those sources that have it.
    Raises :class:`UserError` with every column that does not fit.
    """
    columns = _Columns(table, layout)
    heads = columns.heads(customer, time, event, order)
    columns.properties()
    columns.problems.raise_if_any()
    people = number(heads[0])
    columns.values[:0] = [people.numbers, *heads[1:]]
    return _laid_out(columns, people, layout.width)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column goes: of each event in the table's dictionary the word, -1 for none; codes of a dictionary."""

    words: Numbers
    codes: Numbers | None


class _Columns:
    """The columns of a table, checked and brought to integers without a step a row in Python."""

    def __init__(self, table: pa.Table, layout: Layout) -> None:
        self.problems = Problems()
        self.kinds: Numbers = np.empty(0, np.int64)
        self.ordered = False
        self.values: list[pa.ChunkedArray] = []
        self.places: list[_Place] = []
        self.texts: dict[int, str] = {}
        self._table, self._layout = table, layout
        self._sources: list[str] = []

    def heads(self, customer: str, time: str, event: str, order: str | None) -> list[pa.ChunkedArray]:
        """Return customer, time, order (0 where there is none) and event, as indices into ``kinds``."""
        events = self._required(event, texts_of)
        self._sources = [] if events is None else dictionary_of(events).to_pylist()
        customers = self._required(customer, customers_of)
        times = self._required(time, lambda column: instants_of(column, ValueType.INSTANT))
        orders = self._required(order, lambda column: integers_of(column, ValueType.NUMBER)) if order else None
        for name in self._sources:
            if name not in self._layout.sources:
                self.problems.add(f"event `{name}`", "it is not declared", f"Declare it, or leave it out of `{event}`.")
        if events is None or customers is None or times is None:
            return []
        codes = [self._layout.code(name) if name in self._layout.sources else 0 for name in self._sources]
        self.kinds = np.array(codes, np.int64)
        self.ordered = orders is not None
        return [customers, times, orders or times, indices_of(events)]

    def properties(self) -> None:
        """Take every column that is a property of some source that occurs."""
        found: dict[tuple[str, ValueType, int], Numbers] = {}
        for at, source in enumerate(self._sources):
            for known, slot in self._layout.columns.get(source, ()):
                names = [known.name]
                scale = known.scale if known.type in (ValueType.MONEY, ValueType.NUMBER) else 0
                if known.type is ValueType.PLACE:
                    names, scale = [f"{known.name}.latitude", f"{known.name}.longitude"], DEGREES
                for beside, name in enumerate(names):
                    words = found.setdefault((name, known.type, scale), np.full(len(self._sources), -1, np.int64))
                    words[at] = SLOTS + slot + beside
        for (name, kind, scale), words in found.items():
            if name in self._table.column_names:
                self._property(name, kind, scale, words)

    def _property(self, name: str, kind: ValueType, scale: int, words: Numbers) -> None:
        column = self._converted(name, lambda column: words_of(column, kind, scale))
        if column is None:
            return
        codes = None
        if kind is ValueType.CATEGORY:
            texts = dictionary_of(column).to_pylist()
            codes = np.array([*(text_code(text) for text in texts), NULL], np.int64)
            self.texts.update(zip(codes.tolist(), texts, strict=False))
            column = pc.fill_null(indices_of(column), len(texts))
        else:
            column = pc.fill_null(column, NULL)
        self.values.append(column)
        self.places.append(_Place(words, codes))

    def _required(self, name: str, convert: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray | None:
        if name not in self._table.column_names:
            self.problems.add(f"column `{name}`", "the table has none of that name", "Name one that it has.")
            return None
        column = self._converted(name, convert)
        if column is not None and column.null_count:
            why = f"it is NULL in {column.null_count} of {len(column)} rows"
            self.problems.add(f"column `{name}`", why, "Leave those rows out.")
        return column

    def _converted(self, name: str, convert: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray | None:
        column = self._table[name]
        try:
            return convert(column)
        except (MisfitError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            remedy = error.remedy if isinstance(error, MisfitError) else "Cast it in the query that makes the table."
            self.problems.add(f"column `{name}` ({column.type})", str(error), remedy)
            return None


def _laid_out(columns: _Columns, people: Numbered, width: int) -> Frame:
    """Count, fill, scatter and sort, all cores sharing the events, then the customers."""
    cores = os.cpu_count() or 1
    whole = pa.table(columns.values, names=[str(at) for at in range(len(columns.values))])
    batches = whole.to_batches(max_chunksize=BLOCK)
    edges = [len(batches) * part // cores for part in range(cores + 1)]
    shares = [batches[first:end] for first, end in pairwise(edges)]
    ordinals = np.cumsum([0, *(sum(map(len, share)) for share in shares)]).tolist()
    counts = np.zeros((cores, people.size), np.int64)
    rows = aligned_rows(len(whole), width)
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(lambda share, found: _count(share, people.lowest, found), shares, counts))
        total = counts.sum(axis=0)
        ends = np.cumsum(total)
        free = np.cumsum(counts, axis=0) - counts + (ends - total)
        list(pool.map(lambda *share: _fill(columns, people.lowest, rows, *share), shares, ordinals[:-1], free))
        present = np.flatnonzero(total)
        offsets = np.append((ends - total)[present], len(whole))
        edges = [len(present) * part // cores for part in range(cores + 1)]
        list(pool.map(lambda run: packing.sort_people(rows, offsets[run[0] : run[1] + 1]), pairwise(edges)))
    return Frame(people.of(present), rows, offsets, columns.texts)


def _count(batches: list[pa.RecordBatch], lowest: int, counts: Numbers) -> None:
    for batch in batches:
        packing.count(_numpy(batch, CUSTOMER), lowest, counts)


def _fill(
    columns: _Columns, lowest: int, rows: Rows, batches: list[pa.RecordBatch], ordinal: int, free: Numbers
) -> None:
    """Lay out batches of events, the first of which is the table's event ``ordinal``, and put them in their places."""
    buffer = aligned_rows(BLOCK, rows.shape[1])
    for batch in batches:
        block, events = buffer[: len(batch)], _numpy(batch, EVENT)
        orders = _numpy(batch, ORDER) if columns.ordered else _NO_ORDERS
        packing.put_heads(_numpy(batch, TIME), orders, events, columns.kinds, ordinal, block)
        for at, place in enumerate(columns.places, start=HEADS):
            if place.codes is None:
                packing.put_words(_numpy(batch, at), events, place.words, block)
            else:
                packing.put_codes(_numpy(batch, at), place.codes, events, place.words, block)
        packing.scatter(block, _numpy(batch, CUSTOMER), lowest, free, rows)
        ordinal += len(batch)


def _numpy(batch: pa.RecordBatch, column: int) -> Numbers:
    found: Numbers = batch.column(column).to_numpy(zero_copy_only=True)
    return found


def aligned_rows(count: int, width: int) -> Rows:
    """Return uninitialised records that begin at a cache line, so that one of 8 words lies in one line."""
    raw = np.empty(count * width * WORD_BYTES + LINE, np.uint8)
    skip = -raw.ctypes.data % LINE
    return raw[skip : skip + count * width * WORD_BYTES].view(np.uint64).reshape(count, width)
