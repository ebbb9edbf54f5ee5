"""Collects the records of many events into one batch for the timeline store."""

from __future__ import annotations

import numpy as np

from onefold.core.event import UNLINKED, Event
from onefold.core.ids import ANONYMOUS
from onefold.profiles.encode import Stamp, packer_of
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch

_VISITOR = f"{ANONYMOUS}:"


class Gather:
    """Adds up events; :meth:`batch` takes them out as a :class:`Batch` and begins anew.

    Pseudonyms come from the caller, who holds the workspace key; so do sealed names.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout, self._packer = layout, packer_of(layout)
        self._clear()

    def _clear(self) -> None:
        self._packed: dict[bytes, list[bytes]] = {}
        self._names: dict[bytes, bytes] = {}
        self._known: set[bytes] = set()
        self._members: dict[tuple[bytes, bytes], None] = {}
        self._texts: dict[int, str] = {}
        self.events = 0

    def add(self, event: Event, stamp: Stamp, *, alias: bytes | None = None) -> None:
        """Add an event; ``alias`` is the pseudonym of ``event.alias``, required where there is one."""
        encoded = self._packer.pack(event, stamp)
        self._put(stamp.node, event.node, encoded.own)
        if event.alias is not None and encoded.linked:
            if alias is None:
                raise ValueError("an event with an alias needs the alias's pseudonym")
            self._put(alias, event.alias, encoded.linked)
            if event.name != UNLINKED:
                self._members[stamp.node, alias] = None
        self._texts.update(encoded.texts)
        self.events += 1

    def name(self, node: bytes, sealed: bytes) -> None:
        """Add the sealed identifier of a name."""
        self._names[node] = sealed

    def batch(self, seq: int) -> Batch:
        """Return what was added since the last call, as of a log number."""
        rows = {
            node: np.frombuffer(bytearray().join(packed), dtype=np.uint64).reshape(-1, self._layout.width)
            for node, packed in self._packed.items()
        }
        found = Batch(seq, rows, self._names, list(self._members), self._texts, self._known)
        self._clear()
        return found

    def _put(self, node: bytes, name: str, packed: bytes) -> None:
        found = self._packed.get(node)
        if found is not None:
            found.append(packed)
            return
        self._packed[node] = [packed]
        if not name.startswith(_VISITOR):
            self._known.add(node)
