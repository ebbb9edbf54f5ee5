"""What arrived since a record of the log: how far back it reaches, so that what was computed before can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from onefold.core.event import LINKED, RETRACTED, UNLINKED, Event
from onefold.features.engine import FOREVER
from onefold.governance.records import Kind
from onefold.workspace.stores import Stores

EVER = -FOREVER
"""Earlier than every event."""

WORTH_READING = 20_000
"""Records of the log that are looked through at the most: beyond that, computing anew is about as quick."""

_REWRITES = frozenset({LINKED, UNLINKED, RETRACTED})


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The log of a workspace, asked about what came after a record."""

    stores: Stores

    def earliest(self, after: int, until: int, known: int = FOREVER) -> int:
        """Return the earliest instant at which answers may differ for the records ``after + 1 .. until`` of the log.

        An event changes answers from its own time on; a link, an unlink, a retraction and what cannot be read may
        change them at any time: :data:`EVER`. What arrived after ``known`` changes nothing. ``FOREVER`` says that
        nothing differs at all.
        """
        if until <= after:
            return FOREVER
        if until - after > WORTH_READING or self.stores.log.last() < until:
            return EVER
        earliest = FOREVER
        for event, known_at in self._events(after, until):
            if known_at > known:
                continue
            if event is None or event.alias is not None or event.name in _REWRITES:
                return EVER
            earliest = min(earliest, event.time)
        return earliest

    def _events(self, after: int, until: int) -> Iterator[tuple[Event | None, int]]:
        """Yield the events of records with their arrivals; None for what was erased."""
        codec = self.stores.codec
        for seq, payload in self.stores.log.records(after):
            if seq > until:
                return
            if codec.peek(payload)[0] is Kind.EVENT:
                record = codec.decode(payload)
                yield record.event, record.known_at
