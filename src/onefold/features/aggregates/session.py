"""``session``: visits, each a run of events that follow one another within ``gap`` (30 minutes by default).

``stat`` says what of them: how many there are (``count``), how long they took (``seconds``), how many events they have
(``pages``), or the property's value of the first event of the last one (``entry``); ``of: last`` the last one alone.
"""

from __future__ import annotations

from onefold.core.document import Section
from onefold.core.instant import MINUTE
from onefold.core.types import ValueType
from onefold.features.aggregates.base import (
    COUNTED,
    SCALAR,
    Asked,
    Floats,
    Numbers,
    Reduction,
    Result,
    as_property,
    register_reduction,
)
from onefold.features.sources import Sources, Takes, choice, fixed_span

_STATS = ("count", "seconds", "pages", "entry")
_COUNT, _SECONDS, _PAGES = 0, 1, 2
_LENGTH = Result(ValueType.NUMBER, 6)
"""Seconds as a number, kept in microseconds."""


def _read(section: Section, sources: Sources) -> Asked | None:
    stat, of = choice(section, "stat", _STATS, "count"), choice(section, "of", ("all", "last"), "all")
    stream = sources.stream(section, "session", Takes.EITHER, SCALAR)
    gap = fixed_span(section, "gap", 30 * MINUTE)
    if stat is None or of is None or stream is None or gap is None:
        return None
    if stat == "entry" and stream.prop is None:
        section.problem("session", "`stat: entry` is the value of a property", "Name one, such as page_viewed.path.")
        return None
    result = as_property(stream.prop) if stat == "entry" else _LENGTH if stat == "seconds" else COUNTED
    numbers = (gap, _STATS.index(stat), int(of == "last"))
    options = (("gap", gap), ("stat", stat), ("of", of))
    return Asked((stream,), result, numbers, stat == "count", options)


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Walk over the events; ``begin`` is the first of the session so far, ``length`` what the ones before took."""
    gap, stat, last_only = numbers[0], numbers[1], numbers[2] != 0
    for person in range(people.size - 1):
        first, end = people[person], people[person + 1]
        if first == end:
            continue
        begin, sessions, length = first, 1, 0
        for at in range(first + 1, end):
            if times[at] - times[at - 1] > gap:
                length += times[at - 1] - times[begin]
                sessions += 1
                begin = at
        if last_only:
            sessions, length, first = 1, 0, begin
        if stat == _COUNT:
            out[person] = sessions
        elif stat == _SECONDS:
            out[person] = length + times[end - 1] - times[begin]
        elif stat == _PAGES:
            out[person] = end - first
        else:
            out[person] = words[begin]


SESSION = register_reduction(Reduction("session", ("gap", "stat", "of"), _read, _reduce))
