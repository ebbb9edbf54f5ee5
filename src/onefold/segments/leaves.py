"""The conditions that a predicate joins by AND and OR, each with what makes it flip as time passes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from onefold.core.zone import Zone
from onefold.features.columns import Columns
from onefold.language.ast import And, Node, Or
from onefold.segments.days import ages_at, days_at, midnights
from onefold.segments.frames import Compiled, Frame, Shape
from onefold.segments.intervals import Instants, Spans, common, flips, from_truth, united
from onefold.segments.linear import Movement, Moves
from onefold.segments.meetings import Pair, Settling
from onefold.segments.walk import Walk


class Leaf:
    """One condition without AND and OR."""

    def __init__(self, node: Node, movement: Movement) -> None:
        self.moves = Moves(movement, node)
        self.condition = Compiled(node)
        self.pairs = [Pair.of(meeting) for meeting in self.moves.meetings]

    @property
    def still(self) -> bool:
        """Whether it is constant between events and changes of windows."""
        moves = self.moves
        return not (moves.by_day or moves.by_age or moves.segments or moves.gliding)


class Leaves:
    """The conditions of many predicates, each compiled once however many share it."""

    def __init__(self, movement: Movement) -> None:
        self._movement = movement
        self._known: dict[Node, Leaf] = {}

    def of(self, node: Node) -> Leaf:
        """Return the leaf of a condition."""
        if node not in self._known:
            self._known[node] = Leaf(node, self._movement)
        return self._known[node]


class Truths:
    """Where conditions are true on one walk, each worked out once; ``members`` are the segments settled so far."""

    def __init__(self, walked: Walk, shape: Shape, leaves: Leaves, members: Mapping[str, Spans]) -> None:
        self._walked, self._shape, self._leaves, self._members = walked, shape, leaves, members
        self._cells = Frame(shape, walked.starts, walked.words, members)
        self._known: dict[Node, Spans] = {}

    def of(self, node: Node) -> Spans:
        """Return where a predicate is true, NOT standing at its leaves only: then AND is what is common to all."""
        if isinstance(node, Or):
            return united([self.of(part) for part in node.operands])
        if not isinstance(node, And):
            return self._of_leaf(node)
        spans = self.of(node.operands[0])
        for part in node.operands[1:]:
            if not spans:
                break
            spans = common(spans, self.of(part))
        return spans

    def _of_leaf(self, node: Node) -> Spans:
        if node not in self._known:
            leaf = self._leaves.of(node)
            frame = self._cells if leaf.still else self._frame(leaf)
            self._known[node] = from_truth(frame.instants, leaf.condition.true(frame), self._walked.stop)
        return self._known[node]

    def _frame(self, leaf: Leaf) -> Frame:
        """Return the columns at instants between which a condition cannot flip."""
        walked, cuts = self._walked, self._steps(leaf)
        if leaf.moves.gliding:
            return Settling(walked, self._shape, self._members, leaf.moves.gliding).frame(leaf.pairs, cuts)
        return Frame(self._shape, cuts, walked.words[walked.cell_of(cuts)], self._members)

    def _steps(self, leaf: Leaf) -> Instants:
        """Return the starts of the cells, and where a date, an age or a segment that it reads becomes another."""
        walked, moves = self._walked, leaf.moves
        cuts = [walked.starts]
        if moves.by_day:
            cuts.append(midnights(self._shape.zone, walked.begin, walked.stop))
        elif moves.by_age:
            cuts.append(_birthdays(walked, self._shape.zone))
        for name in moves.segments:
            edges = flips(self._members[name])
            cuts.append(edges[(edges > walked.begin) & (edges < walked.stop)])
        return np.unique(np.concatenate(cuts)) if len(cuts) > 1 else walked.starts


def _birthdays(walked: Walk, zone: Zone) -> Instants:
    every = midnights(zone, walked.begin, walked.stop)
    engine = walked.moments.engine
    births = Columns(engine.plan, {}, walked.words, engine.texts, 0).birth_dates()[walked.cell_of(every)]
    before, after = ages_at(births, days_at(zone, every - 1)), ages_at(births, days_at(zone, every))
    return np.asarray(every[np.nan_to_num(before, nan=-1.0) != np.nan_to_num(after, nan=-1.0)])
