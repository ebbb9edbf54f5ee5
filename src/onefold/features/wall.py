"""Wall clocks of many instants at once: what aggregates that go by local hours and months need of the calendar.

The arrays' twins of :meth:`onefold.core.zone.Zone.local` and :meth:`~onefold.core.zone.Zone.resolve`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from onefold.core.instant import DAY, HOUR
from onefold.core.zone import Zone
from onefold.features.calendar import zone_arrays

Numbers = NDArray[np.int64]
_REACH = 26 * HOUR
"""No zone is further from UTC."""


def walls_of(instants: Numbers, zone: Zone) -> Numbers:
    """Return the wall clock at each instant, as microseconds since 1970-01-01T00:00 on that clock.

    >>> from onefold.core.zone import zone
    >>> (walls_of(np.array([0]), zone("Europe/Prague")) // HOUR).tolist()
    [1]
    """
    arrays = zone_arrays(zone)
    at = np.maximum(np.searchsorted(arrays.starts, instants, side="right") - 1, 0)
    return np.asarray(instants + arrays.offsets[at])


def instants_of(walls: Numbers, zone: Zone) -> Numbers:
    """Return the instant of each wall clock: the first of two, or the first after a gap."""
    arrays = zone_arrays(zone)
    at = np.maximum(np.searchsorted(arrays.starts, walls - _REACH, side="right") - 1, 0)
    while True:
        ahead = np.minimum(at + 1, len(arrays.starts) - 1)
        passed = (ahead > at) & (walls - arrays.offsets[at] >= arrays.starts[ahead])
        if not passed.any():
            break
        at = at + passed
    instants = walls - arrays.offsets[at]
    return np.asarray(np.where(at > 0, np.maximum(instants, arrays.starts[at]), instants))


def months_later(walls: Numbers, months: int) -> Numbers:
    """Return the same day and clock so many months later; a day that does not exist is the start of the one after it.

    >>> january = np.array(["2026-01-31T10:00"], "M8[us]").astype(np.int64)
    >>> months_later(january, 1).astype("M8[us]").astype(str).tolist()
    ['2026-03-01T00:00:00.000000']
    """
    days = walls // DAY
    month = days.astype("M8[D]").astype("M8[M]")
    day_of_month = days - _first_days(month)
    first, following = _first_days(month + months), _first_days(month + months + 1)
    exists = first + day_of_month < following
    return np.asarray(np.where(exists, (first + day_of_month) * DAY + walls % DAY, following * DAY))


def _first_days(months: NDArray[np.datetime64]) -> Numbers:
    return months.astype("M8[D]").astype(np.int64)
