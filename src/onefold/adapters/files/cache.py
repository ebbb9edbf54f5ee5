"""A bounded cache that keeps what was used lately, with a read path of one dict lookup."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Generations(Generic[Value]):
    """Two generations of at most ``size`` entries each: a full young one becomes the old one, the old one
    goes.

    What was used in the last ``size`` insertions is always there; at most ``2 * size`` entries are held.

    >>> cache = Generations[int](1)
    >>> for number, key in enumerate([b"a", b"b", b"c"]):
    ...     cache.put(key, number)
    >>> cache.get(b"a"), cache.get(b"b"), cache.get(b"c")
    (None, 1, 2)
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[bytes, Value] = {}
        self._old: dict[bytes, Value] = {}
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Value | None:
        """Return an entry, or None."""
        found = self._young.get(key)
        if found is None and key in self._old:
            with self._lock:
                if (found := self._old.get(key)) is not None:
                    self._add(key, found)
        return found

    def put(self, key: bytes, value: Value) -> None:
        """Add an entry."""
        with self._lock:
            self._add(key, value)

    def drop(self, key: bytes) -> None:
        """Forget an entry; no reader that is under way brings it back."""
        with self._lock:
            self._young.pop(key, None)
            self._old.pop(key, None)

    def _add(self, key: bytes, value: Value) -> None:
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
