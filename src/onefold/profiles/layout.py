"""Which word of a record holds which property: decided by the schema alone, so that stores can be rebuilt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from onefold.core.errors import Problem, Problems, UserError
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.profiles.words import FIRST_SOURCE, SLOTS, WORD_BYTES

FORMAT = 2  # 2: the lines of a list sort by their number beyond 255, too
MIN_SLOTS = 2
MAX_SLOTS = 58
MAX_WIDTH = SLOTS + MAX_SLOTS  # 63 words, 504 bytes: LMDB takes at most 511 as one of many values of a key
MAX_SOURCES = 0xFFFF - FIRST_SOURCE


@dataclass(frozen=True, eq=False)
class Layout:
    """The shape of the records of a schema.

    Raises :class:`UserError` for a source with more properties than a record can hold.

    >>> amount, at = Property("amount", ValueType.MONEY, 2), Property("at", ValueType.PLACE)
    >>> layout = Layout(Schema(events={"paid": EventType("paid", (amount, at))}))
    >>> layout.width, layout.code("paid"), dict(layout.slots("paid"))
    (8, 16, {'amount': 0, 'at': 1})
    """

    schema: Schema
    sources: Mapping[str, EventType] = field(init=False, repr=False)
    _codes: dict[str, int] = field(init=False, repr=False)
    _slots: dict[str, dict[str, int]] = field(init=False, repr=False)
    columns: Mapping[str, tuple[tuple[Property, int], ...]] = field(init=False, repr=False)
    """Of each source, the properties that stand on the timeline, each with its first slot."""
    width: int = field(init=False)
    """Words of a record: the smallest even number that holds every source (63 for the widest)."""

    def __post_init__(self) -> None:
        sources = {source.name: source for source in self.schema.sources()}
        slots = {name: _slots_of(source) for name, source in sources.items()}
        most = max([MIN_SLOTS, *(_needed(source) for source in sources.values())])
        _check(sources)
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "_codes", {name: FIRST_SOURCE + at for at, name in enumerate(sources)})
        object.__setattr__(self, "_slots", slots)
        columns = {
            name: tuple((known, slots[name][known.name]) for known in source.properties if known.on_timeline)
            for name, source in sources.items()
        }
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "width", min(SLOTS + most + (SLOTS + most) % 2, MAX_WIDTH))

    @property
    def row_bytes(self) -> int:
        """Return the size of a record in bytes."""
        return self.width * WORD_BYTES

    def code(self, source: str) -> int:
        """Return the number (16 and up) that stands for a source; raise ``KeyError`` for an unknown one."""
        return self._codes[source]

    def slots(self, source: str) -> Mapping[str, int]:
        """Return the first slot (from 0) of each property of a source that stands on the timeline."""
        return self._slots[source]

    @cached_property
    def fingerprint(self) -> str:
        """Return 64 hex digits that change exactly when the records of the same events would."""
        content = [FORMAT, self.width, [self._described(source) for source in self.sources.values()]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _described(self, source: EventType) -> list[object]:
        columns = self.columns[source.name]
        return [source.name, [[known.name, at, str(known.type), _scale(known)] for known, at in columns]]


def _scale(known: Property) -> int:
    return known.scale if known.type in (ValueType.MONEY, ValueType.NUMBER) else 0


def _size(known: Property) -> int:
    return 2 if known.type is ValueType.PLACE else 1


def _needed(source: EventType) -> int:
    return sum(_size(known) for known in source.properties if known.on_timeline)


def _slots_of(source: EventType) -> dict[str, int]:
    slots, at = {}, 0
    for known in source.properties:
        if known.on_timeline:
            slots[known.name] = at
            at += _size(known)
    return slots


def _check(sources: Mapping[str, EventType]) -> None:
    problems = Problems()
    for source in sources.values():
        if _needed(source) > MAX_SLOTS:
            problems.add(
                f"`{source.name}`",
                f"its properties need {_needed(source)} slots on the timeline and {MAX_SLOTS} is the most",
                "Declare fewer of them; undeclared ones stay in the log and can be declared later.",
            )
    problems.raise_if_any()
    if len(sources) > MAX_SOURCES:
        raise UserError(
            Problem("the schema", f"it has more than {MAX_SOURCES} events, lists and traits", "Declare fewer.")
        )
