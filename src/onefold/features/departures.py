"""Which event must leave a window for a condition on an aggregate to flip: the third-newest for ``count > 2``.

With no new event a window only loses its oldest ones, so an aggregate runs through the values of ever shorter runs of
newest events. One pass from the newest to the oldest meets them all; the last of them that makes the condition
otherwise than it is now is the first to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.instant import Span
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.core.zone import Zone
from onefold.features import departing as step
from onefold.features import kernel, tables
from onefold.features.aggregates.base import Asked, Reduction, Result, units_of
from onefold.features.binding import Programs, bind, masks_of
from onefold.features.calendar import zone_arrays
from onefold.features.definitions import Aggregated, Collected, Feature, FeatureSet
from onefold.features.lower import Test, interval
from onefold.features.plan import Plan, build_plan
from onefold.features.reduce import collect
from onefold.features.sources import Stream
from onefold.features.tables import NEVER
from onefold.features.texts import TextTable
from onefold.features.windows import ALL_TIME, Bound
from onefold.language.ast import Compare, Literal, Name, Node
from onefold.language.lineage import names_of, uses_today
from onefold.profiles.layout import Layout
from onefold.profiles.words import Rows

Numbers = NDArray[np.int64]
_OPS = {"count": step.COUNT, "sum": step.SUM, "min": step.MIN, "max": step.MAX, "first": step.FIRST,
        "last": step.LAST, "distinct": step.DISTINCT}  # fmt: skip
_COLLECTED = Result(ValueType.NUMBER)


@dataclass(frozen=True, slots=True)
class Watch:
    """A condition on one aggregate: its events, where its window starts, and the test as the compiled step takes it."""

    stream: Stream
    start: Bound
    op: int
    kind: int = step.WITHIN
    low: int = 0
    high: int = 0
    null: bool = False
    scale: int = 1


def watch(name: str, body: Aggregated, leaf: Node) -> Watch:
    """Return what to watch an aggregate for: the flip of a condition over it alone, else any other value."""
    aggregate, start = body.aggregate.name, body.window.start
    if aggregate == "share":  # what comes or goes of the whole matters, too
        return Watch(Stream(body.source), start, step.ANY)
    if body.every_event or (body.source.startswith("traits.") and body.aggregate.every_statement):
        return Watch(Stream(body.source, None, body.where), start, step.ANY)
    stream = Stream(body.source, body.prop, body.where)
    if aggregate == "mean":
        return _of_mean(name, leaf, stream, start)
    if aggregate not in _OPS:
        return Watch(stream, start, step.NEWEST if aggregate == "since_last" else step.ANY)
    test = _test(leaf, name, body.result)
    if test is None:
        return Watch(stream, start, _OPS[aggregate], step.SAME)
    kind = step.WITHIN if test.kind == tables.BETWEEN else step.OUTSIDE
    return Watch(stream, start, _OPS[aggregate], kind, test.low, test.high, test.null)


def _test(leaf: Node, name: str, result: Result) -> Test | None:
    alone = names_of(leaf) == {name} and not uses_today(leaf)
    if not alone or result.type is ValueType.CATEGORY:
        return None
    return interval(leaf, Property(name, result.type, result.scale))


def _of_mean(name: str, leaf: Node, stream: Stream, start: Bound) -> Watch:
    """Compare a mean with a constant as doubles, as expressions do; anything else is any other value."""
    if not isinstance(leaf, Compare) or not isinstance(leaf.right, Literal) or leaf.left != Name(name, leaf.left.kind):
        return Watch(stream, start, step.ANY)
    edge = float(leaf.right.value)  # type: ignore[arg-type]
    below, above = float(np.nextafter(edge, -np.inf)), float(np.nextafter(edge, np.inf))
    interval_of = {
        "=": (edge, edge), "<>": (edge, edge), "<": (-np.inf, below), "<=": (-np.inf, edge),
        ">": (above, np.inf), ">=": (edge, np.inf),
    }  # fmt: skip
    low, high = np.array(interval_of[leaf.op]).view(np.int64).tolist()
    kind = step.OUTSIDE if leaf.op == "<>" else step.WITHIN
    return Watch(stream, start, step.MEAN, kind, low, high, scale=units_of(stream.prop))


class Departures:
    """Tells of many watches when the event leaves whose leaving flips each. Threads may share it."""

    def __init__(self, watches: Iterable[Watch], features: FeatureSet, layout: Layout, zone: Zone) -> None:
        """``features`` say how long events are retained; theirs are not read."""
        self._watches = list(dict.fromkeys(watches))
        self.number = {one: at for at, one in enumerate(self._watches)}
        """The column of each watch."""
        self._zone, self._retention = zone, features.retention
        self._bounds = list(dict.fromkeys(one.start for one in self._watches))
        by_stream: dict[Stream, list[int]] = defaultdict(list)
        for at, one in enumerate(self._watches):
            by_stream[one.stream].append(at)
        self._alike: dict[tuple[Bound, Span | None], list[int]] = defaultdict(list)
        """The watches whose events leave alike, other than by a start that glides: at the calendar's, or retained."""
        for at, one in enumerate(self._watches):
            if not self._glide(one.start):
                self._alike[one.start, self._retained(one)].append(at)
        self._tables = [self._table(places) for places in by_stream.values()]
        self._programs: Programs | None = None
        self._plan = _plan(by_stream, features, layout)

    def _table(self, places: list[int]) -> Numbers:
        rows = []
        for at in places:
            one = self._watches[at]
            start = self._bounds.index(one.start)
            rows.append((one.op, one.kind, one.low, one.high, int(one.null), one.scale, start, at))
        return np.array(rows, np.int64)

    def leaving(self, rows: Rows, people: Numbers, texts: TextTable, *, now: int) -> Numbers:
        """Return (customers, watches): the instants, NEVER where no event's leaving flips the condition."""
        found = np.full((len(people) - 1, len(self._watches)), NEVER, np.int64)
        if not self._watches:
            return found
        zone = zone_arrays(self._zone)
        zoned = (zone.starts, zone.offsets, zone.peaks)
        edges = [kernel.edge(np.array(one.row(), np.int64), now, *zoned) for one in self._bounds]
        starts = np.array(edges, np.int64)
        glides = np.array([self._glide(one) for one in self._bounds], np.int64)
        programs = self._programs = bind(self._plan, texts, self._programs)
        masks = masks_of(self._plan, rows, texts, self._zone.day(now))
        changes = np.empty(len(people) - 1, np.int64)
        for table, one in zip(self._tables, self._plan.collections, strict=True):
            events = collect(
                self._plan, one, rows, people, masks, programs, zone, now=now, known=NEVER, changes=changes
            )
            step.departures(*events[:3], table, table.view(np.float64), starts, glides, found)
        for (start, span), places in self._alike.items():
            times = found[:, places]
            seen = times != NEVER
            left = passed(start, times[seen], now, zoned)
            if span is not None:
                left = np.minimum(left, passed(Bound(span), times[seen], now, zoned))
            times[seen] = left
            found[:, places] = times
        return found

    def _glide(self, start: Bound) -> int:
        """Return how long after an event a start has passed it; 0 where that depends on more than the event's time."""
        fixed = start.span is not None and not start.span.months and not self._retention
        return start.span.fixed + 1 if fixed and start.span is not None else 0

    def _retained(self, watched: Watch) -> Span | None:
        source = watched.stream.source
        return self._retention.get(source) or self._retention.get(source.partition(".")[0])


