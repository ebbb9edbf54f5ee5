"""Who is in which segment, read aloud: one customer, one instant, one segment after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from onefold.language.lineage import names_of
from onefold.language.values import Value as SeenValue
from onefold.oracle.consent import is_granted
from onefold.oracle.events import OracleEvent
from onefold.oracle.genome import Oracle, Row, row_of, truth
from onefold.segments.definitions import Segment, SegmentSet, name_in_row


@dataclass(frozen=True, slots=True)
class SegmentOracle:
    """The segments of a workspace, over an oracle of its genomes that knows of their predicates."""

    segments: SegmentSet
    oracle: Oracle

    def members(
        self, events: Sequence[OracleEvent], *, now: int, known: int, only: frozenset[str] | None = None
    ) -> frozenset[str]:
        """Return the segments of a customer who exists at ``now``; ``only`` some, with all that they are built on."""
        row = row_of(self.oracle.genome(events, now=now, known=known))
        inside: dict[str, SeenValue] = {}
        taken: set[str] = set()
        for name in self.segments.order:
            if only is not None and name not in only:
                continue
            segment = self.segments.segments[name]
            holds = self._holds(segment, row.with_more(inside), events, now, known)
            first = segment.dimension is None or segment.dimension not in taken
            if holds and segment.dimension is not None:
                taken.add(segment.dimension)
            purpose = segment.purpose
            granted = purpose is None or is_granted(events, purpose, None, now=now, known=known)
            inside[name_in_row(name)] = holds and first and granted
        return frozenset(name for name in self.segments.segments if inside.get(name_in_row(name)))

    def _below(self, segment: Segment) -> frozenset[str]:
        """Return the segments that a predicate is built on, and those before them in their dimensions."""
        found: set[str] = set()
        waiting = [segment]
        while waiting:
            one = waiting.pop()
            named = {name for name in self.segments.segments if name_in_row(name) in names_of(one.when)}
            if one is not segment and one.dimension is not None:
                named |= {other.name for other in self.segments.of_dimension(one.dimension)}
            waiting += [self.segments.segments[name] for name in named - found]
            found |= named
        return frozenset(found)

    def _holds(self, segment: Segment, row: Row, events: Sequence[OracleEvent], now: int, known: int) -> bool:
        """Whether the predicate is true now, or with ``hold`` was at an instant of the time before."""
        if truth(segment.when, row):
            return True
        if not segment.hold or not any(one.time <= now and one.known_at <= known for one in events):
            return False
        return any(self._was(segment, events, at, known) for at in self._instants(segment, events, now, known))

    def _was(self, segment: Segment, events: Sequence[OracleEvent], at: int, known: int) -> bool:
        if not any(one.time <= at and one.known_at <= known for one in events):
            return False  # nobody is in a segment before they exist
        row = row_of(self.oracle.genome(events, now=at, known=known))
        below = self._below(segment)
        members = self.members(events, now=at, known=known, only=below) if below else frozenset[str]()
        return truth(segment.when, row.with_more({name_in_row(name): name in members for name in below}))

    def _instants(self, segment: Segment, events: Sequence[OracleEvent], now: int, known: int) -> list[int]:
        """Return the instants of the hold at which anything may have begun or be about to end, and some between."""
        begin = now - segment.hold
        found = {begin, now} | {one.time for one in events if begin <= one.time <= now}
        for start in sorted(found):
            at: int | None = start
            while at is not None and at <= now:
                found.add(at)
                at = self.oracle.genome(events, now=at, known=known).next_change
        edges = sorted(found)
        between = [(one + other) // 2 for one, other in pairwise(edges)]
        return sorted({*edges, *between, *(at - 1 for at in edges if at > begin)}, reverse=True)
