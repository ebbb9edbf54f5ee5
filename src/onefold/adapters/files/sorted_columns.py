"""Columns of numbers in one file that is written once and mapped to be read; it appears whole or not at all.

The file, all numbers little-endian::

    columns      8 bytes a value, one column after another, each of one type
    foot         a JSON object: format, what the writer states, and of each column its type, place, count and CRC-32
    tail         8 bytes length of the foot, 4 bytes its CRC-32, 16 bytes magic

It is not synced: one that a power loss tore, or that is of a newer format, is refused, and whoever wrote it computes
anew what it held. A column's own CRC is compared when it is first asked for.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from onefold.core.errors import StorageError

FORMAT = 1
MAGIC = b"onefold columns\n"
_TAIL = struct.Struct("<QI16s")
_TYPES = {"i8": np.dtype("<i8"), "f8": np.dtype("<f8")}

Numbers = NDArray[np.int64] | NDArray[np.float64]
Fact = int | str


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a column stands in the file."""

    type: str
    at: int
    count: int
    crc: int


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFile:
    """An open file: ``facts`` are what its writer stated of it."""

    path: Path
    facts: Mapping[str, Fact]
    _columns: Mapping[str, _Column]
    _mapped: dict[str, Numbers] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(self._columns)

    def column(self, name: str) -> Numbers:
        """Map a column; raise ``KeyError`` where there is none, :class:`StorageError` where its bytes are not ours."""
        if name not in self._mapped:
            self._mapped[name] = self._map(name, self._columns[name])
        return self._mapped[name]

    def _map(self, name: str, where: _Column) -> Numbers:
        if not where.count:
            return np.zeros(0, np.float64) if where.type == "f8" else np.zeros(0, np.int64)
        try:
            found = np.memmap(self.path, _TYPES[where.type], mode="r", offset=where.at, shape=(where.count,))
        except (OSError, ValueError) as error:
            raise useless(self.path, str(error)) from error
        if crc32(found.data) != where.crc:
            raise useless(self.path, f"the column {name!r} is not as it was written")
        return np.asarray(found)


def write_columns(path: Path, facts: Mapping[str, Fact], columns: Iterable[tuple[str, Numbers]]) -> None:
    """Write columns into a file in place of what was there; ``facts`` come back with it.

    Columns may be made while it is written, so that one at a time is in memory. Raises :class:`StorageError` where the
    disk refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            _write(file, facts, columns)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}. Free some space or mend the disk.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write(file: BinaryIO, facts: Mapping[str, Fact], columns: Iterable[tuple[str, Numbers]]) -> None:
    described: dict[str, list[Fact]] = {}
    at = 0
    for name, values in columns:
        kind = "f8" if values.dtype.kind == "f" else "i8"
        raw = np.ascontiguousarray(values, _TYPES[kind]).data
        file.write(raw)
        described[name] = [kind, at, len(values), crc32(raw)]
        at += raw.nbytes
    foot = json.dumps({"format": FORMAT, "facts": dict(facts), "columns": described}).encode()
    file.write(foot + _TAIL.pack(len(foot), crc32(foot), MAGIC))


def open_columns(path: Path) -> ColumnFile:
    """Open a file; raise :class:`StorageError` for one that is missing, torn or of another format."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL.size))
            tail = file.read()
            if len(tail) < _TAIL.size:
                raise useless(path, "it is cut off")
            length, crc, magic = _TAIL.unpack(tail)
            if magic != MAGIC or length > size - _TAIL.size:
                raise useless(path, "it is cut off, or no file of columns")
            file.seek(size - _TAIL.size - length)
            foot = file.read(length)
    except OSError as error:
        raise useless(path, error.strerror or str(error)) from error
    if crc32(foot) != crc:
        raise useless(path, "its foot is not as it was written")
    return _read_foot(path, foot)


def _read_foot(path: Path, foot: bytes) -> ColumnFile:
    try:
        found = json.loads(foot)
        if found["format"] != FORMAT:
            raise useless(path, f"its format is {found['format']}, this release reads {FORMAT}")
        columns = {name: _Column(str(kind), int(at), int(count), int(crc))
                   for name, (kind, at, count, crc) in found["columns"].items()}  # fmt: skip
        return ColumnFile(path, dict(found["facts"]), columns)
    except (ValueError, KeyError, TypeError) as error:
        raise useless(path, "its foot cannot be read") from error


def useless(path: Path, why: str) -> StorageError:
    """Return the error of a file that cannot be used."""
    return StorageError(f"{path}: {why}. Delete it: it is made anew from the timelines.")
