"""The naive genome: SEMANTICS sections 2 (Times, Identity, Retention) and 3, read aloud, for one customer.

It reads the whole list of events for every feature and finds each instant of change by bisection, so that it
can be checked by eye against the text. It shares no code with the engine but
:class:`onefold.core.instant.Span`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from tests.oracles.calendar import (
    EPOCH_DATE,
    days,
    first_day,
    first_instant,
    local_date,
    months_before,
    next_start_of,
    start_of,
    start_of_date,
    zone_named,
)

from onefold.core.instant import DAY, Span

Value = int | Fraction | float | str | bool | None
Properties = Mapping[str, Value]
Condition = Callable[[Properties], bool | None]

AGGREGATES = (
    "count", "sum", "mean", "min", "max", "first", "last", "distinct",
    "share", "since_first", "since_last", "active", "until",
)  # fmt: skip


@dataclass(frozen=True)
class OracleEvent:
    """An event of one customer, or one statement of a trait (source ``traits.x``, property ``value``).

    Values are exact: money ``int`` minor units, number ``int`` or ``Fraction``, category ``str``, date
    ``int`` days since 1970, None where absent (for a trait: stated as null, which is a value). ``part``
    numbers the lines of one list. ``retracted_at`` is the arrival of a retraction.
    """

    source: str
    time: int
    message_id: str
    known_at: int
    properties: Properties
    order: int = 0
    part: int = 0
    retracted_at: int | None = None

    @property
    def position(self) -> tuple[int, int, bytes, int]:
        """Return what orders the events of a customer."""
        return self.time, self.order, hashlib.sha256(self.message_id.encode()).digest(), self.part


@dataclass(frozen=True)
class Always:
    """Everything up to now."""


@dataclass(frozen=True)
class Within:
    """now - span <= time <= now."""

    span: Span


@dataclass(frozen=True)
class Between:
    """now - longest <= time < now - shortest."""

    longest: Span
    shortest: Span


@dataclass(frozen=True)
class Since:
    """From the start of the present day, week, month, quarter or year to now."""

    unit: str


Window = Always | Within | Between | Since


@dataclass(frozen=True)
class OracleFeature:
    """One feature; ``where`` gives True, False or None (unknown); ``by`` is the unit of ``active``."""

    name: str
    aggregate: str
    source: str
    property: str | None = None
    where: Condition | None = None
    window: Window = Always()
    by: str | None = None


def oracle_genome(
    events: Sequence[OracleEvent],
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
        kept = retention.get(retention_name(feature.source))
        reading = Reading(feature, now, zone, kept, tuple(e for e in existing if e.source == feature.source))
        values[feature.name] = value(reading)
        changes += next_changes(reading)
    return values, min(changes, default=None)


def events_that_exist(events: Sequence[OracleEvent], known: int) -> list[OracleEvent]:
    """Return the events that had arrived by ``known``, each messageId once, without those retracted."""
    once: dict[tuple[str, str, int], OracleEvent] = {}
    for event in sorted(events, key=lambda e: e.known_at):
        if event.known_at <= known:
            once.setdefault((event.message_id, event.source, event.part), event)
    retracted = {e.message_id for e in events if e.retracted_at is not None and e.retracted_at <= known}
    return sorted((e for e in once.values() if e.message_id not in retracted), key=lambda e: e.position)


def retention_name(source: str) -> str:
    """Return the name under which ``retention`` speaks of a source: a list goes with its event."""
    return source if source.startswith("traits.") else source.partition(".")[0]


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
        return name is None or is_statement or event.properties.get(name) is not None

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
        chosen = chosen_date(reading)
        return None if chosen is None else (_start_of_days(chosen, reading.zone) - reading.now) / DAY
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
    chosen = chosen_date(reading) if feature.aggregate == "until" else None
    if chosen is not None:
        changes.append(_start_of_days(chosen + 1, zone))
    return changes


def chosen_date(reading: Reading) -> int | None:
    """Return the earliest date >= today among the events in the window, as days since 1970."""
    feature = reading.feature
    assert feature.property is not None
    today = days(local_date(reading.now, zone_named(reading.zone)))
    seen = [e for e in reading.events if reading.in_window(e) and reading.passes(e)]
    dates = [e.properties.get(feature.property) for e in seen]
    return min((day for day in dates if isinstance(day, int) and day >= today), default=None)


def bounds(window: Window, retention: Span | None, now: int, zone: str) -> tuple[int | None, int]:
    """Return (start, end) at ``now``: an event is in the window iff start <= time < end."""
    starts = [] if retention is None else [before(now, retention, zone)]
    end = now + 1
    match window:
        case Within(span):
            starts.append(before(now, span, zone))
        case Since(unit):
            starts.append(start_of(unit, now, zone_named(zone)))
        case Between(longest, shortest):
            starts.append(before(now, longest, zone))
            end = before(now, shortest, zone)
        case Always():
            pass
    return max(starts, default=None), end


def before(now: int, span: Span, zone: str) -> int:
    """Return the instant that lies a span before ``now``."""
    return months_before(now, span.months, zone_named(zone)) if span.months else now - span.fixed


@lru_cache(maxsize=100_000)
def stay(time: int, window: Window, retention: Span | None, zone: str) -> tuple[int, int | None]:
    """Return the first instant at which a window has reached an event, and the first at which it has left it.

    Both bounds never move back, so the event is inside from the one to just before the other, if they are in
    this order, and never where they are not.
    """

    def reached(now: int) -> bool:
        return bounds(window, retention, now, zone)[1] > time

    def left(now: int) -> bool:
        start = bounds(window, retention, now, zone)[0]
        return start is not None and start > time

    horizon = time + _longest(window) + (_length(retention) if retention else 0)
    entry = first_instant(reached, after=time - 1, until=horizon)
    ends = not isinstance(window, Always) or retention is not None
    return entry, first_instant(left, after=time - 1, until=horizon) if ends else None


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


def _longest(window: Window) -> int:
    """Return microseconds after which a window has surely reached and left an event."""
    match window:
        case Always():
            return DAY
        case Within(span) | Between(span, _):
            return _length(span)
        case Since():
            return 400 * DAY


def _length(span: Span) -> int:
    return span.fixed + (31 * span.months + 3) * DAY
