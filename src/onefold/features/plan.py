"""The plan: all features of a workspace as one set of tables for the kernel.

Features over the same source and filter share one test of each event; those over the same property and window end
share one state; each window is a moment at which the state is read off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.core.instant import Span
from onefold.core.schema import EventType
from onefold.core.types import ValueType
from onefold.features import tables
from onefold.features.aggregates import Reduction, Result
from onefold.features.aggregates.base import COUNTED
from onefold.features.definitions import (
    AGE,
    BIRTH_DATE,
    Aggregated,
    Collected,
    Derived,
    FeatureSet,
    Ranked,
    Scored,
)
from onefold.features.lower import Slots, Test, lower
from onefold.features.rankings import Ranking
from onefold.features.scope import states_birth_date
from onefold.features.sources import Stream
from onefold.features.windows import Bound, Window
from onefold.language.ast import Node
from onefold.language.lineage import names_of
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS

Table = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the kernel fills; traits that only expressions read have columns too (``traits.x``)."""

    name: str
    result: Result
    empty: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share: one counted column divided by another."""

    matching: int
    all: int


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A reduction of what is collected: the column it fills, and its numbers."""

    column: int
    reduction: Reduction
    numbers: Table


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Events that are collected once for all the reductions of the same streams and window."""

    streams: Table
    window: Table
    reductions: tuple[Reduced, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """A column that compares a feature with the population's."""

    column: int
    ranking: Ranking
    of: str


@dataclass(frozen=True, eq=False)
class Plan:
    """What the kernel needs, and how its columns become features.

    ``collections`` and ``ranks`` say which columns are filled after the kernel's pass. ``derived`` are (name, body) of
    the features over others; ``above`` are expressions that others evaluate over the genome (segments, offers), so
    that it holds the traits they name. ``tests`` runs parallel to ``leaves``: sets that depend on the texts seen so
    far, and masks, are bound before a run.
    """

    features: FeatureSet
    layout: Layout
    columns: tuple[Column, ...]
    ratios: Mapping[str, Ratio]
    derived: tuple[tuple[str, Derived | Scored], ...]
    collections: tuple[Collection, ...]
    ranks: tuple[Rank, ...]
    tests: tuple[Test, ...]
    mask_sources: Mapping[int, str]
    sources: Table
    filters: Table
    groups: Table
    windows: Table
    bounds: Table
    outputs: Table
    above: tuple[Node, ...] = ()

    @cached_property
    def names_read(self) -> frozenset[str]:
        """Every name that an expression or a model reads, in features or above them."""
        bodies = [body.names for _, body in self.derived]
        return frozenset[str]().union(*bodies, *(names_of(node) for node in self.above))

    @cached_property
    def sources_read(self) -> NDArray[np.bool_]:
        """Whether some feature reads a source, by its code."""
        read = self.sources[:, tables.SOURCE_FILTERS_END] > self.sources[:, tables.SOURCE_FILTERS]
        for one in self.collections:
            read[one.streams[:, tables.STREAM_SOURCE]] = True
        return read

    @cached_property
    def reads_age(self) -> bool:
        """Whether an expression reads the built-in ``age``; without birth dates a trait may have that name."""
        return AGE in self.names_read and states_birth_date(self.features.schema)

    @cached_property
    def depends_on_texts(self) -> bool:
        """Whether a test must be laid out anew when new category texts appear (LIKE, LENGTH ...)."""
        return any(test.texts is not None for test in self.tests)

    @cached_property
    def empty(self) -> NDArray[np.int64]:
        """The words of a genome with nothing to see, one a column."""
        return np.array([column.empty for column in self.columns], np.int64)

    @cached_property
    def names(self) -> dict[str, int]:
        """The number of each column by its name."""
        return {column.name: at for at, column in enumerate(self.columns)}


def build_plan(features: FeatureSet, layout: Layout, *, above: Iterable[Node] = ()) -> Plan:
    """Compile a set of features; a pure function of its arguments, in a few milliseconds for a hundred features.

    ``above`` are expressions that will be evaluated over these genomes: the traits that they name are read too.
    """
    builder = _Builder(features, layout)
    over = tuple(above)
    derived: list[tuple[str, Derived | Scored]] = []
    for name, feature in features.features.items():
        match feature.body:
            case Aggregated() as body:
                builder.add(name, body)
            case Collected() as body:
                builder.collect(name, body)
            case Ranked() as body:
                builder.rank(name, body)
            case Derived() | Scored() as body:
                derived.append((name, body))
    for trait in sorted(_traits_named(features, over)):
        builder.add(f"traits.{trait}", features.trait(trait))
    return replace(builder.finish(tuple(derived)), above=over)


