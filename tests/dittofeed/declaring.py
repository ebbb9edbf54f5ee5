"""``events.yaml`` of a case: what its events hold, typed by the values seen, and what its definitions name.

What cannot stand as it is: a trait that is a list becomes an event with that list (a trait is one scalar); a trait
that says when something happened, asked for by ``Within``, becomes an event at that time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.dittofeed.naming import ITEM, WHOLE, flat, is_name, matching, property_name
from tests.dittofeed.tables import Definitions, Json, Table

from onefold.sources.names import event_name

LINES = "items"
Types = dict[str, str]


@dataclass(frozen=True)
class Declared:
    """Types by event and property, and by trait; ``dated`` and ``listed`` are traits that become events."""

    events: Mapping[str, Types]
    traits: Types
    dated: frozenset[str]
    listed: frozenset[str]
    names: list[str]

    def like(self, pattern: str) -> list[str]:
        """Return our events that a pattern of theirs means."""
        return matching(pattern, self.names)

    def yaml(self) -> dict[str, Any]:
        """Return the content of ``events.yaml``."""
        events = {name: {key: _typed(kind) for key, kind in types.items()} for name, types in self.events.items()}
        return {"events": events, "traits": {name: _typed(kind) for name, kind in self.traits.items()}}


def stated(trait: str) -> str:
    """Return the event that states a list."""
    return event_name(f"{trait}_stated")


def reached(trait: str) -> str:
    """Return the event that lies at the instant which a trait names."""
    return event_name(f"{trait}_reached")


def declare(table: Table) -> Declared:
    """Declare all that the events of a case hold and its definitions name."""
    nodes = [node for definitions in _definitions(table) for node in definitions.nodes()]
    dated, compared = _instants(nodes, "Within"), _instants(nodes, "AbsoluteTimestamp")
    traits: Types = {}
    events: dict[str, Types] = defaultdict(dict)
    for event in table.events():
        if event["type"] == "track":
            _see(events[event_name(event["event"])], flat(event.get("properties", {})))
        else:
            _see(traits, flat(event.get("traits", {})))
    names = sorted({event["event"] for event in table.events() if event["type"] == "track"})
    for pattern, path in _read(nodes):
        for name in matching(pattern, names):
            _name(events[name], path)
    for node in nodes:
        if "path" in node and "event" not in node:
            _name(traits, node["path"])
    listed = frozenset(name for name, kind in traits.items() if kind == "list")
    events |= {stated(trait): {LINES: "list"} for trait in listed} | {reached(trait): {} for trait in dated}
    kinds = {name: "instant" if name in dated | compared else kind for name, kind in traits.items()}
    scalars = {name: kind for name, kind in kinds.items() if name not in listed}
    return Declared(events, scalars, dated, listed, names)


def _definitions(table: Table) -> list[Definitions]:
    found = [Definitions.at_first(table.raw)]
    found += [found[0].updated(step) for step in table.steps if step["type"] == "UpdateComputedProperty"]
    return found


def _instants(nodes: list[Json], operator: str) -> frozenset[str]:
    return frozenset(
        property_name(node["path"])
        for node in nodes
        if node["type"] == "Trait" and node.get("operator", {}).get("type") == operator
    )


def _read(nodes: list[Json]) -> Iterator[tuple[str, str]]:
    """Yield (pattern of events, path of a property, ``$`` for none) of all that reads events."""
    for node in nodes:
        if "event" in node:
            yield node["event"], node.get("path", WHOLE)
            conditions = [node.get(key, ()) for key in ("properties", "whereProperties", "hasProperties")]
            yield from ((node["event"], one["path"]) for some in conditions for one in some)


def _name(types: Types, path: str) -> None:
    """Declare what a definition names, unless its values were seen, or those inside it."""
    name = property_name(path)
    if is_name(path) and path != WHOLE and not any(f"{known}_".startswith(f"{name}_") for known in types):
        types[name] = "category"


def _see(types: Types, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is None or types.get(name) == "list":
            types.setdefault(name, "category")
        else:
            types[name] = _kind(value)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "category"


def _typed(kind: str) -> dict[str, Any]:
    return {"type": kind, "of": {ITEM: {"type": "category"}}} if kind == "list" else {"type": kind}
