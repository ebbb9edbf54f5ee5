"""``trend``: the least-squares slope of a property over time, per day; NULL below two distinct times.

With n events, times x and values y it is (n Σxy - Σx Σy) / (n Σx² - (Σx)²). Both are differences of large numbers that
may cancel out, so they are worked out in whole numbers: a slope is positive exactly when it is, and never by rounding.
"""

from __future__ import annotations

import numpy as np

from onefold.core.document import Section
from onefold.features.aggregates.base import (
    SUMMABLE,
    Asked,
    Floats,
    Numbers,
    Reduction,
    as_float,
    register_reduction,
    units_of,
)
from onefold.features.sources import Sources, Takes

_DAY = 86_400_000_000.0
_LIMBS = 8
_BITS, _MASK = 21, (1 << 21) - 1
"""A whole number of any size is a row of limbs of 21 bits, the last one signed: their products have room to add up."""
_BLOCK = 1 << 16
"""Events whose products may add up before limbs are carried."""
_VAST = 1 << 61
"""Beyond it, differences of values might not fit 64 bits: then the two lowest bits are left out."""


def _read(section: Section, sources: Sources) -> Asked | None:
    stream = sources.stream(section, "trend", Takes.PROPERTY, SUMMABLE)
    return None if stream is None else Asked((stream,), as_float(stream.prop), (units_of(stream.prop),))


def _reduce(  # noqa: C901 - it may call nothing of ours
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Add up Σxy and Σx² in limbs, about a middle near the means; then times n, less the products of what is left."""
    limbs = np.empty((2, _LIMBS), np.int64)
    sizes = np.empty(2, np.float64)
    for person in range(people.size - 1):
        first, end = people[person], people[person + 1]
        count = end - first
        if count < 2 or times[first] == times[end - 1]:
            continue
        shift = 0
        for at in range(first, end):
            if not -_VAST < words[at] < _VAST:
                shift = 2
        sum_x = sum_y = 0.0
        for at in range(first, end):
            sum_x += times[at] - times[first]
            sum_y += words[at] >> shift
        middle, level = times[first] + int(sum_x / count), int(sum_y / count)
        limbs[:] = 0
        rest_x = rest_y = 0
        for at in range(first, end + 1):
            if at < end:
                x, y = times[at] - middle, (words[at] >> shift) - level
                rest_x += x
                rest_y += y
            else:
                x, y = rest_x, rest_y
            if at == end or (at - first) % _BLOCK == 0:
                for factor in (1, count) if at == end else (1, 1):
                    for row in range(2):
                        carried = 0
                        for limb in range(_LIMBS - 1):
                            carried += limbs[row, limb] * factor
                            limbs[row, limb] = carried & _MASK
                            carried >>= _BITS
                        limbs[row, _LIMBS - 1] = limbs[row, _LIMBS - 1] * factor + carried
            sign = 1 if at < end else -1
            for left in range(3):
                part = sign * ((x >> _BITS * left) & _MASK if left < 2 else x >> _BITS * left)
                for right in range(3):
                    limbs[0, left + right] += part * ((y >> _BITS * right) & _MASK if right < 2 else y >> _BITS * right)
                    limbs[1, left + right] += part * ((x >> _BITS * right) & _MASK if right < 2 else x >> _BITS * right)
        for row in range(2):
            sign = 1
            for turn in range(2):
                for limb in range(_LIMBS - 1):
                    limbs[row, limb + 1] += limbs[row, limb] >> _BITS
                    limbs[row, limb] &= _MASK
                if turn == 0 and limbs[row, _LIMBS - 1] < 0:  # so that all limbs add up with one sign
                    sign = -1
                    for limb in range(_LIMBS):
                        limbs[row, limb] = -limbs[row, limb]
            size = 0.0
            for limb in range(_LIMBS - 1, -1, -1):
                size = size * (_MASK + 1) + limbs[row, limb]
            sizes[row] = sign * size
        out_float[person] = sizes[0] / sizes[1] * (1 << shift) * _DAY / numbers[0]


TREND = register_reduction(Reduction("trend", (), _read, _reduce))
