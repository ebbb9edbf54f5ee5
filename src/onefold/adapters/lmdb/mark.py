"""Whether a file that is written without fsync can be believed: a small mark beside it says how it was left.

``sync=False`` lets a power loss tear the file, never a process death: the page cache outlives it. So the
file is believed if it was closed properly and not touched since, or left open by a process of this same
boot.
"""

from __future__ import annotations

import os
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Mark:
    """The mark of one data file, written durably beside it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._path = data.with_name("mark")

    def believable(self) -> bool:
        """Whether the data file is as we left it; False also where either of the two is missing."""
        try:
            text = self._path.read_text(encoding="ascii")
            return text in (self._clean(), self._open()) and text != ""
        except (OSError, UnicodeDecodeError):
            return False

    def opened(self) -> None:
        """Note, before the first write, that the file is being written on this boot."""
        self._write(self._open())

    def closed(self) -> None:
        """Note that the file was synced and closed; call it after both."""
        self._write(self._clean())

    def damaged(self) -> None:
        """Note that the file must not be believed any more."""
        self._write("")

    def _clean(self) -> str:
        found = self._data.stat()
        return f"closed {found.st_size} {found.st_mtime_ns}"

    def _open(self) -> str:
        """Return the mark of a file in use; empty, which is never believed, where the boot has no name."""
        boot = boot_id()
        return f"open {boot}" if boot else ""

    def _write(self, text: str) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_folder(self._path.parent)


def boot_id() -> str:
    """Return what names this boot of the machine, or an empty text where the system does not say."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
