"""The watermark beside a log: up to which record everything was synced, so that a later loss is never taken
for a tear.

An entry is written *after* the sync that it vouches for and is itself not synced: it costs one small write
and no flush. It survives the death of the process at once and a power loss once the kernel has written it
back (seconds), or after a clean close. An entry that is missing or damaged only weakens the proof; one that
is there is true.
"""

from __future__ import annotations

import struct
from zlib import crc32

from onefold.core.errors import FormatError, StorageError
from onefold.core.ports import Storage

_MAGIC, _VERSION = b"mark", 1
_ENTRY = struct.Struct("<4sHxxQ12xI")
_MAX_BYTES = 64 * 1024


class Watermark:
    """The highest record known to be durable, kept in a small file of 32-byte entries; ``seq`` is 0 without
    one.
    """

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage, self._name = storage, name
        try:
            data = storage.read(name)
        except FileNotFoundError:
            data = b""
        self.seq = max(
            (_seq_of(data[at : at + _ENTRY.size], name) for at in range(0, len(data), _ENTRY.size)), default=0
        )
        self._size = len(data)
        self._failed = False

    def note(self, seq: int) -> None:
        """Write that all records up to one are durable; where the disk refuses, go on without: the records
        are safe.
        """
        if self._failed:
            return
        head = _ENTRY.pack(_MAGIC, _VERSION, seq, 0)[:-4]
        try:
            if self._size % _ENTRY.size or self._size >= _MAX_BYTES:
                self._storage.truncate(self._name, 0)
                self._size = 0
            self._storage.append(self._name, head + crc32(head).to_bytes(4, "little"))
        except StorageError:
            self._failed = True
            return
        self._size += _ENTRY.size
        self.seq = seq

    def sync(self) -> None:
        """Make the watermark itself durable; where the disk refuses, the records are safe all the same."""
        if self._size and not self._failed:
            try:
                self._storage.sync(self._name)
            except StorageError:
                self._failed = True


def _seq_of(entry: bytes, name: str) -> int:
    if len(entry) < _ENTRY.size:
        return 0
    magic, version, seq, crc = _ENTRY.unpack(entry)
    if magic != _MAGIC or crc32(entry[:-4]) != crc:
        return 0
    if version != _VERSION:
        raise FormatError(
            f"{name}: its format version is {version}, this release reads {_VERSION}. Install a newer one."
        )
    return int(seq)