def passed(bound: Bound, times: Numbers, now: int, zoned: tuple[Numbers, ...]) -> Numbers:
    """Return when the start of a window has gone beyond each time; ``zoned`` are the arrays of a zone."""
    if bound.start_of is not None:
        return np.full(len(times), kernel.start_of(now, int(bound.start_of), 1, *zoned), np.int64)
    if bound.span is None:
        return np.full(len(times), NEVER, np.int64)
    if not bound.span.months:
        return times + bound.span.fixed + 1
    row = np.array(bound.row(), np.int64)
    unique, places = np.unique(times, return_inverse=True)
    return np.array([kernel.passed_at(row, int(time), *zoned) for time in unique], np.int64)[places]


def _plan(streams: Iterable[Stream], features: FeatureSet, layout: Layout) -> Plan:
    """Return a plan that collects the events of streams, in their order."""
    unread = Reduction("departures", (), _unread, _unread)
    bodies = (Collected(unread, Asked((stream,), _COLLECTED), ALL_TIME) for stream in streams)
    named = {f"stream.{at:06d}": Feature(f"stream.{at:06d}", body) for at, body in enumerate(bodies)}
    return build_plan(FeatureSet(features.schema, named, features.retention), layout)


def _unread(*_: object) -> None:
    raise AssertionError("it is collected, and never reduced")
