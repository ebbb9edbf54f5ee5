"""``hours: [22, 6]``: the share of events within those hours of the local clock; NULL where there is no event.

With ``event:`` (or ``of:``) it is a share of the events that pass ``where``, with ``share:`` one of all of the type.
"""

from __future__ import annotations

from onefold.core.document import Section
from onefold.core.instant import DAY, HOUR
from onefold.core.zone import Zone
from onefold.features.aggregates.base import FRACTION, Asked, Floats, Numbers, Reduction, register_reduction
from onefold.features.sources import Sources, Stream, Takes
from onefold.features.wall import walls_of

_EVENT_KEYS = ("event", "of", "share")


def _read(section: Section, sources: Sources) -> Asked | None:
    stated = [key for key in _EVENT_KEYS if key in section]
    if len(stated) != 1:
        why = f"it names {' and '.join(f'`{key}`' for key in stated)}" if stated else "it names no event"
        section.problem("hours", why, "Write one of them, such as `event: login`.")
    hours = _hours(section)
    stream = sources.stream(section, stated[0], Takes.EVENT) if len(stated) == 1 else None
    if hours is None or stream is None:
        return None
    of_all = stated[0] == "share"
    streams = (stream, Stream(stream.source)) if of_all else (stream,)
    options = (("from", hours[0]), ("to", hours[1]), ("of_all", of_all))
    return Asked(streams, FRACTION, (*hours, len(streams)), options=options)


def _hours(section: Section) -> tuple[int, int] | None:
    """Return the hours from which and to which; a problem where they are none, or leave nothing between them."""
    texts = [str(item) for item, _ in section.items_of("hours")]
    if len(texts) != 2 or not all(text.isascii() and text.isdigit() and int(text[:9]) <= 24 for text in texts):
        section.problem("hours", "it takes two whole hours from 0 to 24", "Write the first and the last: [22, 6].")
        return None
    start, end = int(texts[0]), int(texts[1])
    if start == end or (start, end) == (24, 0):
        section.problem("hours", "no time lies between them", "Write two different hours; the whole day is [0, 24].")
        return None
    return start, end


def _local_hours(times: Numbers, zone: Zone, numbers: tuple[int, ...]) -> Numbers:
    """Return the hour that the local clock showed at each time."""
    return walls_of(times, zone) % DAY // HOUR


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Count events of the first stream whose hour (in ``more``) is inside, and divide by those of the last."""
    start, end, of = numbers[0], numbers[1], 1 << (numbers[2] - 1)
    for person in range(people.size - 1):
        inside = every = 0
        for at in range(people[person], people[person + 1]):
            hour = more[at]
            within = start <= hour < end if start < end else hour >= start or hour < end
            inside += bits[at] & 1 if within else 0
            every += 1 if bits[at] & of else 0
        if every:
            out_float[person] = inside / every


HOURS = register_reduction(Reduction("hours", _EVENT_KEYS, _read, _reduce, _local_hours))
