"""The naive genome: SEMANTICS sections 2 (Times, Identity, Retention) and 3, read aloud, for one customer.

It reads the whole list of events for every feature and finds each instant of change by bisection, so that it
can be checked by eye against the text. It shares no code with the engine but
:class:`onefold.core.instant.Span`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from onefold.core.instant import Span
from onefold.oracle.calendar import next_start_of, zone_named
from onefold.oracle.events import OracleEvent, Value, events_that_exist
from onefold.oracle.features import OracleFeature, Reading
from onefold.oracle.hours import hours, of_all
from onefold.oracle.near import near
from onefold.oracle.recurring import overdue_at, recurring
from onefold.oracle.sequence import sequence, sequence_changes
from onefold.oracle.session import session
from onefold.oracle.simple import days_until, end_of_chosen, of_property, of_times, share
from onefold.oracle.statistics import stddev, top, trend
from onefold.oracle.windows import Since

VALUES: Mapping[str, Callable[[Reading], Value]] = {
    **dict.fromkeys(("sum", "mean", "min", "max", "first", "last", "distinct"), of_property),
    **dict.fromkeys(("count", "active", "since_first", "since_last"), of_times),
    "share": share,
    "until": days_until,
    "stddev": stddev,
    "trend": trend,
    "top": top,
    "hours": hours,
    "recurring": recurring,
    "sequence": sequence,
    "session": session,
    "near": near,
}
BY_ITSELF: Mapping[str, Callable[[Reading], list[int]]] = {
    "until": end_of_chosen,
    "recurring": overdue_at,
    "sequence": sequence_changes,
}
"""Where a value changes otherwise than by events of the first stream that enter or leave the window."""
AGGREGATES = tuple(VALUES)


def oracle_genome(
    events: Iterable[OracleEvent],
    features: Sequence[OracleFeature],
    *,
    now: int,
    known: int,
    zone: str,
    retention: Mapping[str, Span],
) -> tuple[dict[str, Value], int | None]:
    """Return the value of every feature by name, and next_change (None if nothing changes by itself).

    Sums, minima and maxima are exact; means, deviations, slopes, shares, distances and durations (days) are floats.
    """
    existing = events_that_exist(events, known)
    values: dict[str, Value] = {}
    changes: list[int] = []
    for feature in features:
        sources = {stream.source for stream in feature.streams()}
        reading = Reading(feature, now, zone, retention, tuple(e for e in existing if e.source in sources))
        values[feature.name] = value(reading)
        changes += next_changes(reading)
    return values, min(changes, default=None)


def value(reading: Reading) -> Value:
    """Return the value of a feature."""
    return VALUES[reading.feature.aggregate](reading)


def next_changes(reading: Reading) -> list[int]:
    """Return instants > now at which this feature's events enter or leave, its calendar boundary falls, or its value
    changes by itself.

    Among them is the earliest. Every event of the type counts for ``share``; elsewhere those that pass
    ``where``, with or without the property.
    """
    feature = reading.feature
    changes = [at for event in reading.events if watched(reading, event) for at in reading.comes_and_goes(event)]
    if isinstance(feature.window, Since):
        changes.append(next_start_of(feature.window.unit, reading.now, zone_named(reading.zone)))
    by_itself = BY_ITSELF.get(feature.aggregate)
    return changes if by_itself is None else [*changes, *by_itself(reading)]


def watched(reading: Reading, event: OracleEvent) -> bool:
    """Whether an event is of the feature's own type, and changes something where it enters or leaves the window."""
    aggregate = reading.feature.aggregate
    every_one = aggregate == "share" or (aggregate == "hours" and of_all(reading))
    return reading.passes(event) or (every_one and event.source == reading.feature.source)
