"""From an event of the log to what features see of it: itself, the lines of its lists, or the traits that it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from onefold.core.event import IDENTIFY, Event
from onefold.core.schema import Property, Schema
from onefold.core.types import ValueType
from onefold.oracle.events import OracleEvent, Properties
from onefold.oracle.values import exact


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the log with its arrival.

    ``digest`` is any number that differs where two events of one message id say different things: with it the two of
    a merged person are told apart.
    """

    event: Event
    known_at: int
    digest: int = 0


def lines_of(logged: LoggedEvent, schema: Schema) -> list[OracleEvent]:
    """Return what features see of an event: nothing where it is undeclared, or a declared value does not fit."""
    try:
        return [
            OracleEvent(
                source,
                logged.event.time,
                logged.event.message_id,
                logged.known_at,
                properties,
                order=logged.event.order,
                part=part,
            )
            for source, part, properties in _stated(logged.event, schema)
        ]
    except ValueError:
        return []


def _stated(event: Event, schema: Schema) -> Iterator[tuple[str, int, Properties]]:
    if event.name == IDENTIFY:
        yield from _traits(event, schema)
    elif event.name in schema.events:
        declared = schema.events[event.name].properties
        yield event.name, 0, _exact(declared, event.properties)
        for known in declared:
            if known.type is ValueType.LIST:
                yield from _list(f"{event.name}.{known.name}", known, declared, event.properties)


def _traits(event: Event, schema: Schema) -> Iterator[tuple[str, int, Properties]]:
    for name, raw in event.properties.items():
        trait = schema.traits.get(name)
        if trait is not None and trait.on_timeline:
            yield f"traits.{name}", 0, {"value": None if raw is None else exact(trait, raw)}


def _list(
    source: str, known: Property, declared: Iterable[Property], parent: Mapping[str, Any]
) -> Iterator[tuple[str, int, Properties]]:
    """Yield the lines of a list; a line shares the properties of its event, but for those it declares itself."""
    lines = parent.get(known.name)
    if lines is None:
        return
    if not isinstance(lines, list) or len(lines) > 65_535:
        raise ValueError("no list that fits")
    own = {item.name for item in known.items}
    shared = _exact([one for one in declared if one.name not in own], parent)
    for part, line in enumerate(lines, 1):
        if not isinstance(line, dict):
            raise ValueError("a line is no object")
        yield source, part, {**shared, **_exact(known.items, line)}


def _exact(declared: Iterable[Property], stated: Mapping[str, Any]) -> Properties:
    """Return the exact values of the declared properties that may stand on a timeline; absent ones are None."""
    found = {}
    for known in declared:
        if known.on_timeline:
            raw = stated.get(known.name)
            found[known.name] = None if raw is None else exact(known, raw)
    return found
