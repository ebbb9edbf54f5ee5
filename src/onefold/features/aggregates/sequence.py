"""``sequence``: whether some events, at strictly increasing times, match its steps one after another.

None of ``without`` may have followed the first of them by now, and ``after`` must have passed since the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section
from onefold.core.errors import Place
from onefold.core.schema import EventType
from onefold.core.types import ValueType
from onefold.features.aggregates.base import Asked, Floats, Numbers, Reduction, Result, register_reduction
from onefold.features.sources import Sources, Stream, Takes, fixed_span
from onefold.language.ast import And, Node

MAX_STEPS = 20
_TRUTH = Result(ValueType.BOOLEAN)
_NO_TIME = -(2**63)


def _read(section: Section, sources: Sources) -> Asked | None:
    failed = len(section.problems.found)
    reader = _Steps(section, sources)
    steps, without = reader.read("sequence"), reader.read("without") if "without" in section else ()
    after = fixed_span(section, "after", 0)
    if after is None or len(section.problems.found) > failed:
        return None
    options = (("steps", len(steps)), ("without", len(without)), ("after", after))
    return Asked((*steps, *without), _TRUTH, (len(steps), after), True, options)


@dataclass(slots=True)
class _Steps:
    """Reads lists of steps: names of events, or mappings of an event and a filter of its own."""

    section: Section
    sources: Sources
    filters: dict[str, Node | None] = field(default_factory=dict)

    def read(self, key: str) -> tuple[Stream, ...]:
        """Return the streams of a list of steps, those of ``without`` up to now whatever the window."""
        items = self.section.items_of(key)
        if not 1 <= len(items) <= MAX_STEPS:
            self.section.problem(key, f"it takes 1 to {MAX_STEPS} steps", "Name events: [calculator_used, applied].")
            return ()
        found = [self._step(key, item, place) for item, place in items]
        return tuple(one for one in found if one is not None)

    def _step(self, key: str, item: Any, place: Place) -> Stream | None:
        inner = Section(item, place, self.section.problems) if isinstance(item, CommentedMap) else None
        if inner is not None:
            inner.only("event", "where")
            text = inner.required("event")
            place = inner.place_of("event")
        else:
            text = str(item)
        found = self.sources.named(self.section, key, text, place, Takes.EVENT) if text else None
        if found is None:
            return None
        own = self.sources.where(inner, found[0]) if inner is not None else None
        if key == "without":
            return Stream(found[0].name, None, own, to_now=True)
        return Stream(found[0].name, None, _both(self._common(found[0]), own))

    def _common(self, source: EventType) -> Node | None:
        """Return the filter of all steps, read once for each event that they name."""
        if source.name not in self.filters:
            self.filters[source.name] = self.sources.where(self.section, source)
        return self.filters[source.name]


def _both(one: Node | None, other: Node | None) -> Node | None:
    return And((one, other)) if one is not None and other is not None else one or other


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Take for each step the earliest event that fits, from the newest ``without`` on: no other choice ends sooner."""
    steps, after = numbers[0], numbers[1]
    for person in range(people.size - 1):
        first, end = people[person], people[person + 1]
        earliest = _NO_TIME
        for at in range(end - 1, first - 1, -1):
            if bits[at] >> steps:
                earliest = times[at]
                break
        step = 0
        for at in range(first, end):
            if times[at] >= earliest and bits[at] >> step & 1:
                earliest = times[at] + 1
                step += 1
                if step == steps:
                    break
        out[person] = 0
        if step == steps:
            since = earliest - 1 + after
            if since <= now:
                out[person] = 1
            else:
                changes[person] = min(changes[person], since)


SEQUENCE = register_reduction(Reduction("sequence", ("without", "after"), _read, _reduce))
