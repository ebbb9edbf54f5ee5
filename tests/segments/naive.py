"""Memberships by brute force: everything is worked out from scratch at one instant, ``hold`` by trying instants."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from tests.segments.workbench import Bench

from onefold.features.consent import granted
from onefold.features.genomes import Genomes
from onefold.features.row import Row
from onefold.language.to_python import to_python
from onefold.profiles.words import Rows
from onefold.segments.definitions import Segment
from onefold.segments.dependencies import asked_for


class Naive:
    """One customer's memberships at single instants; ``pool`` are the instants that ``hold`` tries, and its edges."""

    def __init__(self, bench: Bench, rows: Rows, pool: Iterable[int], known: int) -> None:
        self.bench, self.rows, self.known = bench, rows, known
        self.pool = sorted(pool)
        self.genome = cache(self._genome)
        self.when = cache(self._when)
        self.lately = cache(self._lately)
        self.held = cache(self._held)
        self.inside = cache(self._inside)

    def _genome(self, instant: int) -> Genomes:
        people = np.array([0, len(self.rows)], np.int64)
        return self.bench.engine.read(self.rows, people, now=instant, known=self.known)

    def _segment(self, name: str) -> Segment:
        return self.bench.segments.segments[name]

    def _when(self, name: str, instant: int) -> bool:
        genome = self.genome(instant)
        if not genome.present[0]:
            return False
        row = Row(genome, 0)
        node = self._segment(name).when
        for part in asked_for(self._segment(name)):
            row.add(f"segment.{part}", self.inside(part, instant))
        return to_python(node)(row, self.bench.zone.day(instant)) is True

    def _lately(self, name: str, instant: int) -> bool:
        hold = self._segment(name).hold
        tried = [instant - hold, *(one for one in self.pool if instant - hold <= one <= instant), instant]
        return bool(self.genome(instant).present[0]) and any(self.when(name, one) for one in tried)

    def _held(self, name: str, instant: int) -> bool:
        segment = self._segment(name)
        if not self.lately(name, instant):
            return False
        if segment.dimension is None:
            return True
        rivals = self.bench.segments.of_dimension(segment.dimension)
        return next(one.name for one in rivals if self.lately(one.name, instant)) == name

    def _inside(self, name: str, instant: int) -> bool:
        purpose = self._segment(name).purpose
        open_ = purpose is None or bool(granted(self.genome(instant), (purpose, None))[0])
        return open_ and self.held(name, instant)
