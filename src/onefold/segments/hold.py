"""``hold`` for many customers: those for whom it is plain are told apart at once, only the rest is walked.

A condition that is false now has been false all the while if nothing that it reads came or went, and nothing that
glides or goes by the date made it flip. That is asked of each condition by itself, by an engine that reads only this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.language.ast import And, Node, Or
from onefold.language.columns import BoolArray
from onefold.language.normal import push_not
from onefold.profiles.words import Rows, known_of, times_of
from onefold.segments.days import midnights
from onefold.segments.definitions import SegmentSet
from onefold.segments.frames import Frame, Shape
from onefold.segments.history import History
from onefold.segments.leaves import Leaf
from onefold.segments.linear import Motion, Movement
from onefold.segments.moments import Twins, seen
from onefold.segments.narrow import alone, narrow


class Holding:
    """Decides on the ``hold`` of one segment."""

    def __init__(self, segments: SegmentSet, name: str, engine: Engine) -> None:
        mine = alone(segments, name)
        self._segment, self._engine = mine.segments[name], engine
        self._pushed = push_not(self._segment.when)
        self._history = History(mine, narrow(engine, mine.expressions, mine.gates))
        self._watched: dict[Node, _Watched] = {}

    def held(
        self, true: BoolArray, present: BoolArray, rows: Rows, people: NDArray[np.int64], *, now: int, known: int
    ) -> BoolArray:
        """Return for whom the predicate was true at any instant of ``now - hold .. now``.

        ``true`` says for whom it is at ``now``; ``rows`` and ``people`` as :meth:`Engine.read` takes them.
        """
        undecided = ~true & present
        if not undecided.any():
            return true
        span = _Span(rows, people, now - self._segment.hold, now, known)
        found = true.copy()
        for person in np.flatnonzero(undecided & self._possible(self._pushed, span)).tolist():
            mine = rows[people[person] : people[person + 1]]
            found[person] = self._history.held_lately(mine, now, self._segment.name, known=known)
        return found

    def settled(self, rows: Rows, people: NDArray[np.int64], *, now: int) -> BoolArray:
        """Return for whom it is plain that the predicate was false all the while, and stays so for now.

        That is until an event comes or a window lets one go: of what AND joins, a part that no clock moves was false.
        """
        span = _Span(rows, people, now - self._segment.hold, now, FOREVER)
        movement = Movement(self._engine.plan.features)
        parts = self._pushed.operands if isinstance(self._pushed, And) else (self._pushed,)
        still = [part for part in parts if movement.of(part) is Motion.STILL]
        nobody = np.zeros(len(people) - 1, bool)
        return np.asarray(np.logical_or.reduce([nobody, *(~self._possible(part, span) for part in still)]))

    def _possible(self, node: Node, span: _Span) -> BoolArray:
        """Return for whom a predicate may have been true at any instant of a span."""
        if isinstance(node, And):
            return np.asarray(np.logical_and.reduce([self._possible(part, span) for part in node.operands]))
        if isinstance(node, Or):
            return np.asarray(np.logical_or.reduce([self._possible(part, span) for part in node.operands]))
        if node not in self._watched:
            self._watched[node] = _Watched(node, self._engine)
        return self._watched[node].possible(span)


class _Span:
    """The time from ``begin`` to ``end`` of many customers."""

    def __init__(self, rows: Rows, people: NDArray[np.int64], begin: int, end: int, known: int) -> None:
        self.rows, self.people, self.begin, self.end, self.known = rows, people, begin, end, known
        self.times, self.is_known = times_of(rows), known_of(rows) <= known

    def read(self, engine: Engine, instant: int) -> Genomes:
        """Return the genomes at an instant of the span."""
        return engine.read(self.rows, self.people, now=instant, known=self.known)

    def without_events(self, engine: Engine, first: int) -> BoolArray:
        """Return who has no event from ``first`` to the end that an engine's features see."""
        fresh = (self.times >= first) & (self.times <= self.end) & self.is_known & seen(engine.plan, self.rows)
        counts = np.concatenate([[0], np.cumsum(fresh)])
        return np.asarray(counts[self.people[1:]] == counts[self.people[:-1]])


class _Watched:
    """One condition, and an engine that reads for it alone."""

    def __init__(self, node: Node, engine: Engine) -> None:
        self._engine = narrow(engine, [node])
        self._shape, self._twins = Shape(self._engine), Twins(self._engine)
        self._leaf = Leaf(node, Movement(self._engine.plan.features))

    def possible(self, span: _Span) -> BoolArray:
        """Return for whom it may have been true at any instant of a span."""
        moves = self._leaf.moves
        if moves.segments or (moves.gliding and (moves.by_day or moves.by_age)):
            return np.ones(len(span.people) - 1, bool)
        then, now = span.read(self._twins.bare, span.begin), span.read(self._twins.bare, span.end)
        flipped = self._may_have_met(then, now) if moves.gliding else self._on_any_day(span, now)
        return ~self._still(span, then) | flipped

    def _still(self, span: _Span, then: Genomes) -> BoolArray:
        """Return for whom nothing that it reads came or went."""
        twins, first, changes = self._twins, span.begin + 1, then.changes
        if twins.units:  # a window from a calendar start changes at the next one if it holds an event
            starts = zip(twins.starts(span.begin, 0), twins.starts(span.begin, 1), strict=True)
            first = min([first, *(start for start, following in starts if following <= span.end)])
            changes = span.read(twins.gliding, span.begin).changes
        return np.asarray(span.without_events(self._engine, first) & (changes > span.end))

    def _frame(self, instant: int, genomes: Genomes) -> Frame:
        return Frame(self._shape, np.full(len(genomes), instant, np.int64), genomes.words, {})

    def _may_have_met(self, then: Genomes, now: Genomes) -> BoolArray:
        first, last = self._frame(then.now, then), self._frame(now.now, now)
        possible = self._leaf.condition.true(first) | self._leaf.condition.true(last)
        for pair in self._leaf.pairs:
            possible |= pair.order(first) != pair.order(last)
        return possible

    def _on_any_day(self, span: _Span, now: Genomes) -> BoolArray:
        instants = [span.end]
        if self._leaf.moves.by_day or self._leaf.moves.by_age:
            instants += [span.begin, *midnights(self._engine.zone, span.begin, span.end).tolist()]
        condition = self._leaf.condition
        return np.asarray(np.logical_or.reduce([condition.true(self._frame(one, now)) for one in instants]))
