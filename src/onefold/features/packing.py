# mypy: allow-untyped-defs
"""Compiled steps from columns of events to timelines: count, fill, scatter, sort. They hold no lock.

One module on purpose, with explicit signatures, as :mod:`onefold.features.kernel` and for the same reasons. Columns
come from Arrow, whose memory is read-only, and read-only arrays are types of their own to Numba.

Events are laid out a block of some thousand rows at a time, which stays in the cache; then each record, a whole cache
line or two, is written once to its place among its customer's records. Those are sorted where they lie: timelines are
short, so this too happens in the cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.types import Array, boolean, int32, int64, uint64, void

NULL = -(2**63)
SIGN = np.uint64(1 << 63)
BYTES_ODD, PAIRS_ODD = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
TIME, ORDER, HASH, KNOWN, KIND, SLOTS = range(6)
SHORT = 24
"""Records up to which insertion beats merging."""

_ROWS = Array(uint64, 2, "C")
_COUNTS = Array(int64, 1, "C")
_WORKS = Array(uint64, 1, "C")
_NUMBERS = Array(int64, 1, "C", readonly=True)
_INDICES = Array(int32, 1, "C", readonly=True)


@njit(uint64(uint64), cache=True, nogil=True, inline="always")
def swapped(word):
    """Return a word with its bytes in the opposite order."""
    word = ((word & BYTES_ODD) << np.uint64(8)) | ((word >> np.uint64(8)) & BYTES_ODD)
    word = ((word & PAIRS_ODD) << np.uint64(16)) | ((word >> np.uint64(16)) & PAIRS_ODD)
    return (word << np.uint64(32)) | (word >> np.uint64(32))


@njit(void(_NUMBERS, int64, _COUNTS), cache=True, nogil=True)
def count(customers, lowest, counts):
    """Add one to ``counts[customer - lowest]`` for each event."""
    for at in range(customers.size):
        counts[np.uint64(customers[at] - lowest)] += 1


@njit(void(_NUMBERS, _NUMBERS, _INDICES, _NUMBERS, int64, _ROWS), cache=True, nogil=True)
def put_heads(times, orders, events, kinds, ordinal, block):
    """Write the first five words of records and NULL into all slots.

    ``orders`` may be empty: all 0. ``kinds[events[i]]`` is the source code of event i; the ordinals, which break
    ties, count from ``ordinal``.
    """
    for at in range(times.size):
        block[at, TIME] = swapped(np.uint64(times[at]) ^ SIGN)
        order = orders[at] if orders.size else 0
        block[at, ORDER] = swapped(np.uint64(order) ^ SIGN)
        block[at, HASH] = swapped(np.uint64(ordinal + at))
        block[at, KNOWN] = np.uint64(times[at])
        block[at, KIND] = np.uint64(kinds[np.uint64(events[at])])
        for word in range(SLOTS, block.shape[1]):
            block[at, word] = np.uint64(NULL)


@njit(void(_NUMBERS, _INDICES, _NUMBERS, _ROWS), cache=True, nogil=True)
def put_words(words, events, places, block):
    """Write a column into word ``places[events[i]]`` of record i; -1 says that the source has no such property."""
    for at in range(words.size):
        place = places[np.uint64(events[at])]
        if place >= 0:
            block[at, np.uint64(place)] = np.uint64(words[at])


@njit(void(_INDICES, _NUMBERS, _INDICES, _NUMBERS, _ROWS), cache=True, nogil=True)
def put_codes(indices, codes, events, places, block):
    """Write a dictionary-encoded column as :func:`put_words` does; ``codes`` are those of the dictionary."""
    for at in range(indices.size):
        place = places[np.uint64(events[at])]
        if place >= 0:
            block[at, np.uint64(place)] = np.uint64(codes[np.uint64(indices[at])])


@njit(void(_ROWS, _NUMBERS, int64, _COUNTS, _ROWS), cache=True, nogil=True)
def scatter(block, customers, lowest, free, rows):
    """Copy each record to the next free row of its customer, ``free[customer - lowest]``, in the order they come."""
    for at in range(customers.size):
        customer = np.uint64(customers[at] - lowest)
        row = np.uint64(free[customer])
        free[customer] += 1
        for word in range(block.shape[1]):
            rows[row, word] = block[at, word]


@njit(boolean(_WORKS, _WORKS, int64, int64), cache=True, nogil=True, inline="always")
def before(times, orders, one, other):
    """Whether a record comes before another by (time, order)."""
    if times[one] != times[other]:
        return times[one] < times[other]
    return orders[one] < orders[other]


@njit(void(_WORKS, _WORKS, _COUNTS, int64, int64), cache=True, nogil=True)
def insert(times, orders, index, first, end):
    """Sort ``index[first:end]`` by (time, order), stably, by insertion."""
    for at in range(first + 1, end):
        one, place = index[at], at
        while place > first and before(times, orders, one, index[place - 1]):
            index[place] = index[place - 1]
            place -= 1
        index[place] = one


@njit(void(_WORKS, _WORKS, _COUNTS, _COUNTS, int64), cache=True, nogil=True)
def merge(times, orders, index, spare, size):
    """Sort ``index[:size]``, of which each run of SHORT is sorted already, by (time, order), stably."""
    run = SHORT
    while run < size:
        for first in range(0, size, 2 * run):
            middle, end = min(first + run, size), min(first + 2 * run, size)
            left, right = first, middle
            for at in range(first, end):
                if right >= end or (left < middle and not before(times, orders, index[right], index[left])):
                    spare[at] = index[left]
                    left += 1
                else:
                    spare[at] = index[right]
                    right += 1
        index[:size] = spare[:size]
        run *= 2


@njit(boolean(_ROWS, int64, int64, _WORKS, _WORKS), cache=True, nogil=True)
def read_keys(rows, first, size, times, orders):
    """Take the times and orders of records in native byte order; return whether they are sorted already."""
    is_sorted = True
    for at in range(size):
        times[at], orders[at] = swapped(rows[first + at, TIME]), swapped(rows[first + at, ORDER])
        if at and before(times, orders, at, at - 1):
            is_sorted = False
    return is_sorted


@njit(void(_ROWS, _COUNTS), cache=True, nogil=True)
def sort_people(rows, people):
    """Sort the records of each customer, ``rows[people[c]:people[c + 1]]``, by (time, order), stably, in place."""
    longest = 0
    for customer in range(people.size - 1):
        longest = max(longest, people[customer + 1] - people[customer])
    times, orders = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    index, spare = np.empty(longest, np.int64), np.empty(longest, np.int64)
    copy = np.empty((longest, rows.shape[1]), np.uint64)
    for customer in range(people.size - 1):
        first, size = people[customer], people[customer + 1] - people[customer]
        if read_keys(rows, first, size, times, orders):
            continue
        for at in range(size):
            index[at] = at
        for start in range(0, size, SHORT):
            insert(times, orders, index, start, min(start + SHORT, size))
        if size > SHORT:
            merge(times, orders, index, spare, size)
        for at in range(size):
            for word in range(rows.shape[1]):
                copy[at, word] = rows[first + index[at], word]
        for at in range(size):
            for word in range(rows.shape[1]):
                rows[first + at, word] = copy[at, word]
