"""The journal follows time: whoever a timer names is looked at, in bounded batches, and nobody else."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from functools import cached_property

from onefold.features.engine import FOREVER
from onefold.features.tables import NEVER
from onefold.profiles.timeline import read_these
from onefold.segments.intervals import Instants
from onefold.segments.journal import SegmentChange, State
from onefold.segments.timers import Firing, Timers
from onefold.workspace.alarms import Alarms
from onefold.workspace.catch_up import Progress
from onefold.workspace.reader import Reader

BATCH = 1_000
"""Customers that are looked at at once."""


class Following:
    """Sets the alarms of customers, and works off those that are due."""

    def __init__(self, reader: Reader, progress: Progress) -> None:
        results = reader.results()
        self._reader, self._progress = reader, progress
        self._membership = results.membership
        self._timers = Timers(reader.definitions.segments, results.engine, results.membership)

    @cached_property
    def _firing(self) -> Firing:
        return Firing(self._reader.definitions.segments, self._membership, self._timers)

    def alarms(self, *, now: int) -> Alarms:
        """Return the alarms of everybody at an instant."""
        found: Alarms = {}
        for done, (roots, rows, people) in enumerate(self._reader.people(), 1):
            self._set(found, roots, self._timers.due(rows, people, now=now))
            self._progress("Setting timers", done * len(roots), None)
        return found

    def renew(self, alarms: Alarms, customers: Sequence[bytes], *, now: int) -> None:
        """Set the alarms of some customers anew; of those who are no one by now, none is left."""
        for some in _batches(customers):
            for root in some:
                alarms.pop(root, None)
            roots, rows, people = read_these(self._reader.timelines, some, known=FOREVER)
            self._set(alarms, roots, self._timers.due(rows, people, now=now))

    @staticmethod
    def _set(alarms: Alarms, roots: Sequence[bytes], due: Instants) -> None:
        for root, at in zip(roots, due.tolist(), strict=True):
            if at == NEVER:
                alarms.pop(root, None)
            else:
                alarms[root] = at

    def fire(self, alarms: Alarms, state: State, *, until: int) -> Iterator[list[SegmentChange]]:
        """Yield what flips by time up to an instant, a batch of customers of one instant at a time, and set new alarms.

        ``state`` says who is in which segments; the caller takes into it what is yielded before it asks for more.
        """
        waiting = [(at, root) for root, at in alarms.items() if at <= until]
        heapq.heapify(waiting)
        done = 0
        while waiting:
            now, due = waiting[0][0], list[bytes]()
            while waiting and waiting[0][0] == now and len(due) < BATCH:
                due.append(heapq.heappop(waiting)[1])
            roots, rows, people = read_these(self._reader.timelines, due, known=FOREVER)
            fired = self._firing.fire(roots, rows, people, before=[state.of(root) for root in roots], now=now)
            self._set(alarms, roots, fired.due)
            for root, at in zip(roots, fired.due.tolist(), strict=True):
                if at <= until:
                    heapq.heappush(waiting, (at, root))
            done += len(due)
            self._progress("Following time", done, None)
            yield fired.changes


def _batches(customers: Sequence[bytes]) -> Iterator[list[bytes]]:
    return (list(customers[at : at + BATCH]) for at in range(0, len(customers), BATCH))
