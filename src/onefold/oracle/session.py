"""``session``: runs of events with no long pause between them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from onefold.core.instant import SECOND
from onefold.oracle.events import OracleEvent, Value
from onefold.oracle.features import Reading


def session(reading: Reading) -> Value:
    """Return the number, length (s), pages or entry of all sessions in the window, or of the last one."""
    found = sessions(reading.seen(), reading.feature.number("gap"))
    stat = reading.feature.word("stat")
    if not found:
        return 0 if stat == "count" else None
    if reading.feature.word("of") == "last":
        found = found[-1:]
    match stat:
        case "count":
            return len(found)
        case "seconds":
            return Fraction(sum(one[-1].time - one[0].time for one in found), SECOND)
        case "pages":
            return sum(len(one) for one in found)
        case "entry":
            return reading.value_of(found[-1][0])
    raise ValueError(stat)


def sessions(events: Sequence[OracleEvent], gap: int) -> list[list[OracleEvent]]:
    """Split events that are in order where one comes more than a gap (microseconds) after the one before."""
    found: list[list[OracleEvent]] = []
    for event in events:
        if not found or event.time - found[-1][-1].time > gap:
            found.append([])
        found[-1].append(event)
    return found
