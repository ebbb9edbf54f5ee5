"""Timelines in dictionaries: short and obvious, the reference for every other store, and enough for tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch, NodeInfo, check_batch, flags_of
from onefold.profiles.words import Rows


class MemoryTimelines:
    """A :class:`onefold.profiles.store.TimelineStore` that lives and dies with the process."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._seq = 0
        self._rows: dict[bytes, set[bytes]] = {}
        self._names: dict[bytes, bytes] = {}
        self._flags: dict[bytes, int] = {}
        self._members: dict[bytes, set[bytes]] = {}
        self._texts: dict[int, str] = {}

    def state(self) -> tuple[int, str]:
        """Return the applied log number and the layout's fingerprint."""
        return self._seq, self._layout.fingerprint

    def apply(self, batch: Batch) -> None:
        """Add a batch."""
        check_batch(batch, self._layout)
        for node, rows in batch.rows.items():
            self._rows.setdefault(node, set()).update(row.tobytes() for row in rows)
        self._names.update(batch.names)
        for node, flags in flags_of(batch).items():
            self._flags[node] = self._flags.get(node, 0) | flags
        for owner, member in batch.members:
            self._members.setdefault(owner, set()).add(member)
        for code, text in batch.texts.items():
            self._texts.setdefault(code, text)
        self._seq = max(self._seq, batch.seq)

    def rows(self, node: bytes) -> Rows:
        """Return a copy of a name's records, sorted by their bytes."""
        records = bytearray().join(sorted(self._rows.get(node, ())))
        return np.frombuffer(records, dtype=np.uint64).reshape(-1, self._layout.width)

    def many(self, nodes: Sequence[bytes]) -> tuple[Rows, NDArray[np.int64]]:
        """Return the records of several names and the offsets at which each begins."""
        parts = [self.rows(node) for node in nodes]
        offsets = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)
        return np.concatenate([np.empty((0, self._layout.width), dtype=np.uint64), *parts]), offsets

    def node(self, node: bytes) -> NodeInfo | None:
        """Return what is known of a name, None if it never occurred."""
        if node not in self._seen():
            return None
        members = tuple(sorted(self._members.get(node, ())))
        return NodeInfo(self._names.get(node, b""), self._flags.get(node, 0), members)

    def nodes(self) -> Iterator[tuple[bytes, NodeInfo]]:
        """Yield every name, sorted."""
        for node in sorted(self._seen()):
            info = self.node(node)
            assert info is not None
            yield node, info

    def texts(self, after: int = 0) -> list[tuple[int, str]]:
        """Return (code, text) in the order they came, without the first ``after``."""
        return list(self._texts.items())[after:]

    def _seen(self) -> set[bytes]:
        return {*self._rows, *self._names, *self._flags, *self._members}
