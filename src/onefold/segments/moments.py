"""One customer at many instants: what the engine reads at each, and where the next cut of time lies.

The engine is the definition of every value. Its next change, though, counts every midnight as soon as an expression
reads the date, and every first of a month as soon as a window begins there, even if nothing can happen then: that
would cut everybody's time into days for ever. So windows are followed by a twin of the engine that knows no
expressions, dates and ages by :mod:`onefold.segments.days` where a condition reads them, and the calendar as long as
there is an event in the unit that ends.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from onefold.features import kernel, tables
from onefold.features.calendar import zone_arrays
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.plan import Plan
from onefold.profiles.words import Rows, codes_of, known_of, times_of
from onefold.segments.days import repeated
from onefold.segments.intervals import Instants


class Twins:
    """Two engines of the same columns as the given one.

    ``bare`` knows no expressions: its changes are those of windows and ``where``. The changes of ``gliding`` leave out
    the calendar too; its columns are of no use.
    """

    def __init__(self, engine: Engine) -> None:
        bounds = engine.plan.bounds.copy()
        calendar = bounds[:, tables.BOUND_KIND] == tables.START_OF
        self.units: list[int] = np.unique(bounds[calendar, tables.BOUND_UNIT]).tolist()
        """The calendar units from whose start some window reaches to now."""
        bounds[calendar, tables.BOUND_KIND] = tables.ALWAYS
        self.bare = _twin(engine, replace(engine.plan, derived=(), above=()))
        self.gliding = _twin(engine, replace(engine.plan, derived=(), above=(), bounds=bounds))

    def starts(self, instant: int, later: int) -> list[int]:
        """Return when each unit around an instant starts, or so many units later."""
        zone = zone_arrays(self.bare.zone)
        zoned = (zone.starts, zone.offsets, zone.peaks)
        return [int(kernel.start_of(instant, unit, later, *zoned)) for unit in self.units]


def _twin(engine: Engine, plan: Plan) -> Engine:
    twin = Engine(plan, engine.zone, population=engine.population)
    twin.texts = engine.texts
    return twin


class Moments:
    """Reads one customer's records at instants, each instant once."""

    def __init__(self, twins: Twins, rows: Rows, known: int = FOREVER) -> None:
        self._twins, self.known = twins, known
        self.engine = engine = twins.bare
        self.rows = np.ascontiguousarray(rows[known_of(rows) <= known])
        self.times = np.unique(times_of(self.rows))
        """When anything happened, whether a feature sees it or not."""
        self._seen = np.unique(times_of(self.rows[seen(engine.plan, self.rows)]))
        self._cuts = np.unique(np.concatenate([self._seen, np.array(repeated(engine.zone), np.int64)]))
        self._people = np.array([0, len(self.rows)], np.int64)
        self._read: dict[int, Genomes] = {}

    def at(self, instant: int) -> Genomes:
        """Return the genome at an instant; its columns know no expressions."""
        if instant not in self._read:
            self._read[instant] = self.engine.read(self.rows, self._people, now=instant, known=self.known)
        return self._read[instant]

    def words(self, instants: Instants) -> Instants:
        """Return the kernel's columns at each instant, a row each."""
        return np.concatenate([self.at(instant).words for instant in instants.tolist()])

    def next_cut(self, instant: int) -> int:
        """Return the next instant at which a feature changes other than by gliding, NEVER for none."""
        change = self._change(instant)
        place = int(np.searchsorted(self._cuts, instant, side="right"))
        cut = int(self._cuts[place]) if place < len(self._cuts) else tables.NEVER
        # Where a date comes twice, the engine's end of `until` may lie behind: the second one is among the cuts.
        return min(change, cut) if change > instant else cut

    def _change(self, instant: int) -> int:
        change = int(self.at(instant).changes[0])
        if not self._twins.units or change < min(self._twins.starts(instant, 1)):
            return change
        place = int(np.searchsorted(self._seen, instant, side="right"))
        newest = int(self._seen[place - 1]) if place else -tables.NEVER
        begun, ends = self._twins.starts(instant, 0), self._twins.starts(instant, 1)
        filled = [end for start, end in zip(begun, ends, strict=True) if newest >= start]
        hidden = self._twins.gliding.read(self.rows, self._people, now=instant, known=self.known).changes
        return min([int(hidden[0]), *filled])


def seen(plan: Plan, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which records some feature may see."""
    codes = codes_of(rows).astype(np.int64)
    read = plan.sources_read
    known = codes < len(read)
    known[known] = read[codes[known]]
    return known
