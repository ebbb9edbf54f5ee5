"""Runs the reductions of a plan: collects the events of their windows and fills their columns."""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numba.types import Array, float64, int64, void
from numpy.typing import NDArray

from onefold.core.zone import Zone
from onefold.features import kernel
from onefold.features.aggregates.base import Reduce
from onefold.features.binding import Programs
from onefold.features.calendar import ZoneArrays, zone_arrays
from onefold.features.plan import Collection, Plan
from onefold.profiles.words import Rows

Numbers = NDArray[np.int64]
Events = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]
_NUMBERS, _FLOATS = Array(int64, 1, "C"), Array(float64, 1, "C")
_SIGNATURE = void(
    _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, int64, _NUMBERS, _NUMBERS, _FLOATS, _NUMBERS
)  # fmt: skip


@cache
def compiled(reduce: Reduce) -> Reduce:
    """Compile a reduction ahead of its first call; the result is kept beside its module."""
    return njit(_SIGNATURE, cache=True, nogil=True)(reduce)  # type: ignore[no-any-return]


class Reducer:
    """The reductions of one plan, compiled. Threads may share it."""

    def __init__(self, plan: Plan, zone: Zone) -> None:
        self._plan, self._zone = plan, zone
        for one in plan.collections:
            for reduced in one.reductions:
                compiled(reduced.reduction.reduce)

    def fill(
        self,
        rows: Rows,
        people: Numbers,
        masks: NDArray[np.uint8],
        programs: Programs,
        *,
        now: int,
        known: int,
        words: Numbers,
        changes: Numbers,
    ) -> None:
        """Fill the columns of reductions in ``words`` and lower ``changes``, for timelines as the kernel takes them."""
        zone = zone_arrays(self._zone)
        for one in self._plan.collections:
            events = collect(
                self._plan, one, rows, people, masks, programs, zone, now=now, known=known, changes=changes
            )
            self._reduce(one, events, now, words, changes)

    def _reduce(self, one: Collection, collected: Events, now: int, words: Numbers, changes: Numbers) -> None:
        found, times, values, more, bits = collected
        for reduced in one.reductions:
            beside = more
            if reduced.reduction.derive is not None:
                beside = reduced.reduction.derive(times[: found[-1]], self._zone, tuple(reduced.numbers.tolist()))
            out = np.ascontiguousarray(words[:, reduced.column])
            compiled(reduced.reduction.reduce)(
                found, times, values, beside, bits, now, reduced.numbers, out, out.view(np.float64), changes
            )
            words[:, reduced.column] = out


def collect(
    plan: Plan,
    one: Collection,
    rows: Rows,
    people: Numbers,
    masks: NDArray[np.uint8],
    programs: Programs,
    zone: ZoneArrays,
    *,
    now: int,
    known: int,
    changes: Numbers,
) -> Events:
    """Return the events of a collection's window: each customer's offsets, then times, words, second words and bits."""
    found = np.empty(len(people), np.int64)
    times, values, more, bits = np.empty((4, int(people[-1] - people[0])), np.int64)
    kernel.gather(
        rows, people, masks, now, known,
        plan.sources, one.streams, programs.leaves, programs.sets, plan.bounds, one.window,
        zone.starts, zone.offsets, zone.peaks,
        found, times, values, more, bits, changes,
    )  # fmt: skip
    return found, times, values, more, bits
