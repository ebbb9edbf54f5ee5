"""Events as the oracle sees them: exact values, one for each line of a list and each stated trait."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

Value = int | Fraction | float | str | bool | tuple[int, int] | None
Properties = Mapping[str, Value]
Condition = Callable[[Properties], bool | None]


@dataclass(frozen=True)
class OracleEvent:
    """An event of one customer, or one statement of a trait (source ``traits.x``, property ``value``).

    Values are exact: money ``int`` minor units, number ``int`` or ``Fraction``, category ``str``, date
    ``int`` days since 1970, instant and duration ``int`` microseconds, place (latitude, longitude) in 1e-7 degrees,
    None where absent (for a trait: stated as null, which is a value). ``part`` numbers the lines of one list.
    ``retracted_at`` is the arrival of a retraction.
    """

    source: str
    time: int
    message_id: str
    known_at: int
    properties: Properties
    order: int = 0
    part: int = 0
    retracted_at: int | None = None

    @cached_property
    def position(self) -> tuple[int, int, bytes, int]:
        """Return what orders the events of a customer."""
        digest = hashlib.sha256(self.message_id.encode("utf-8", "surrogatepass")).digest()
        return self.time, self.order, digest, self.part


def events_that_exist(events: Iterable[OracleEvent], known: int) -> list[OracleEvent]:
    """Return the events that had arrived by ``known``, each messageId once, without those retracted."""
    everything = sorted(events, key=lambda e: e.known_at)
    once: dict[tuple[str, str, int], OracleEvent] = {}
    for event in everything:
        if event.known_at <= known:
            once.setdefault((event.message_id, event.source, event.part), event)
    retracted = {e.message_id for e in everything if e.retracted_at is not None and e.retracted_at <= known}
    return sorted((e for e in once.values() if e.message_id not in retracted), key=lambda e: e.position)
