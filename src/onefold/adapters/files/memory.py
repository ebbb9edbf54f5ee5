"""The reference storage: files in memory, for tests and for reading what the port means."""

from __future__ import annotations


class MemoryStorage:
    """Files in a dict; fulfils :class:`onefold.core.ports.Storage`. Everything is as durable as the process.

    >>> storage = MemoryStorage()
    >>> storage.append("a", b"one")
    >>> storage.truncate("a", 2)
    >>> storage.names(), storage.read("a")
    (['a'], b'on')
    """

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self._files = {name: bytearray(data) for name, data in (files or {}).items()}

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""
        return sorted(self._files)

    def read(self, name: str) -> bytes:
        """Return a whole file; raise ``FileNotFoundError``."""
        if name not in self._files:
            raise FileNotFoundError(name)
        return bytes(self._files[name])

    def append(self, name: str, data: bytes) -> None:
        """Write at the end of a file, creating it."""
        self._files.setdefault(name, bytearray()).extend(data)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file to a size in bytes; a missing file becomes an empty one."""
        del self._files.setdefault(name, bytearray())[size:]

    def sync(self, name: str) -> None:
        """Do nothing but check that the file is there."""
        self._files.setdefault(name, bytearray())

    def replace(self, name: str, data: bytes) -> None:
        """Put a whole file in place of what was there."""
        self._files[name] = bytearray(data)

    def remove(self, name: str) -> None:
        """Remove a file; raise ``FileNotFoundError``."""
        if self._files.pop(name, None) is None:
            raise FileNotFoundError(name)

    def files(self) -> dict[str, bytes]:
        """Return a copy of all files."""
        return {name: bytes(data) for name, data in self._files.items()}
