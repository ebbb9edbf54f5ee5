"""``stddev``: the standard deviation of a sample (n - 1) of a property; NULL below two values."""

from __future__ import annotations

import math

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


def _read(section: Section, sources: Sources) -> Asked | None:
    stream = sources.stream(section, "stddev", Takes.PROPERTY, SUMMABLE)
    return None if stream is None else Asked((stream,), as_float(stream.prop), (units_of(stream.prop),))


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Two passes over distances from the first value, which are exact: the root of the mean square about the mean."""
    scale = float(numbers[0])
    for person in range(people.size - 1):
        first, end = people[person], people[person + 1]
        count = end - first
        if count < 2:
            continue
        total = 0.0
        for at in range(first, end):
            total += words[at] - words[first]
        mean = total / count
        squares = 0.0
        for at in range(first, end):
            distance = (words[at] - words[first]) - mean
            squares += distance * distance
        out_float[person] = math.sqrt(squares / (count - 1)) / scale


STDDEV = register_reduction(Reduction("stddev", (), _read, _reduce))
