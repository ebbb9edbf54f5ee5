"""``top``: the most frequent value of a property; of several, the one that was seen most recently."""

from __future__ import annotations

import numpy as np

from onefold.core.document import Section
from onefold.features.aggregates.base import (
    SCALAR,
    Asked,
    Floats,
    Numbers,
    Reduction,
    as_property,
    register_reduction,
)
from onefold.features.sources import Sources, Takes


def _read(section: Section, sources: Sources) -> Asked | None:
    stream = sources.stream(section, "top", Takes.PROPERTY, SCALAR)
    return None if stream is None else Asked((stream,), as_property(stream.prop))


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Sort events by value, and take the longest run, or that with the newest event."""
    for person in range(people.size - 1):
        first, count = people[person], people[person + 1] - people[person]
        if count == 0:
            continue
        order = np.argsort(words[first : first + count])
        most, newest, length, last = 0, -1, 0, -1
        for at in range(count):
            length, last = length + 1, max(last, order[at])
            if at + 1 < count and words[first + order[at + 1]] == words[first + last]:
                continue
            if length > most or (length == most and last > newest):
                most, newest = length, last
            length, last = 0, -1
        out[person] = words[first + newest]


TOP = register_reduction(Reduction("top", (), _read, _reduce))
