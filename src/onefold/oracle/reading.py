"""The naive genome: SEMANTICS sections 2 (Times, Identity, Retention) and 3, read aloud, for one customer.

It reads the whole list of events for every feature and finds each instant of change by bisection, so that it
can be checked by eye against the text. It shares no code with the engine but
:class:`onefold.core.instant.Span`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from onefold.core.instant import DAY, Span
from onefold.oracle.calendar import (
    EPOCH_DATE,
    days,
    first_day,
    local_date,
    next_start_of,
    start_of_date,
    zone_named,
)
from onefold.oracle.events import Condition, OracleEvent, Value, events_that_exist
from onefold.oracle.windows import ALL_TIME, Since, Window, bounds, retention_of, stay

AGGREGATES = (
    "count", "sum", "mean", "min", "max", "first", "last", "distinct",
    "share", "since_first", "since_last", "active", "until",
)  # fmt: skip


@dataclass(frozen=True)
class OracleFeature:
    """One feature; ``where`` gives True, False or None (unknown); ``by`` is the unit of ``active``.

    ``of_instants`` says that ``until`` reads instants, not dates; ``every_event`` that events without the property
    are seen too.
    """

    name: str
    aggregate: str
    source: str
    property: str | None = None
    where: Condition | None = None
    window: Window = ALL_TIME
    by: str | None = None
    of_instants: bool = False
    every_event: bool = False


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

    Sums, minima and maxima are exact; ``mean``, ``share`` and durations (days) are floats.
    """
    existing = events_that_exist(events, known)
    values: dict[str, Value] = {}
    changes: list[int] = []
    for feature in features:
        kept = retention_of(retention, feature.source)
        reading = Reading(feature, now, zone, kept, tuple(e for e in existing if e.source == feature.source))
        values[feature.name] = value(reading)
        changes += next_changes(reading)
    return values, min(changes, default=None)


@dataclass(frozen=True)
class Reading:
    """One feature at one moment, with the events of its source in order."""

    feature: OracleFeature
    now: int
    zone: str
    retention: Span | None
    events: tuple[OracleEvent, ...]

    def passes(self, event: OracleEvent) -> bool:
        """Whether ``where`` is true (not unknown)."""
        return self.feature.where is None or self.feature.where(event.properties) is True

    def has_property(self, event: OracleEvent) -> bool:
        """Whether there is a value to see; ``first`` and ``last`` see a trait stated as null."""
        name = self.feature.property
        is_statement = event.source.startswith("traits.") and self.feature.aggregate in ("first", "last")
        seen = name is None or is_statement or self.feature.every_event
        return seen or event.properties.get(name or "") is not None

    def in_window(self, event: OracleEvent) -> bool:
        """Whether the window of ``now`` holds the event."""
        start, end = bounds(self.feature.window, self.retention, self.now, self.zone)
        return (start is None or start <= event.time) and event.time < end


def value(reading: Reading) -> Value:
    """Return the value of a feature."""
    feature = reading.feature
    in_window = [event for event in reading.events if reading.in_window(event)]
    seen = [event for event in in_window if reading.passes(event) and reading.has_property(event)]
    if feature.aggregate == "share":
        return float(Fraction(len(seen), len(in_window))) if in_window else None
    if feature.aggregate == "until":
        return days_until(reading)
    if not seen:
        return 0 if feature.aggregate in ("count", "sum", "distinct", "active") else None
    if feature.aggregate in ("count", "active", "since_first", "since_last"):
        return value_of_times(reading, [event.time for event in seen])
    assert feature.property is not None
    return value_of_property(feature.aggregate, [event.properties.get(feature.property) for event in seen])


def value_of_property(aggregate: str, found: Sequence[Value]) -> Value:
    """Return the value of an aggregate over one or more values of a property, in the order of the events."""
    match aggregate:
        case "sum":
            return total(found)
        case "mean":
            return float(Fraction(total(found)) / len(found))
        case "min":
            return min(_number(item) for item in found)
        case "max":
            return max(_number(item) for item in found)
        case "first":
            return found[0]
        case "last":
            return found[-1]
        case "distinct":
            return len(set(found))
    raise ValueError(aggregate)


def value_of_times(reading: Reading, times: Sequence[int]) -> Value:
    """Return the value of an aggregate over one or more events that looks at their times alone, in order."""
    match reading.feature.aggregate, reading.feature.by:
        case "count", None:
            return len(times)
        case "since_first", None:
            return (reading.now - times[0]) / DAY
        case "since_last", None:
            return (reading.now - times[-1]) / DAY
        case "active", str(unit):
            return len({first_day(unit, local_date(time, zone_named(reading.zone))) for time in times})
    raise ValueError(reading.feature.aggregate)


def next_changes(reading: Reading) -> list[int]:
    """Return instants > now at which this feature's events enter or leave, or its calendar boundary falls.

    Among them is the earliest. Every event of the type counts for ``share``; elsewhere those that pass
    ``where``, with or without the property.
    """
    feature, now, zone = reading.feature, reading.now, reading.zone
    changes = []
    for event in reading.events:
        if feature.aggregate == "share" or reading.passes(event):
            entry, leave = stay(event.time, feature.window, reading.retention, zone)
            if leave is None or entry < leave:
                changes += [at for at in (entry, leave) if at is not None and at > now]
    if isinstance(feature.window, Since):
        changes.append(next_start_of(feature.window.unit, now, zone_named(zone)))
    if feature.aggregate == "until":
        changes += _end_of_chosen(reading)
    return changes


def days_until(reading: Reading) -> float | None:
    """Return the days to the start of the chosen date, or to the chosen instant; None where there is none."""
    chosen = chosen_date(reading)
    if chosen is None:
        return None
    at = chosen if reading.feature.of_instants else _start_of_days(chosen, reading.zone)
    return (at - reading.now) / DAY


def chosen_date(reading: Reading) -> int | None:
    """Return the earliest date >= today among the events in the window, as days since 1970.

    Of a property of type instant it is the earliest instant >= now.
    """
    feature = reading.feature
    assert feature.property is not None
    today = days(local_date(reading.now, zone_named(reading.zone)))
    least = reading.now if feature.of_instants else today
    seen = [e for e in reading.events if reading.in_window(e) and reading.passes(e)]
    dates = [e.properties.get(feature.property) for e in seen]
    return min((day for day in dates if isinstance(day, int) and day >= least), default=None)


def _end_of_chosen(reading: Reading) -> list[int]:
    chosen = chosen_date(reading)
    if chosen is None:
        return []
    return [chosen + 1 if reading.feature.of_instants else _start_of_days(chosen + 1, reading.zone)]


def total(found: Sequence[Value]) -> int | Fraction:
    """Return the exact sum."""
    result: int | Fraction = 0
    for item in found:
        result += _number(item)
    return result


def _number(item: Value) -> int | Fraction:
    assert isinstance(item, int | Fraction)
    return item


def _start_of_days(number: int, zone: str) -> int:
    return start_of_date(type(EPOCH_DATE).fromordinal(EPOCH_DATE.toordinal() + number), zone_named(zone))
