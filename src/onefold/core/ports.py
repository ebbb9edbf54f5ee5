"""What the outside world must offer: thin protocols, at most 7 methods each, domain values only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol


class Clock(Protocol):
    """Where arrival times come from."""

    def __call__(self) -> int:
        """Return the present instant."""
        ...


class Storage(Protocol):
    """Files of one folder, named by plain relative names; the seam at which tests simulate power loss."""

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""
        ...

    def read(self, name: str) -> bytes:
        """Return a whole file; raise ``FileNotFoundError``."""
        ...

    def append(self, name: str, data: bytes) -> None:
        """Write at the end of a file, creating it; nothing is durable before :meth:`sync`."""
        ...

    def truncate(self, name: str, size: int) -> None:
        """Cut a file to a size."""
        ...

    def sync(self, name: str) -> None:
        """Return once the file's bytes (fdatasync) and its name in the folder (fsync) would survive a power loss."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Atomically and durably put a whole file in place of what was there."""
        ...

    def remove(self, name: str) -> None:
        """Durably remove a file."""
        ...


class Vault(Protocol):
    """Seals what must not be read outside: one data key per identifier node, destroyed to erase."""

    def seal(self, node: bytes, plain: bytes, bound: bytes) -> bytes:
        """Encrypt under the node's key (made on first use); ``bound`` is authenticated with it."""
        ...

    def open(self, node: bytes, sealed: bytes, bound: bytes) -> bytes | None:
        """Decrypt; None where the node's key was destroyed; :class:`CorruptionError` where the bytes are not ours."""
        ...

    def sync(self) -> None:
        """Return once every key in use would survive a power loss."""
        ...

    def destroy(self, node: bytes) -> None:
        """Destroy a node's key for ever."""
        ...


class EventLog(Protocol):
    """The truth: an append-only sequence of records, numbered from 1."""

    def append(self, payloads: Sequence[bytes]) -> int:
        """Commit payloads as one group and return the sequence number of the last, after fdatasync."""
        ...

    def last(self) -> int:
        """Return the highest committed sequence number, 0 for an empty log."""
        ...

    def records(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (sequence number, payload) for every record after the given number."""
        ...
