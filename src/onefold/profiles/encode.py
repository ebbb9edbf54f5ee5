"""Events to records: the declared values of an event as fixed-size rows, a link as a row of the alias."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from onefold.core.event import IDENTIFY, RETRACTED, UNLINKED, Event
from onefold.core.ids import NULL, message_hash
from onefold.core.schema import EventType, Property
from onefold.core.types import ValueType
from onefold.profiles import words
from onefold.profiles.layout import Layout
from onefold.profiles.words import BIAS, MAX_PART, Rows
from onefold.sources import values

Encode: TypeAlias = Callable[[Property, Any], tuple[int, ...]]

_HEAD = struct.Struct(">QQQ")
_PSEUDONYM = struct.Struct("=qq")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the log says of an event beside its content.

    ``node`` is the pseudonym of the event's own name, ``known_at`` its arrival in microseconds,
    ``digest`` a digest of its body, of which the low 32 bits are kept to tell a repeat from a conflict.
    """

    node: bytes
    known_at: int
    digest: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """The packed records of one event: ``own`` for its name, ``linked`` for its alias; ``texts`` by code."""

    own: bytes
    linked: bytes = b""
    texts: Mapping[int, str] = field(default_factory=dict)

    def rows(self, layout: Layout) -> Rows:
        """Return the records of the event's own name (n, width)."""
        return _array(self.own, layout)

    def alias_rows(self, layout: Layout) -> Rows:
        """Return the records of its alias (0 or 1, width)."""
        return _array(self.linked, layout)


def _array(packed: bytes, layout: Layout) -> Rows:
    return np.frombuffer(bytearray(packed), dtype=np.uint64).reshape(-1, layout.width)


def rows_of(event: Event, layout: Layout, *, stamp: Stamp, encode: Encode = values.encode) -> Encoded:
    """Return the records of an event under a layout.

    An event of an undeclared type, or with a declared value that does not fit (the definitions changed
    after it was accepted), becomes one hidden record: no feature sees it, de-duplication does. ``encode``
    turns a declared raw value into slot words and raises ``ValueError`` where it does not fit.
    """
    writer = _Writer(event, layout, stamp, encode)
    try:
        own = b"".join(writer.records())
    except ValueError:
        own, writer.texts = b"", {}
    return Encoded(own or writer.record(words.HIDDEN, 0, {}), writer.link(), writer.texts)


class _Writer:
    """Packs the records of one event; gathers the texts of their categories on the way."""

    def __init__(self, event: Event, layout: Layout, stamp: Stamp, encode: Encode) -> None:
        self._event, self._layout, self._stamp, self._encode = event, layout, stamp, encode
        self._head = _HEAD.pack(_biased(event.time), _biased(event.order), message_hash(event.message_id))
        self._tail, self._nulls = _tail(layout.width)
        self.texts: dict[int, str] = {}

    def records(self) -> Iterator[bytes]:
        """Yield the records of the event's own name; none where nothing of it is declared."""
        event = self._event
        if event.name == RETRACTED:
            target = event.properties.get("message_id")
            if isinstance(target, str):
                yield self.record(words.RETRACTED, 0, {0: _signed(message_hash(target))})
        elif event.name == IDENTIFY:
            for trait, raw in event.properties.items():
                source = self._layout.sources.get(f"traits.{trait}")
                if source is not None and self._layout.slots(source.name):
                    yield self._row(source.name, 0, {"value": raw})
        elif event.name in self._layout.sources:
            yield from self._event_records(self._layout.sources[event.name])

    def _event_records(self, source: EventType) -> Iterator[bytes]:
        properties = self._event.properties
        yield self._row(source.name, 0, properties)
        for declared in source.properties:
            if declared.type is ValueType.LIST:
                yield from self._lines(declared, f"{source.name}.{declared.name}", properties)

    def _lines(self, declared: Property, name: str, parent: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield a record a line; what a line's own items do not declare is its parent's."""
        lines = parent.get(declared.name)
        if lines is None:
            return
        if not isinstance(lines, list) or len(lines) > MAX_PART:
            raise ValueError("not a list that fits")
        own = {item.name for item in declared.items}
        shared = {key: value for key, value in parent.items() if key not in own}
        for part, line in enumerate(lines, 1):
            if not isinstance(line, dict):
                raise ValueError("a line of a list is no object")
            stated = {key: value for key, value in line.items() if key in own}
            yield self._row(name, part, {**shared, **stated})

    def _row(self, source: str, part: int, stated: Mapping[str, Any]) -> bytes:
        filled: dict[int, int] = {}
        for declared, at in self._layout.columns[source]:
            raw = stated.get(declared.name)
            if raw is None:
                continue
            found = self._encode(declared, raw)
            filled[at] = found[0]
            if len(found) > 1:
                filled[at + 1] = found[1]
            elif declared.type is ValueType.CATEGORY:
                self.texts[found[0]] = raw
        return self.record(self._layout.code(source), part, filled)

    def record(self, code: int, part: int, filled: Mapping[int, int]) -> bytes:
        """Return a packed record with the given slots filled and all others NULL."""
        slots = self._nulls.copy()
        for at, word in filled.items():
            slots[at] = word
        kind = code | part << 16 | (self._stamp.digest & 0xFFFFFFFF) << 32
        return self._head + self._tail.pack(self._stamp.known_at, kind, *slots)

    def link(self) -> bytes:
        """Return the record that stands on the alias: whose it is from this event's time on, or is not."""
        if self._event.alias is None or self._event.alias == self._event.node:
            return b""
        code = words.UNLINKED if self._event.name == UNLINKED else words.LINKED
        return self.record(code, 0, dict(enumerate(_PSEUDONYM.unpack(self._stamp.node))))


@lru_cache(maxsize=64)
def _tail(width: int) -> tuple[struct.Struct, list[int]]:
    slots = width - words.SLOTS
    return struct.Struct(f"=qQ{slots}q"), [NULL] * slots


def _biased(number: int) -> int:
    """Return a number with its sign bit flipped; what lies outside 64 bits stands at their end."""
    return min(max(number, -BIAS), BIAS - 1) + BIAS


def _signed(number: int) -> int:
    return int.from_bytes(number.to_bytes(8, "big"), "big", signed=True)
