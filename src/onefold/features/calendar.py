"""A zone as the arrays that the kernel reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from onefold.core.instant import EARLIEST
from onefold.core.zone import Zone


@dataclass(frozen=True, slots=True, eq=False)
class ZoneArrays:
    """From ``starts[i]`` on, local time is UTC plus ``offsets[i]``, and had been at most ``peaks[i]`` before.

    The peaks keep the start of a window from moving back while clocks repeat an hour.
    """

    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]
    peaks: NDArray[np.int64]


@lru_cache(maxsize=64)
def zone_arrays(zone: Zone) -> ZoneArrays:
    """Return a zone's transitions as arrays, in microseconds.

    >>> from onefold.core.zone import zone
    >>> zone_arrays(zone("UTC")).offsets.tolist()
    [0]
    """
    starts = np.array(zone.starts, np.int64)
    offsets = np.array(zone.offsets, np.int64)
    reached = starts[1:] + offsets[:-1] - 1
    peaks = np.concatenate([np.array([2 * EARLIEST], np.int64), np.maximum.accumulate(reached)])
    return ZoneArrays(starts, offsets, np.ascontiguousarray(peaks))