def _traits_named(features: FeatureSet, above: Iterable[Node]) -> set[str]:
    """Return the traits that are read without a feature of that name; ``age`` reads the birth date."""
    named = {name for feature in features.features.values() for name in feature.body.names}
    named |= {name for node in above for name in names_of(node)}
    if AGE in named and states_birth_date(features.schema):
        named.add(BIRTH_DATE)
    return {name for name in named if name in features.schema.traits and name not in features.features}


@dataclass(slots=True)
class _Group:
    """What one accumulation serves: its needs, and the outputs of each window's start."""

    needs: int = 0
    windows: dict[Bound, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))


_GroupKey = tuple[int, bool, Bound | None, int]  # word, required, window end, unit


@dataclass(slots=True)
class _Builder:
    features: FeatureSet
    layout: Layout
    columns: list[Column] = field(default_factory=list)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    ranks: list[Rank] = field(default_factory=list)
    collected: dict[tuple[tuple[Stream, ...], Window], list[Reduced]] = field(default_factory=lambda: defaultdict(list))
    bounds: dict[Bound, int] = field(default_factory=dict)
    filters: dict[str, dict[Node | None, dict[_GroupKey, _Group]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(_Group)))
    )

    def add(self, name: str, body: Aggregated) -> None:
        """Give a feature its column, or a share its two."""
        if body.aggregate.name != "share":
            self._output(name, body, body.where, body.result)
            return
        matching = self._output(f"{name} matching", body, body.where, COUNTED)
        total = self._output(f"{name} of", body, None, COUNTED)
        self.ratios[name] = Ratio(matching, total)

    def _output(self, name: str, body: Aggregated, where: Node | None, result: Result) -> int:
        aggregate, known = body.aggregate, body.prop
        is_trait = body.source.startswith("traits.")
        word = -1
        if known is not None:
            word = SLOTS + self.layout.slots(body.source)[known.name]
        every_event = body.every_event or (is_trait and aggregate.every_statement)
        required = known is not None and not every_event
        unit = int(body.unit) if body.unit else 0
        if aggregate.needs & tables.NEEDS_UNTIL and known is not None:
            unit = tables.UNTIL_INSTANT if known.type is ValueType.INSTANT else tables.UNTIL_DATE
        group = self.filters[body.source][where][(word, required, body.window.end, unit)]
        group.needs |= aggregate.needs
        at = len(self.columns)
        empty = 0 if result is COUNTED or aggregate.empty_is_zero else NULL if result.exact else NAN_WORD
        self.columns.append(Column(name, result, empty))
        scale = 10**result.scale if result.type is not ValueType.MONEY else 1
        group.windows[body.window.start].append((aggregate.operation_for(known), at, scale))
        return at

    def collect(self, name: str, body: Collected) -> None:
        """Give a reduction its column."""
        empty = 0 if body.asked.empty_is_zero else NULL if body.result.exact else NAN_WORD
        key = (body.streams, body.window)
        numbers = np.array(body.asked.numbers, np.int64)
        self.collected[key].append(Reduced(len(self.columns), body.reduction, numbers))
        self.columns.append(Column(name, body.result, empty))

    def rank(self, name: str, body: Ranked) -> None:
        """Give a rank its column."""
        self.ranks.append(Rank(len(self.columns), body.ranking, body.of))
        self.columns.append(Column(name, body.result, NAN_WORD))

    def bound(self, bound: Bound) -> int:
        """Return the number of a bound, giving it one at first sight."""
        return self.bounds.setdefault(bound, len(self.bounds))

    def finish(self, derived: tuple[tuple[str, Derived | Scored], ...]) -> Plan:
        """Number everything and lay it out."""
        sources = np.zeros((16 + len(self.layout.schema.sources()), 3), np.int64)
        sources[:, tables.SOURCE_RETENTION] = -1
        for source in self.layout.schema.sources():
            span = _retention(self.features.retention, source)
            if span is not None:
                sources[self.layout.code(source.name), tables.SOURCE_RETENTION] = self.bound(Bound(span))
        rows = _Rows()
        for name in sorted(self.filters):
            code = self.layout.code(name)
            sources[code, tables.SOURCE_FILTERS] = len(rows.filters)
            for where, groups in self.filters[name].items():
                self._filter(rows, name, where, groups)
            sources[code, tables.SOURCE_FILTERS_END] = len(rows.filters)
        collections = tuple(self._collection(rows, *key, some) for key, some in self.collected.items())
        return Plan(
            self.features,
            self.layout,
            tuple(self.columns),
            dict(self.ratios),
            derived,
            collections,
            tuple(self.ranks),
            tuple(rows.tests),
            dict(rows.mask_sources),
            sources,
            _table(rows.filters, 3),
            _table(rows.groups, 8),
            _table(rows.windows, 3),
            _table([bound.row() for bound in self.bounds], 4),
            _table(rows.outputs, 3),
        )

    def _collection(
        self, rows: _Rows, streams: tuple[Stream, ...], window: Window, reductions: list[Reduced]
    ) -> Collection:
        table = [self._stream(rows, stream) for stream in streams]
        ends = [self.bound(window.start), -1 if window.end is None else self.bound(window.end)]
        return Collection(_table(table, 6), np.array(ends, np.int64), tuple(reductions))

    def _stream(self, rows: _Rows, stream: Stream) -> tuple[int, ...]:
        shape = self.layout.schema.source(stream.source)
        assert shape is not None
        first = tables.PASS
        if stream.where is not None:
            first = rows.program(lower(stream.where, slots_of(shape, self.layout)), stream.source)
        word = more = -1
        if stream.prop is not None:
            word = SLOTS + self.layout.slots(stream.source)[stream.prop.name]
            more = word + 1 if stream.prop.type is ValueType.PLACE else -1
        required = int(stream.prop is not None)
        return (self.layout.code(stream.source), first, word, more, required, int(stream.to_now))

    def _filter(self, rows: _Rows, source: str, where: Node | None, groups: Mapping[_GroupKey, _Group]) -> None:
        shape = self.layout.schema.source(source)
        assert shape is not None
        first = tables.PASS
        if where is not None:
            first = rows.program(lower(where, slots_of(shape, self.layout)), source)
        begin = len(rows.groups)
        for (word, required, end, unit), group in groups.items():
            windows = len(rows.windows)
            for start, outputs in group.windows.items():
                rows.windows.append((self.bound(start), len(rows.outputs), len(rows.outputs) + len(outputs)))
                rows.outputs += outputs
            until = -1 if end is None else self.bound(end)
            code = self.layout.code(source)
            rows.groups.append((word, int(required), group.needs, until, windows, len(rows.windows), unit, code))
        rows.filters.append((first, begin, len(rows.groups)))


