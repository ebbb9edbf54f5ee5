"""The 73 cases as they stand in ``shared/data/dittofeed-segments/tables.json``: plain values, nothing translated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parents[3] / "shared" / "data" / "dittofeed-segments" / "tables.json"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One case: what is defined at first, and the steps (events, time that passes, new definitions, assertions)."""

    number: int
    raw: Json

    @property
    def description(self) -> str:
        return str(self.raw["description"])

    @property
    def steps(self) -> Sequence[Json]:
        steps: Sequence[Json] = self.raw["steps"]
        return steps

    def events(self) -> Iterator[Json]:
        """Yield every event of every step, of a repeated one the first."""
        for step in self.steps:
            yield from step.get("events", ())

    def triples(self) -> int:
        """Return how many (user, segment, expected) it asserts; a subscription is a segment."""
        users = [user for step in self.steps for user in step.get("users", ()) if step["type"] == "Assert"]
        return sum(len(user.get("segments", {})) for user in users)


@dataclass(frozen=True)
class Definitions:
    """What is defined at a step: properties and segments by name, and subscription groups."""

    properties: Mapping[str, Json]
    segments: Mapping[str, Json]
    groups: Mapping[str, Json]

    @classmethod
    def at_first(cls, raw: Json) -> Definitions:
        """Return what a table defines before its first step."""
        groups = {group["name"]: group for group in raw.get("subscriptionGroups", ())}
        return cls({}, {}, groups).updated(raw)

    def updated(self, step: Json) -> Definitions:
        """Return the definitions after an ``UpdateComputedProperty``; what it does not name stays."""
        stated = step.get("updater", step)
        properties = {one["name"]: one["definition"] for one in stated.get("userProperties", ())}
        segments = {one["name"]: one["definition"] for one in stated.get("segments", ())}
        return Definitions({**self.properties, **properties}, {**self.segments, **segments}, self.groups)

    def nodes(self) -> Iterator[Json]:
        """Yield every node of every definition, the entries too."""
        for definition in (*self.properties.values(), *self.segments.values()):
            yield definition.get("entryNode", definition)
            yield from definition.get("nodes", ())


@lru_cache(maxsize=1)
def tables() -> tuple[Table, ...]:
    """Return all cases; none where the data is absent."""
    if not TABLES.is_file():
        return ()
    return tuple(Table(number, raw) for number, raw in enumerate(json.loads(TABLES.read_text(encoding="utf-8"))))
