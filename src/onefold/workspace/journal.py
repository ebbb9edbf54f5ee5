"""The journal of segment changes as it is kept: an append-only log of entries, and of how far it was computed.

It is never on a timeline and no source for features. Who is a member follows from the timelines; the journal says
what was told, when, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from onefold.adapters.files.log import SegmentedLog
from onefold.core.errors import FormatError
from onefold.segments.journal import Cause, Change, SegmentChange, State

VERSION = 1


class Entry(msgspec.Struct, frozen=True, array_like=True, tag="change"):
    """One change as it is kept; ``customer`` is a pseudonym, times are microseconds."""

    customer: bytes
    segment: str
    change: str
    cause: str
    at: int
    computed_at: int
    definitions: str


class Mark(msgspec.Struct, frozen=True, array_like=True, tag="mark"):
    """How far the journal goes: up to which instant, which record of the log, and under which definitions."""

    through: int
    record: int
    definitions: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a journal says by its end: who is in which segments, and how far it was computed."""

    members: Mapping[bytes, set[str]]
    mark: Mark | None


class Journal:
    """Entries in the order in which they were found."""

    def __init__(self, log: SegmentedLog) -> None:
        self._log = log
        self._decode = msgspec.msgpack.Decoder(Entry | Mark).decode

    def entries(self, *, since: int) -> Iterator[tuple[int, Entry]]:
        """Yield (seq, entry) of every change at or after an instant."""
        return ((seq, one) for seq, one in self._records() if isinstance(one, Entry) and one.at >= since)

    def standing(self) -> Standing:
        """Return who is in which segments by the end of the journal."""
        state, mark = State(), None
        for _, one in self._records():
            if isinstance(one, Entry):
                state.take([SegmentChange(one.at, one.segment, Change(one.change), Cause(one.cause), one.customer)])
            else:
                mark = one
        return Standing(state.members, mark)

    def append(self, changes: Sequence[SegmentChange], *, mark: Mark, computed_at: int) -> None:
        """Add changes, and how far the journal goes with them; they are whole with their mark or not at all."""
        entries = [
            Entry(one.customer, one.segment, one.change, one.cause, one.at, computed_at, mark.definitions)
            for one in changes
        ]
        self._log.append([*map(_packed, entries), _packed(mark)])

    def _records(self) -> Iterator[tuple[int, Entry | Mark]]:
        for seq, payload in self._log.records():
            if payload[0] != VERSION:
                raise FormatError(f"the journal of segments has version {payload[0]}. Install the newer release.")
            yield seq, self._decode(payload[1:])


def _packed(one: Entry | Mark) -> bytes:
    return bytes([VERSION]) + msgspec.msgpack.encode(one)


def entries_of(changes: Iterable[SegmentChange], *, computed_at: int, definitions: str) -> list[Entry]:
    """Return changes that were computed for an answer alone as entries that no journal holds."""
    return [
        Entry(one.customer, one.segment, one.change, one.cause, one.at, computed_at, definitions) for one in changes
    ]