@dataclass(slots=True)
class _Rows:
    filters: list[tuple[int, ...]] = field(default_factory=list)
    groups: list[tuple[int, ...]] = field(default_factory=list)
    windows: list[tuple[int, ...]] = field(default_factory=list)
    outputs: list[tuple[int, ...]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    mask_sources: dict[int, str] = field(default_factory=dict)

    def program(self, tests: tuple[Test, ...], source: str) -> int:
        """Append a filter program and return the number of its first leaf; jumps become absolute."""
        first = len(self.tests)
        for test in tests:
            if test.kind == tables.MASK:
                self.mask_sources[len(self.tests)] = source
            on_true = test.on_true + first if test.on_true >= 0 else test.on_true
            on_false = test.on_false + first if test.on_false >= 0 else test.on_false
            self.tests.append(replace(test, on_true=on_true, on_false=on_false))
        return first


NAN_WORD = int(np.array([np.nan]).view(np.int64)[0])


def slots_of(source: EventType, layout: Layout) -> Slots:
    """Return where the properties of a source stand in a record."""
    words = {name: SLOTS + slot for name, slot in layout.slots(source.name).items()}
    return Slots({known.name: known for known in source.properties}, words)


def _retention(retention: Mapping[str, Span], source: EventType) -> Span | None:
    """Return how long events of a source exist; the lines of a list follow their parent."""
    return retention.get(source.name) or retention.get(source.name.partition(".")[0])


def _table(rows: list[tuple[int, ...]], width: int) -> Table:
    return np.array(rows, np.int64).reshape(len(rows), width)
