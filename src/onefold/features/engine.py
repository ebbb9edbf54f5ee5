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
from onefold.features.columns import Columns
from onefold.features.genomes import Genomes
from onefold.features.plan import Plan
from onefold.features.tables import NEVER, OVERFLOW, PRESENT
from onefold.features.texts import TextTable
from onefold.language.lineage import uses_today
from onefold.language.to_numpy import to_numpy
from onefold.profiles.words import Rows

FOREVER = NEVER
PARALLEL_FROM = 4_000
"""Customers from which on a read is shared among the cores."""


class Engine:
    """Reads genomes by one plan in one zone. Threads may share it."""

    def __init__(self, plan: Plan, zone: Zone, texts: Iterable[tuple[int, str]] = ()) -> None:
        self.plan = plan
        self.zone = zone
        self.texts = TextTable(texts)
        self._programs: Programs | None = None
        self._derived = {name: to_numpy(body.expression) for name, body in plan.derived}
        self._tables = (plan.groups, plan.windows, plan.bounds, plan.outputs, plan.empty)
        expressions = [*(body.expression for _, body in plan.derived), *plan.above]
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

        _shared(run, count)
        if OVERFLOW in status.tobytes():
            raise UserError(_overflow())
        columns = Columns(self.plan, self._derived, words, self.texts, today)
        if self._today:
            changes = np.minimum(changes, self._midnight(now, today))
        if self.plan.reads_age:
            changes = np.minimum(changes, self._birthdays(columns, today))
        return Genomes(self.plan, self.texts, now, words, columns, changes, status == PRESENT)

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


def _overflow() -> Problem:
    return Problem("a sum", "it is beyond 64 bits", "Give the feature a window, or the property fewer decimals.")
