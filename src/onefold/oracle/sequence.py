"""``sequence``: whether some events came one after another, and nothing unwanted after the first of them."""

from __future__ import annotations

from onefold.oracle.events import OracleEvent
from onefold.oracle.features import OracleStream, Reading
from onefold.oracle.windows import ALL_TIME, bounds, stay


def sequence(reading: Reading) -> bool:
    """Return whether there is a match that ended at least ``after`` ago."""
    end = earliest_end(reading)
    return end is not None and reading.now - end >= reading.feature.number("after")


def sequence_changes(reading: Reading) -> list[int]:
    """Return the instants > now at which steps come and go, unwanted events come or cease, a match is old enough."""
    found = [at for one in reading.events if _any(steps(reading), one) for at in reading.comes_and_goes(one)]
    for one in reading.events:
        if _any(unwanted(reading), one):
            found += [at for at in (one.time, ceases(reading, one)) if at is not None and at > reading.now]
    end = earliest_end(reading)
    old_enough = None if end is None else end + reading.feature.number("after")
    return [*found, old_enough] if old_enough is not None and old_enough > reading.now else found


def ceases(reading: Reading, event: OracleEvent) -> int | None:
    """Return when retention ends an unwanted event that steps in the window may still lie before.

    Once the window itself has passed it all those steps have gone, and nothing depends on it.
    """
    _, gone = stay(event.time, reading.feature.window, reading.kept(event), reading.zone)
    _, passed = stay(event.time, reading.feature.window, None, reading.zone)
    return gone if gone is not None and (passed is None or gone < passed) else None


def earliest_end(reading: Reading) -> int | None:
    """Return when the match that ends first ends, of those without an unwanted event after their first event.

    Of the first events allowed the earliest can be followed by all that can follow a later one; so can, after it, the
    earliest second, and so on.
    """
    newest = max((one.time for one in reading.events if _is_unwanted(reading, one)), default=None)
    at: int | None = None
    for number, step in enumerate(steps(reading)):
        times = [one.time for one in reading.events if step.holds(one) and reading.in_window(one)]
        if number == 0:
            at = min((time for time in times if newest is None or time >= newest), default=None)
        else:
            at = min((time for time in times if at is not None and time > at), default=None)
    return at


def steps(reading: Reading) -> tuple[OracleStream, ...]:
    """Return the steps, in order."""
    return reading.feature.streams()[: reading.feature.number("steps")]


def unwanted(reading: Reading) -> tuple[OracleStream, ...]:
    """Return what must not come after the first step."""
    return reading.feature.streams()[reading.feature.number("steps") :]


def _is_unwanted(reading: Reading, event: OracleEvent) -> bool:
    """Whether it is an unwanted event that has happened and still exists."""
    start, end = bounds(ALL_TIME, reading.kept(event), reading.now, reading.zone)
    return _any(unwanted(reading), event) and (start is None or start <= event.time) and event.time < end


def _any(streams: tuple[OracleStream, ...], event: OracleEvent) -> bool:
    return any(stream.holds(event) for stream in streams)
