"""A feature as the oracle reads it, and its reading: the feature at one moment, over the events that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from onefold.core.instant import Span
from onefold.oracle.events import Condition, OracleEvent, Value
from onefold.oracle.windows import ALL_TIME, Window, bounds, retention_of, stay

Option = int | str | bool | Fraction | tuple[tuple[int, int], ...] | None
Options = tuple[tuple[str, Option], ...]


@dataclass(frozen=True)
class OracleStream:
    """The events of one source that pass a condition (True, not unknown)."""

    source: str
    where: Condition | None = None

    def holds(self, event: OracleEvent) -> bool:
        """Whether an event is one of these."""
        return event.source == self.source and (self.where is None or self.where(event.properties) is True)


@dataclass(frozen=True)
class OracleFeature:
    """One feature; ``where`` gives True, False or None (unknown); ``by`` is the unit of ``active``.

    ``of_instants`` says that ``until`` reads instants, not dates; ``every_event`` that events without the property
    are seen too. ``more`` are further streams (the later steps of a sequence, then what must not come after), and
    ``options`` whatever else the definition says: a gap, hours, a radius.
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
    more: tuple[OracleStream, ...] = ()
    options: Options = ()

    def streams(self) -> tuple[OracleStream, ...]:
        """Return all streams, the feature's own first."""
        return (OracleStream(self.source, self.where), *self.more)

    def number(self, name: str) -> int:
        """Return an option that is a whole number."""
        found = dict(self.options)[name]
        assert isinstance(found, int)
        return found

    def word(self, name: str) -> str:
        """Return an option that is a word."""
        found = dict(self.options)[name]
        assert isinstance(found, str)
        return found


@dataclass(frozen=True)
class Reading:
    """One feature at one moment, with the events that exist, in order."""

    feature: OracleFeature
    now: int
    zone: str
    retention: Mapping[str, Span]
    events: tuple[OracleEvent, ...]

    def of_type(self) -> list[OracleEvent]:
        """Return the events of the feature's own source."""
        return [event for event in self.events if event.source == self.feature.source]

    def passes(self, event: OracleEvent) -> bool:
        """Whether it is an event of the feature's own source, and ``where`` is true of it (not unknown)."""
        return self.feature.streams()[0].holds(event)

    def has_property(self, event: OracleEvent) -> bool:
        """Whether there is a value to see; ``first`` and ``last`` see a trait stated as null."""
        name = self.feature.property
        is_statement = event.source.startswith("traits.") and self.feature.aggregate in ("first", "last")
        seen = name is None or is_statement or self.feature.every_event
        return seen or event.properties.get(name or "") is not None

    def in_window(self, event: OracleEvent) -> bool:
        """Whether the window of ``now`` holds the event."""
        start, end = bounds(self.feature.window, self.kept(event), self.now, self.zone)
        return (start is None or start <= event.time) and event.time < end

    def kept(self, event: OracleEvent) -> Span | None:
        """Return for how long such events exist."""
        return retention_of(self.retention, event.source)

    def seen(self) -> list[OracleEvent]:
        """Return what the aggregate sees: events in the window that pass ``where`` and have the property."""
        return [one for one in self.events if self.passes(one) and self.has_property(one) and self.in_window(one)]

    def value_of(self, event: OracleEvent) -> Value:
        """Return the property's value."""
        assert self.feature.property is not None
        return event.properties.get(self.feature.property)

    def values_seen(self) -> list[Value]:
        """Return the property's values of what the aggregate sees, in order."""
        return [self.value_of(event) for event in self.seen()]

    def comes_and_goes(self, event: OracleEvent) -> list[int]:
        """Return the instants > now at which an event enters or leaves the window."""
        entry, leave = stay(event.time, self.feature.window, self.kept(event), self.zone)
        if leave is not None and leave <= entry:
            return []
        return [at for at in (entry, leave) if at is not None and at > self.now]


def exact_number(item: Value) -> int | Fraction:
    """Return a value that is an exact number."""
    assert isinstance(item, int | Fraction)
    return item
