"""The wrapped keys of all nodes in memory: 96 bytes a node in sorted arrays, where a dict would take 300."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WRAPPED_BYTES = 60
FRESH = 50_000
"""New keys stand in a dict until there are so many (or a quarter of the others), then they join the
arrays.
"""

_ROW = np.dtype([("node", "V16"), ("epoch", "<u4"), ("seq", "<u8"), ("wrapped", f"V{WRAPPED_BYTES}")])
_STRUCT = struct.Struct(f"<16sIQ{WRAPPED_BYTES}s")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A data key: its epoch (from 1), the record of the key log it stands in (0: not yet written), the
    wrapped key.
    """

    epoch: int
    seq: int
    wrapped: bytes


class KeyTable:
    """Maps nodes (16 evenly distributed bytes) to their live keys. Not thread-safe: its owner locks.

    >>> table = KeyTable()
    >>> table.put(bytes(16), StoredKey(1, 7, bytes(60)))
    >>> table.settle(force=True)
    >>> table.get(bytes(16)).seq, table.get(bytes(15) + b"x")
    (7, None)
    """

    def __init__(self) -> None:
        self._fresh: dict[bytes, StoredKey] = {}
        self._take(np.empty(0, _ROW))

    def get(self, node: bytes) -> StoredKey | None:
        """Return the live key of a node, or None."""
        if (fresh := self._fresh.get(node)) is not None:
            return fresh
        at = self._find(node)
        if at is None:
            return None
        _, epoch, seq, wrapped = _STRUCT.unpack(self._rows[at].tobytes())
        return StoredKey(epoch, seq, wrapped)

    def put(self, node: bytes, key: StoredKey) -> None:
        """Set the live key of a node that has none, or was given its place in the log."""
        self._fresh[node] = key

    def remove(self, node: bytes) -> None:
        """Forget the key of a node; its bytes are overwritten."""
        self._fresh.pop(node, None)
        at = self._find(node)
        if at is not None:
            self._rows[at] = np.frombuffer(_STRUCT.pack(node, 0, 0, b""), _ROW)[0]

    def settle(self, *, force: bool = False) -> None:
        """Move written keys to the arrays once there are many."""
        if not force and len(self._fresh) < max(FRESH, len(self._rows) // 4):
            return
        written = {node: key for node, key in self._fresh.items() if key.seq}
        packed = (_STRUCT.pack(node, key.epoch, key.seq, key.wrapped) for node, key in written.items())
        moved = np.frombuffer(b"".join(packed), _ROW)
        self._take(np.concatenate([self._rows[self._rows["epoch"] > 0], moved]))
        for node in written:
            del self._fresh[node]

    def load(self, keys: Iterable[tuple[bytes, StoredKey]]) -> None:
        """Put many written keys at once."""
        chunks = [self._rows]
        packed: list[bytes] = []
        for node, key in keys:
            packed.append(_STRUCT.pack(node, key.epoch, key.seq, key.wrapped))
            if len(packed) == FRESH:
                chunks.append(np.frombuffer(b"".join(packed), _ROW))
                packed.clear()
        chunks.append(np.frombuffer(b"".join(packed), _ROW))
        self._take(np.concatenate(chunks))

    def nodes(self) -> Iterator[bytes]:
        """Yield every node that has a live key."""
        yield from self._fresh
        for node in self._rows["node"][self._rows["epoch"] > 0]:
            yield node.tobytes()

    def _take(self, rows: npt.NDArray[np.void]) -> None:
        """Sort rows by the first 8 bytes of their nodes."""
        prefixes = np.frombuffer(rows["node"].tobytes(), ">u8")[::2].astype(np.uint64)
        order = np.argsort(prefixes, kind="stable")
        self._rows = rows[order]
        self._prefixes = memoryview(prefixes[order].tobytes()).cast("Q")

    def _find(self, node: bytes) -> int | None:
        prefix = int.from_bytes(node[:8], "big")
        at = bisect_left(self._prefixes, prefix)
        while at < len(self._prefixes) and self._prefixes[at] == prefix:
            row = self._rows[at]
            if row["node"].tobytes() == node and row["epoch"]:
                return at
            at += 1
        return None
