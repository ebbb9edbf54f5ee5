"""Midnights, dates and ages in a zone, for many instants at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from onefold.core.ids import NULL
from onefold.core.instant import DAY
from onefold.core.zone import Zone
from onefold.features.age import birthday_in
from onefold.features.calendar import zone_arrays
from onefold.language.columns import FloatArray
from onefold.segments.intervals import Instants


def days_at(zone: Zone, instants: Instants) -> Instants:
    """Return the local date at each instant, as days since 1970-01-01."""
    arrays = zone_arrays(zone)
    places = np.maximum(np.searchsorted(arrays.starts, instants, side="right") - 1, 0)
    return np.asarray((instants + arrays.offsets[places]) // DAY)


def midnights(zone: Zone, begin: int, stop: int) -> Instants:
    """Return every instant in ``begin < t < stop`` at which the local date becomes another.

    >>> from onefold.core.zone import zone
    >>> (midnights(zone("UTC"), 0, 2 * DAY + 1) // DAY).tolist()
    [1, 2]
    """
    arrays = zone_arrays(zone)
    first = max(int(np.searchsorted(arrays.starts, begin, side="right")) - 1, 0)
    found = [np.empty(0, np.int64)]
    for place in range(first, len(arrays.starts)):
        start = int(arrays.starts[place]) if place > first else begin
        if start >= stop:
            break
        end = int(arrays.starts[place + 1]) if place + 1 < len(arrays.starts) else stop
        offset = int(arrays.offsets[place])
        low, high = (start + offset) // DAY + 1, (min(end, stop) - 1 + offset) // DAY
        found.append(np.arange(low, high + 1) * DAY - offset)
        if place > first:
            found.append(np.array([start]))  # a change of clocks may change the date too
    every = np.unique(np.concatenate(found))
    changed = days_at(zone, every) != days_at(zone, every - 1)
    return np.asarray(every[changed & (every > begin) & (every < stop)])


@lru_cache(maxsize=64)
def repeated(zone: Zone) -> tuple[int, ...]:
    """Return where clocks were set back over midnight, so that a date came back, and where it ended again.

    >>> from onefold.core.zone import zone
    >>> len(repeated(zone("Europe/Prague"))), len(repeated(zone("America/St_Johns"))) > 20
    (0, True)
    """
    starts = np.array(zone.starts[1:], np.int64)
    back = starts[days_at(zone, starts) < days_at(zone, starts - 1)].tolist()
    return tuple(sorted({*back, *(int(midnights(zone, at, at + 2 * DAY)[0]) for at in back)}))


def ages_at(births: Instants, today: Instants) -> FloatArray:
    """Return full years at each local date; NaN where the birth date is NULL or still to come."""
    years = np.full(len(births), np.nan)
    stated = np.flatnonzero((births != NULL) & (births <= today))
    born, day = births[stated], today[stated]
    year = _year(day)
    years[stated] = year - _year(born) - (birthday_in(born, year) > day)
    return years


def _year(days: Instants) -> Instants:
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)
