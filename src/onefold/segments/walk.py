"""One customer's time cut into cells in which every feature stands still or glides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.segments.intervals import Instants
from onefold.segments.moments import Moments


@dataclass(frozen=True, eq=False)
class Walk:
    """The cells from ``starts[0]`` to ``stop``, each up to the start of the next.

    ``words`` are the kernel's columns at each start. A walk that met its limit stops before it was asked to.
    """

    moments: Moments
    starts: Instants
    stop: int
    words: Instants

    @property
    def begin(self) -> int:
        """The first instant."""
        return int(self.starts[0])

    def cell_of(self, instants: Instants) -> Instants:
        """Return the number of the cell in which each instant lies."""
        return np.asarray(np.searchsorted(self.starts, instants, side="right") - 1)


def walk(moments: Moments, begin: int, stop: int, *, after: int, limit: int | None) -> Walk:
    """Cut ``begin <= t < stop`` into cells, of which at most ``limit`` start beyond ``after``."""
    starts, words, count, at = list[int](), list[Instants](), 0, begin
    while at < stop and (limit is None or count <= limit):
        starts.append(at)
        words.append(moments.at(at).words)
        at = moments.next_cut(at)
        count += at > after
    return Walk(moments, np.array(starts, np.int64), min(at, stop), np.concatenate(words))
