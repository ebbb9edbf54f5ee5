"""Opening files: plain, ``.gz`` and ``.zip`` alike, as streams of bytes, in UTF-8 or another plain
encoding.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from onefold.adapters.duckdb.paths import unreadable
from onefold.sources.mapping import Files

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LINEWISE = ("utf-8", "ascii", "iso8859", "cp125", "cp8", "latin", "koi8", "mac")
_STEP = 1 << 16


@contextmanager
def opened(path: Path, *, files: Files) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Open a file as (name, stream) pairs: one, or one a member of a ``.zip``, in the order of their names.

    Raises :class:`UserError` where it cannot be opened, or turns out to be cut off or damaged on the way.
    """
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield _members(archive, path.name)
        elif path.suffix.lower() == ".gz":
            with gzip.open(path) as packed:
                yield iter([(path.name, io.BufferedReader(packed, _STEP))])
        else:
            with path.open("rb") as plain:
                yield iter([(path.name, plain)])
    except (
        zipfile.BadZipFile,
        gzip.BadGzipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        why = f"it cannot be unpacked: {error}"
        raise unreadable(path, why, "Fetch the file again; it is damaged or cut off.", files=files) from error
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        raise unreadable(path, why, "Check that it exists and that you may read it.", files=files) from error


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, BinaryIO]]:
    for info in sorted(archive.infolist(), key=lambda member: member.filename):
        if not info.is_dir():
            with archive.open(info) as member:
                yield f"{name}/{info.filename}", io.BufferedReader(cast("io.RawIOBase", member), _STEP)


def is_linewise(encoding: str) -> bool:
    """Whether a byte 0x0A is a line's end, and nothing else, in an encoding."""
    return encoding.replace("_", "-").startswith(_LINEWISE)


def as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """Return a stream of UTF-8 for one of another encoding; what is no text becomes U+FFFD."""
    return io.BufferedReader(_Recoded(stream, encoding), _STEP)


class _Recoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready and not self._ended:
            data = self._stream.read(_STEP)
            self._ended = not data
            self._ready = self._decoder.decode(data, self._ended).encode("utf-8", "replace")
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
