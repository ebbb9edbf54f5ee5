"""Events to records: the declared values of an event as fixed-size rows, a link as a row of the alias."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np

from onefold.core.event import IDENTIFY, RETRACTED, UNLINKED, Event
from onefold.core.ids import NULL, message_hash
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.profiles import words
from onefold.profiles.layout import Layout
from onefold.profiles.words import BIAS, MAX_PART, Rows
from onefold.sources import values

_HEAD = struct.Struct(">QQQ")
_PSEUDONYM = struct.Struct("=qq")
_TRAITS = "traits."


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """What the log says of an event beside its content.

    ``node`` is the pseudonym of the event's own name, ``known_at`` its arrival in microseconds,
    ``digest`` a digest of its body, of which the low 32 bits are kept to tell a repeat from a conflict.
    """

    node: bytes
    known_at: int
    digest: int


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """The packed records of one event: ``own`` for its name, ``linked`` for its alias; ``texts`` by code."""

    own: bytes
    linked: bytes = b""
    texts: Mapping[int, str] = {}

    def rows(self, layout: Layout) -> Rows:
        """Return the records of the event's own name (n, width)."""
        return _array(self.own, layout)

    def alias_rows(self, layout: Layout) -> Rows:
        """Return the records of its alias (0 or 1, width)."""
        return _array(self.linked, layout)


def _array(packed: bytes, layout: Layout) -> Rows:
    return np.frombuffer(bytearray(packed), dtype=np.uint64).reshape(-1, layout.width)


def rows_of(event: Event, layout: Layout, *, stamp: Stamp) -> Encoded:
    """Return the records of an event under a layout: see :meth:`Packer.pack`."""
    return packer_of(layout).pack(event, stamp)


class _Column(NamedTuple):
    """A declared property, its first slot, and what turns a raw value into slot words or raises ``ValueError``."""

    name: str
    slot: int
    encode: Callable[[Any], tuple[int, ...]]
    is_category: bool


class _Source(NamedTuple):
    """An event type, a list in one, or a trait: its code, its columns, and its lists with their sources' names."""

    code: int
    columns: tuple[_Column, ...]
    lists: tuple[tuple[Property, str], ...]


class Packer:
    """Packs the records of events; what depends on the layout alone is made ready once."""

    def __init__(self, layout: Layout) -> None:
        slots = layout.width - words.SLOTS
        self.shape = struct.Struct(f"=qQ{slots}q").pack, [NULL] * slots
        self._sources = {
            name: _Source(
                layout.code(name),
                tuple(
                    _Column(known.name, at, values.encoder(known), known.type is ValueType.CATEGORY)
                    for known, at in layout.columns[name]
                ),
                tuple((known, f"{name}.{known.name}") for known in source.properties if known.type is ValueType.LIST),
            )
            for name, source in layout.sources.items()
        }

    def pack(self, event: Event, stamp: Stamp) -> Encoded:
        """Return the records of an event.

        An event of an undeclared type, or with a declared value that does not fit (the definitions changed after
        it was accepted), becomes one hidden record: no feature sees it, de-duplication does.
        """
        record = _Record(self, event, stamp)
        linked = b"" if event.alias is None else record.link(event, stamp.node)
        try:
            own = self._own(event, record)
        except ValueError:
            own, record.texts = b"", {}
        return Encoded(own or record.packed(words.HIDDEN), linked, record.texts)

    def _own(self, event: Event, record: _Record) -> bytes:
        """Return the records of the event's own name; none where nothing of it is declared."""
        if event.name == RETRACTED:
            target = event.properties.get("message_id")
            return record.packed(words.RETRACTED, _signed(message_hash(target))) if isinstance(target, str) else b""
        if event.name == IDENTIFY:
            stated = ((self._sources.get(_TRAITS + trait), raw) for trait, raw in event.properties.items())
            return b"".join(record.row(known, 0, {"value": raw}) for known, raw in stated if known and known.columns)
        source = self._sources.get(event.name)
        if source is None:
            return b""
        own = record.row(source, 0, event.properties)
        for declared, name in source.lists:
            own += b"".join(self._lines(declared, self._sources[name], event.properties, record))
        return own

    def _lines(
        self, declared: Property, source: _Source, parent: Mapping[str, Any], record: _Record
    ) -> Iterator[bytes]:
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
            yield record.row(source, part, {**shared, **stated})


@lru_cache(maxsize=8)
def packer_of(layout: Layout) -> Packer:
    """Return the packer of a layout, kept from one call to the next."""
    return Packer(layout)


class _Record:
    """Packs the records of one event; gathers the texts of their categories on the way."""

    __slots__ = ("_digest", "_head", "_known_at", "_nulls", "_pack", "texts")

    def __init__(self, packer: Packer, event: Event, stamp: Stamp) -> None:
        self._pack, self._nulls = packer.shape
        self._head = _head(event)
        self._known_at, self._digest = stamp.known_at, (stamp.digest & 0xFFFFFFFF) << 32
        self.texts: dict[int, str] = {}

    def row(self, source: _Source, part: int, stated: Mapping[str, Any]) -> bytes:
        """Return the record of what a message states of a source; slots of what it does not state are NULL."""
        slots = self._nulls.copy()
        for name, slot, encode, is_category in source.columns:
            raw = stated.get(name)
            if raw is None:
                continue
            found = encode(raw)
            slots[slot] = found[0]
            if is_category:
                self.texts[found[0]] = raw
            elif len(found) > 1:
                slots[slot + 1] = found[1]
        return self._head + self._pack(self._known_at, source.code | words.part_bits(part) | self._digest, *slots)

    def packed(self, code: int, *first: int) -> bytes:
        """Return a record that is none of a source, with the given words in its first slots."""
        return self._head + self._pack(self._known_at, code | self._digest, *first, *self._nulls[len(first) :])

    def link(self, event: Event, owner: bytes) -> bytes:
        """Return the record that stands on the alias: whose it is from this event's time on, or is not."""
        if event.alias == event.node:
            return b""
        return self.packed(words.UNLINKED if event.name == UNLINKED else words.LINKED, *_PSEUDONYM.unpack(owner))


def _head(event: Event) -> bytes:
    """Return what records are sorted by; a time or order outside 64 bits stands at their end."""
    hashed = message_hash(event.message_id)
    try:
        return _HEAD.pack(event.time + BIAS, event.order + BIAS, hashed)
    except struct.error:
        return _HEAD.pack(_biased(event.time), _biased(event.order), hashed)


def _biased(number: int) -> int:
    """Return a number with its sign bit flipped, or the nearest that 64 bits hold."""
    return min(max(number, -BIAS), BIAS - 1) + BIAS


def _signed(number: int) -> int:
    return int.from_bytes(number.to_bytes(8, "big"), "big", signed=True)
