"""Genomes that were read at earlier instants and kept, as they are at a later one: what glides with time is put right.

Between two changes of a customer's genome only durations move, and they move steadily: ``since_first``, ``since_last``
and ``until`` are kept as the instant that they count from or to. Ranks depend on the rest of the population, and are
worked out anew. Everything else stands still until its row is ``due``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.core.instant import DAY
from onefold.core.zone import Zone
from onefold.features.columns import Columns, run_of
from onefold.features.definitions import Aggregated
from onefold.features.engine import Engine
from onefold.features.genomes import Genomes
from onefold.features.plan import Plan, Rank
from onefold.features.rankings import Population
from onefold.language.columns import floats_of
from onefold.segments.linear import MOVING_AGGREGATES

Words = NDArray[np.int64]
Rows = slice | Words

_UNTIL = "until"
_EXACT = 2**52
"""Microseconds up to which a number of days tells the microsecond: 142 years."""


def gliding(plan: Plan) -> dict[int, bool]:
    """Return the columns that glide, by number; True for those that fall towards an instant to come."""
    found: dict[int, bool] = {}
    for name, at in plan.names.items():
        feature = plan.features.features.get(name)
        if feature is not None and isinstance(feature.body, Aggregated):
            aggregate = feature.body.aggregate.name
            if aggregate in MOVING_AGGREGATES:
                found[at] = aggregate == _UNTIL
    return found


def anchored(days: NDArray[np.float64], now: int, *, falls: bool) -> tuple[Words, NDArray[np.bool_]]:
    """Return the instants that durations in days count from (or ``falls``: to) at ``now``, NULL for NaN.

    The second array says where an instant is sure: where it gives the very same double again.

    >>> anchors, sure = anchored(np.array([1.5, np.nan]), 2 * DAY, falls=False)
    >>> anchors.tolist() == [DAY // 2, NULL], sure.tolist()
    (True, [True, True])
    """
    unknown = np.isnan(days)
    near = np.rint(np.where(unknown, 0.0, days) * DAY)
    sure = np.abs(near) < _EXACT
    whole = np.where(sure, near, 0.0).astype(np.int64)
    length, found = whole.copy(), whole / DAY == days
    for step in (-1, 1):
        better = ~found & ((whole + step) / DAY == days)
        length[better] += step
        found |= better
    anchors = now + length if falls else now - length
    return np.where(unknown, NULL, anchors), unknown | (sure & found)


def unanchored(anchors: Words, now: int, *, falls: bool) -> NDArray[np.float64]:
    """Return durations in days at ``now``, NaN for NULL: what the kernel would write."""
    known = anchors != NULL
    length = np.where(known, anchors - now if falls else now - anchors, 0)
    return np.where(known, length / DAY, np.nan)


class KeptWords:
    """Stands for the engine's matrix ``words`` (customers x columns): columns are put right when they are asked for.

    ``columns`` are what was kept, (columns, customers); ``rows`` says which customers of them.
    """

    def __init__(self, shape: KeptShape, columns: Words, rows: Rows, now: int) -> None:
        self._shape, self._columns, self._rows, self.now = shape, columns, rows, now
        self._count = len(rows) if isinstance(rows, np.ndarray) else columns.shape[1]
        self._found: dict[int, Words] = {}
        self.ranked: Callable[[int], Words] | None = None

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, key: tuple[slice, int]) -> Words:
        at = key[1]
        if at not in self._found:
            self._found[at] = self._work_out(at)
        return self._found[at]

    def _work_out(self, at: int) -> Words:
        if self.ranked is not None and at in self._shape.ranks:
            return self.ranked(at)
        kept: Words = self._columns[at][self._rows]
        if at not in self._shape.gliding:
            return kept
        return unanchored(kept, self.now, falls=self._shape.gliding[at]).view(np.int64)


class KeptShape:
    """What all kept genomes of an engine share."""

    def __init__(self, engine: Engine) -> None:
        self.plan, self.zone, self.texts, self._engine = engine.plan, engine.zone, engine.texts, engine
        self.gliding = gliding(engine.plan)
        self.ranks: Mapping[int, Rank] = {one.column: one for one in engine.plan.ranks}
        self._derived = {name: run_of(body) for name, body in engine.plan.derived}

    def keep(self, words: Words, now: int) -> tuple[Words, NDArray[np.bool_]]:
        """Return words that the engine read at ``now`` as they are kept, and which rows to read again each time."""
        kept, again = words.copy(), np.zeros(len(words), bool)
        for at, falls in self.gliding.items():
            kept[:, at], sure = anchored(np.ascontiguousarray(words[:, at]).view(np.float64), now, falls=falls)
            again |= ~sure
        return kept, again

    def genomes(self, columns: Words, present: NDArray[np.bool_], *, now: int, rows: Rows = slice(None)) -> Genomes:
        """Return the genomes at ``now`` of some kept rows; ``present`` is of those rows."""
        kept = KeptWords(self, columns, rows, now)
        words, today = cast("Words", kept), self.zone.day(now)
        seen = Columns(self.plan, self._derived, words, self.texts, today)
        if self.ranks:
            population = self._engine.population
            assert population is not None
            kept.ranked = lambda at: _ranked(self.ranks[at], seen, population, midnight(self.zone, now))
        return Genomes(self.plan, self.texts, now, words, seen, np.empty(0, np.int64), present)


def _ranked(rank: Rank, columns: Columns, population: Population, instant: int) -> Words:
    values = population.values(rank.of, instant, 2**63 - 1)
    return rank.ranking.rank(floats_of(columns[rank.of]), values).view(np.int64)


def midnight(zone: Zone, now: int) -> int:
    """Return the local midnight with which the day of an instant began."""
    return zone.start_of_day(zone.day(now))


def day_before(zone: Zone, now: int) -> int:
    """Return the instant of the same wall clock on the local day before; an hour that comes twice is the first of them.

    >>> from onefold.core.zone import zone
    >>> from onefold.core.instant import format_instant
    >>> prague = zone("Europe/Prague")
    >>> format_instant(day_before(prague, prague.parse("2026-03-30T00:00")))       # a day of 23 hours lies between
    '2026-03-28T23:00:00Z'
    """
    return zone.resolve(zone.local(now) - DAY)
