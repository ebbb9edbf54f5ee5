# mypy: allow-untyped-defs
"""The compiled step of :mod:`onefold.features.departures`: which event's leaving flips a condition.

One module on purpose, with an explicit signature, as :mod:`onefold.features.kernel` and for the same reasons.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.types import Array, boolean, float64, int64, void

NULL, NEVER = -(2**63), 2**63 - 1
ANY, COUNT, SUM, MIN, MAX, FIRST, LAST, DISTINCT, MEAN, NEWEST = range(10)
WITHIN, OUTSIDE, SAME = range(3)
(
    WATCH_OP, WATCH_KIND, WATCH_LOW, WATCH_HIGH, WATCH_NULL, WATCH_SCALE, WATCH_BOUND, WATCH_COLUMN, WATCH_WIDTH,
) = range(9)  # fmt: skip

_TABLE, _VECTOR = Array(int64, 2, "C"), Array(int64, 1, "C")
_FLOATS = Array(float64, 2, "C")
_PLAIN = {"cache": True, "nogil": True, "_nrt": False}


@njit(int64(_VECTOR, int64, int64, int64), **_PLAIN)
def first_at(times, first, end, edge):
    """Return the first place in ``first .. end`` whose time is at or after an edge."""
    while first < end:
        middle = (first + end) >> 1
        if times[middle] < edge:
            first = middle + 1
        else:
            end = middle
    return first


@njit(boolean(_TABLE, _FLOATS, int64, int64, float64), **_PLAIN)
def holds(watches, edges, at, value, mean):
    """Whether a watched condition is true of a value (of a mean, for a mean)."""
    if watches[at, WATCH_OP] == MEAN:
        within = edges[at, WATCH_LOW] <= mean <= edges[at, WATCH_HIGH]
    elif value == NULL:
        return watches[at, WATCH_NULL] != 0
    else:
        within = watches[at, WATCH_LOW] <= value <= watches[at, WATCH_HIGH]
    return within != (watches[at, WATCH_KIND] == OUTSIDE)


@njit(int64(_TABLE, _FLOATS, int64, _VECTOR, _VECTOR, _VECTOR, int64, int64), **_PLAIN)
def departure(watches, edges, at, times, words, newest, first, end):  # noqa: C901 - a call a step would cost more
    """Return the time of the event in ``first .. end`` whose leaving flips a condition; NEVER where none does.

    From the newest to the oldest, the aggregate of each run of newest events is met once. ``newest`` is 1 where no
    later event has the same value, for counts of different ones.
    """
    op, kind = watches[at, WATCH_OP], watches[at, WATCH_KIND]
    if op in (ANY, NEWEST):
        return times[first] if op == ANY else times[end - 1]
    empty = 0 if op in (COUNT, SUM, DISTINCT) else NULL
    if_true = NEVER if op != MEAN and holds(watches, edges, at, empty, 0.0) else times[end - 1]
    if_false = times[end - 1] if if_true == NEVER else NEVER
    same, newer, value_before = NEVER, -1, NULL
    count, total, different, least, most = 0, 0, 0, NEVER, NULL
    value, mean = NULL, 0.0
    for place in range(end - 1, first - 1, -1):
        word = words[place]
        count += 1
        total += word
        least, most = min(least, word), max(most, word)
        different += newest[place] if op == DISTINCT else 0
        if place > first and times[place - 1] == times[place]:
            continue  # they leave together
        value = word
        if op == COUNT:
            value = count
        elif op == SUM:
            value = total
        elif op == MIN:
            value = least
        elif op == MAX:
            value = most
        elif op == LAST:
            value = words[end - 1]
        elif op == DISTINCT:
            value = different
        elif op == MEAN:
            mean = total / (float(count) * watches[at, WATCH_SCALE])
        if place > first:  # what the leaving of the event before this place leads to
            if holds(watches, edges, at, value, mean):
                if_false = times[place - 1]
            else:
                if_true = times[place - 1]
        if newer >= 0 and value != value_before:
            same = times[newer - 1]
        newer, value_before = place, value
    if kind == SAME:
        return times[end - 1] if same == NEVER and value_before != empty else same
    return if_true if holds(watches, edges, at, value, mean) else if_false


@njit(void(_VECTOR, _VECTOR, _VECTOR, _TABLE, _FLOATS, _VECTOR, _VECTOR, _TABLE), cache=True, nogil=True)
def departures(people, times, words, watches, edges, starts, glides, out):
    """Write into ``out[person, column]`` of each watch which event's leaving flips its condition.

    The events of person p are ``people[p] .. people[p + 1]``, in their order; ``starts`` are where the windows of the
    watches' bounds begin, ``glides`` how long after an event they have passed it: that is added already (0 adds
    nothing).
    """
    tells_apart = False
    for at in range(watches.shape[0]):
        tells_apart |= watches[at, WATCH_OP] == DISTINCT
    newest = np.ones(times.size if tells_apart else 1, np.int64)
    for person in range(people.size - 1):
        begin, end = people[person], people[person + 1]
        if tells_apart and end > begin:
            order = np.argsort(words[begin:end], kind="mergesort")
            for place in range(order.size - 1):
                same = words[begin + order[place]] == words[begin + order[place + 1]]
                newest[begin + order[place]] = 0 if same else 1
        for at in range(watches.shape[0]):
            first = first_at(times, begin, end, starts[watches[at, WATCH_BOUND]])
            found = NEVER
            if first < end:
                found = departure(watches, edges, at, times, words, newest, first, end)
                if found != NEVER:
                    found += glides[watches[at, WATCH_BOUND]]
            out[person, watches[at, WATCH_COLUMN]] = found
