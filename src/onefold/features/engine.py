"""The engine: timelines in, genomes out; one customer or a million by the same kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from onefold.core.errors import Problem, UserError
from onefold.core.ids import NULL
from onefold.core.instant import DAY
from onefold.core.zone import Zone
from onefold.features import kernel
from onefold.features.age import next_birthdays
from onefold.features.binding import Programs, bind, masks_of
from onefold.features.calendar import zone_arrays
from onefold.features.columns import Columns, Run, run_of
from onefold.features.definitions import Derived, Scored
from onefold.features.genomes import Genomes
from onefold.features.plan import Plan
from onefold.features.rankings import Population
from onefold.features.reduce import Reducer
from onefold.features.tables import DAY_UNIT, NEVER, OVERFLOW, PRESENT
from onefold.features.texts import TextTable
from onefold.language.columns import floats_of
from onefold.language.lineage import uses_today
from onefold.profiles.words import Rows

FOREVER = NEVER
PARALLEL_FROM = 4_000
"""Customers from which on a read is shared among the cores."""


class Engine:
    """Reads genomes by one plan in one zone. Threads may share it."""

    def __init__(
        self,
        plan: Plan,
        zone: Zone,
        texts: Iterable[tuple[int, str]] = (),
        *,
        population: Population | None = None,
    ) -> None:
        self.plan = plan
        self.zone = zone
        self.population = population
        self.texts = TextTable(texts)
        self._programs: Programs | None = None
        self._derived = {name: run_of(body) for name, body in plan.derived}
        self._ranked = _runs_below_ranks(plan) if plan.ranks else {}
        self._reducer = Reducer(plan, zone)
        self._tables = (plan.groups, plan.windows, plan.bounds, plan.outputs, plan.empty)
        expressions = [*(body.expression for _, body in plan.derived if isinstance(body, Derived)), *plan.above]
        masks = [test.mask for test in plan.tests if test.mask is not None]
        self._today = any(map(uses_today, [*expressions, *masks]))

    def read(self, rows: Rows, people: NDArray[np.int64], *, now: int, known: int = FOREVER) -> Genomes:
        """Return the genomes at ``now`` of timelines laid one after another.

        ``rows[people[c]:people[c + 1]]`` is the timeline of customer c, sorted by (time, order, hash); ``known``
        leaves out what arrived later. Raises :class:`UserError` where a sum is beyond 64 bits.
        """
        self._programs = programs = bind(self.plan, self.texts, self._programs)
        today = self.zone.day(now)
        masks = masks_of(self.plan, rows, self.texts, today)
        count = len(people) - 1
        words = np.empty((count, len(self.plan.columns)), np.int64)
        changes = np.empty(count, np.int64)
        status = np.empty(count, np.uint8)
        zone = zone_arrays(self.zone)

        def run(first: int, end: int) -> None:
            kernel.run(
                rows, people[first : end + 1], masks, now, known,
                self.plan.sources, self.plan.filters, programs.leaves, programs.sets, *self._tables,
                zone.starts, zone.offsets, zone.peaks,
                words[first:end], words[first:end].view(np.float64), changes[first:end], status[first:end],
            )  # fmt: skip
            self._reducer.fill(
                rows, people[first : end + 1], masks, programs,
                now=now, known=known, words=words[first:end], changes=changes[first:end],
            )  # fmt: skip

        _shared(run, count)
        if OVERFLOW in status.tobytes():
            raise UserError(_overflow())
        if self.plan.ranks:
            self._rank(words, now, today, known)
            changes = np.minimum(changes, self._start_of_day(now, later=1))
        columns = Columns(self.plan, self._derived, words, self.texts, today)
        if self._today:
            changes = np.minimum(changes, self._midnight(now, today))
        if self.plan.reads_age:
            changes = np.minimum(changes, self._birthdays(columns, today))
        return Genomes(self.plan, self.texts, now, words, columns, changes, status == PRESENT)

    def _rank(self, words: NDArray[np.int64], now: int, today: int, known: int) -> None:
        """Compare features with the population's at the latest local midnight."""
        if self.population is None:
            raise RuntimeError("an engine of ranks needs a population")
        columns = Columns(self.plan, self._ranked, words, self.texts, today)
        midnight = self._start_of_day(now, later=0)
        for rank in self.plan.ranks:
            population = self.population.values(rank.of, midnight, known)
            words.view(np.float64)[:, rank.column] = rank.ranking.rank(floats_of(columns[rank.of]), population)

    def _start_of_day(self, now: int, *, later: int) -> int:
        """Return when the day began, or begins so many days later; it never moves back, as windows' starts do not."""
        zone = zone_arrays(self.zone)
        return int(kernel.start_of(now, DAY_UNIT, later, zone.starts, zone.offsets, zone.peaks))

    def _midnight(self, now: int, today: int) -> int:
        """Return when the local date changes next; where clocks went back over midnight it begins a second time."""
        start = self.zone.start_of_day(today + 1)
        return start if start > now else now + DAY - self.zone.local(now) % DAY

    def _birthdays(self, columns: Columns, today: int) -> NDArray[np.int64]:
        """Return the instant of each customer's next birthday (or birth), NEVER where it is not known."""
        birth = columns.birth_dates()
        changes = np.full(len(birth), NEVER, np.int64)
        stated = np.flatnonzero((birth != NULL) & (birth <= today))
        changes[stated] = next_birthdays(birth[stated], today, self.zone)
        for at in np.flatnonzero((birth != NULL) & (birth > today)).tolist():
            changes[at] = self.zone.start_of_day(int(birth[at]))
        return changes


def _shared(run: Callable[[int, int], None], count: int) -> None:
    """Run over all customers, on all cores where there are many: the kernel holds no lock."""
    if count < PARALLEL_FROM:
        run(0, count)
        return
    cores = os.cpu_count() or 1
    edges = [count * part // cores for part in range(cores + 1)]
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(run, edges[:-1], edges[1:]))


def _runs_below_ranks(plan: Plan) -> dict[str, Run]:
    """Return the features over others that ranks may compare; a plan without expressions has them all the same."""
    bodies = ((name, feature.body) for name, feature in plan.features.features.items())
    return {name: run_of(body) for name, body in bodies if isinstance(body, Derived | Scored)}


def _overflow() -> Problem:
    return Problem("a sum", "it is beyond 64 bits", "Give the feature a window, or the property fewer decimals.")
