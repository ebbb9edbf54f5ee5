"""Where two values that glide meet, to the microsecond.

Between two cuts both sides of a meeting are straight lines in time, so their difference changes sign at most once,
and a line through its ends says about where. What counts is what the engine computes, with its rounding: the guess is
settled by asking the engine itself at a few instants around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from onefold.core.instant import DAY
from onefold.features.definitions import Aggregated
from onefold.features.plan import Plan
from onefold.language.columns import FloatArray
from onefold.segments.frames import Compiled, Frame, Shape
from onefold.segments.intervals import Instants, Span
from onefold.segments.linear import Meeting
from onefold.segments.walk import Walk

_NEAR = 1e-6  # of the way between two ends: so close to an end, a guess is not trusted to lie on its side of it
_ROUNDING = 1e-9  # of the values themselves, in days and the like; a microsecond is 1e-11 days
_FIRST_STEP, _GROWTH = 4, 32  # microseconds around a guess that are tried first
_NEIGHBOURS = (-2, -1, 1, 2)  # microseconds beside a meeting, where sums of several moving values may still waver


@dataclass(frozen=True, eq=False)
class Pair:
    """A meeting, compiled."""

    left: Compiled
    right: Compiled

    @classmethod
    def of(cls, meeting: Meeting) -> Pair:
        """Compile both sides."""
        return cls(Compiled(meeting[0]), Compiled(meeting[1]))

    def differences(self, frame: Frame) -> tuple[FloatArray, FloatArray]:
        """Return left - right at each instant, NaN where either is NULL, and how large the two are."""
        left, right = self.left.floats(frame), self.right.floats(frame)
        return left - right, np.maximum(np.abs(left), np.abs(right))

    def order(self, frame: Frame) -> FloatArray:
        """Return -1, 0 or 1 at each instant as the left is less, equal or more; 2 where one is NULL."""
        return np.nan_to_num(np.sign(self.differences(frame)[0]), nan=2.0)


@dataclass(frozen=True, eq=False)
class Settling:
    """Finds the meetings of one condition on one walk. ``gliding`` are the features that move by themselves."""

    walked: Walk
    shape: Shape
    members: Mapping[str, Sequence[Span]]
    gliding: Sequence[str]

    def frame(self, pairs: Sequence[Pair], cuts: Instants) -> Frame:
        """Return the columns at the starts of stretches in which no pair meets; ``pairs`` innermost first.

        ``cuts`` are where a stretch begins anyway; where pairs meet, further ones do.
        """
        for place, pair in enumerate(pairs):
            suspects = self._suspects(pair, cuts, self._words(pairs[:place], cuts))
            found = [at for suspect in suspects for at in self._settled(pair, *suspect)]
            if found:
                cuts = np.unique(np.concatenate([cuts, np.array(found, np.int64)]))
        return self._frame(cuts, self._words(pairs, cuts))

    def _frame(self, cuts: Instants, words: Instants) -> Frame:
        return Frame(self.shape, cuts, words, self.members)

    def _words(self, pairs: Sequence[Pair], cuts: Instants) -> Instants:
        """Return the kernel's columns at cuts: the engine's own wherever it matters for the order of some pair.

        Elsewhere what they were at the start of the cell, moved on, tells the order as well.
        """
        cells = self.walked.cell_of(cuts)
        starts = self.walked.starts[cells]
        words = self._later(self.walked.words[cells], cuts - starts)
        frame, close = self._frame(cuts, words), np.zeros(len(cuts), bool)
        for pair in pairs:
            difference, size = pair.differences(frame)
            close |= np.abs(difference) <= _ROUNDING * np.maximum(1.0, size)
        for place in np.flatnonzero(close & (starts != cuts)).tolist():
            words[place] = self.walked.moments.at(int(cuts[place])).words[0]
        return words

    def _later(self, words: Instants, by: Instants) -> Instants:
        """Return about what the columns are so many microseconds later."""
        later = words.copy()
        for name in self.gliding:
            column = self.shape.plan.names[name]
            later.view(np.float64)[:, column] += slope(self.shape.plan, name) * by / DAY
        return later

    def _suspects(self, pair: Pair, cuts: Instants, words: Instants) -> list[tuple[int, int, int]]:
        """Return (first, last, guess) of the stretches between cuts in which a pair may meet."""
        lasts = np.append(cuts[1:], self.walked.stop) - 1
        first, size = pair.differences(self._frame(cuts, words))
        last, later_size = pair.differences(self._frame(cuts, self._later(words, lasts - cuts)))
        way = np.abs(last - first)
        near = _NEAR * way + _ROUNDING * np.maximum(1.0, np.maximum(size, later_size))
        unsure = (np.abs(first) <= near) | (np.abs(last) <= near) | (np.sign(first) != np.sign(last))
        suspects = np.flatnonzero((lasts > cuts) & (way > 0) & unsure)  # NaN is no way
        shares = np.clip(first[suspects] / (first[suspects] - last[suspects]), 0.0, 1.0)
        lengths = (lasts - cuts)[suspects]
        guesses = cuts[suspects] + (shares * lengths).astype(np.int64)
        return list(zip(cuts[suspects].tolist(), lasts[suspects].tolist(), guesses.tolist(), strict=True))

    def _settled(self, pair: Pair, first: int, last: int, guess: int) -> list[int]:
        """Return where in ``first < t <= last`` the order of a pair changes, and the neighbours of these."""
        found: list[int] = []
        change = self._next_change(pair, first, last, guess)
        while change is not None and len(found) < 2:  # from less to equal, and from equal to more
            found.append(change)
            change = self._next_change(pair, change, last, change + 1) if change < last else None
        around = {at + by for at in found for by in (0, *_NEIGHBOURS)}
        return sorted(at for at in around if first < at <= last)

    def _next_change(self, pair: Pair, first: int, last: int, guess: int) -> int | None:
        """Return the first instant after ``first`` at which the order is another, by bisection around a guess."""
        before, step = self._order(pair, first), _FIRST_STEP
        low, high = max(first, min(guess, last) - step), max(first + 1, min(last, guess + step))
        while low > first and self._order(pair, low) != before:
            high, step = low, step * _GROWTH
            low = max(first, low - step)
        while self._order(pair, high) == before:
            if high == last:
                return None
            low, step = high, step * _GROWTH
            high = min(last, high + step)
        while high - low > 1:
            middle = (low + high) // 2
            if self._order(pair, middle) == before:
                low = middle
            else:
                high = middle
        return high

    def _order(self, pair: Pair, instant: int) -> float:
        at = np.array([instant], np.int64)
        return float(pair.order(self._frame(at, self.walked.moments.at(instant).words))[0])


def slope(plan: Plan, name: str) -> float:
    """Return the days that a gliding feature gains in a day: what was, grows; what is to come, shrinks."""
    body = plan.features.features[name].body
    assert isinstance(body, Aggregated)
    return -1.0 if body.aggregate.name == "until" else 1.0
