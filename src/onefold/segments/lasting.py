"""What is kept of segments with ``hold``: of whom it is plain that they are no members as long as their row holds.

Of everybody else whose predicate is false, only the timeline tells whether it was true a while ago.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onefold.features.engine import Engine
from onefold.language.columns import BoolArray
from onefold.profiles.words import Rows
from onefold.segments.definitions import SegmentSet
from onefold.segments.hold import Holding

Words = NDArray[np.int64]

_BITS = 62


class Lasting:
    """The words that are kept beside a genome for the segments with ``hold``, a bit each."""

    def __init__(self, segments: SegmentSet, engine: Engine) -> None:
        held = [name for name, segment in segments.segments.items() if segment.hold]
        self._places = {name: divmod(number, _BITS) for number, name in enumerate(held)}
        self._holdings = {name: Holding(segments, name, engine) for name in held}
        self.columns = -(-len(held) // _BITS)
        """How many words they are."""

    def words(self, rows: Rows, people: NDArray[np.int64], *, now: int) -> Words:
        """Return what is kept of some customers at an instant, (customers, columns)."""
        found = np.zeros((len(people) - 1, self.columns), np.int64)
        for name, (column, bit) in self._places.items():
            found[:, column] |= self._holdings[name].settled(rows, people, now=now).astype(np.int64) << bit
        return found

    def settled(self, name: str, kept: Words) -> BoolArray:
        """Return for whom it is plain that a predicate was false all the while; ``kept`` is (columns, rows)."""
        column, bit = self._places[name]
        return np.asarray((kept[column] >> bit) & 1 == 1)
