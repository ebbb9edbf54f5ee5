"""Columns that come in chunks and are wanted one at a time, sorted: kept in a file without a name in between."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from onefold.adapters.files.sorted_columns import Numbers


class Spool:
    """Takes chunks of columns of 8-byte numbers; memory holds no more than one column at a time.

    The file stands in ``folder``, beside the data that the values come from; in memory where none can be made there.
    """

    def __init__(self, folder: Path) -> None:
        self._file = _opened(folder)
        self._pieces: dict[str, list[tuple[int, int]]] = {}
        self._whole: set[str] = set()
        self._end = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, columns: Mapping[str, Numbers]) -> None:
        """Take a chunk of each column."""
        for name, values in columns.items():
            if values.dtype.kind == "i":
                self._whole.add(name)
            self._file.write(np.ascontiguousarray(values).data)
            self._pieces.setdefault(name, []).append((self._end, len(values)))
            self._end += values.nbytes

    def sorted(self, name: str) -> Numbers:
        """Return all values of a column, ascending; doubles where no chunk came."""
        length, at = sum(count for _, count in self._pieces.get(name, ())), 0
        found: Numbers = np.empty(length, np.int64) if name in self._whole else np.empty(length, np.float64)
        for place, count in self._pieces.get(name, ()):
            self._file.seek(place)
            found[at : at + count] = np.frombuffer(self._file.read(count * found.itemsize), found.dtype)
            at += count
        self._file.seek(self._end)
        found.sort()
        return found


def _opened(folder: Path) -> IO[bytes]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError:
        return BytesIO()
