"""Real files of one folder, with the flushes that make "durable" true on Linux."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from pathlib import Path

from onefold.adapters.files.lock import FolderLock
from onefold.core.errors import Place, Problem, StorageError

MAX_OPEN = 32
"""Files kept open for appending; those with unsynced bytes stay open beyond it, or their write errors were
lost.
"""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,199}")
_TEMPORARY = ".new-"
_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space or enlarge the volume, then try again."),
    errno.EDQUOT: ("the disk quota is used up", "Raise the quota or free some space, then try again."),
    errno.EROFS: (
        "the file system is read-only",
        "Remount it writable; a disk fault often causes this: check it.",
    ),
    errno.EIO: ("the disk reports an input/output error", "Check the disk (`dmesg`), then restart Onefold."),
    errno.EACCES: ("access is denied", "Give this user read and write access to the folder."),
}


class FolderStorage:
    """A folder of plain files that fulfils :class:`onefold.core.ports.Storage`; safe for several threads.

    The folder is made with mode 0700, files with 0600. A file whose flush failed is *poisoned*: the kernel
    may have dropped the bytes and would report success at the next flush, so appends and syncs of it are
    refused until :meth:`replace` puts a new file in its place. Raises :class:`StorageError` where the disk
    refuses.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._open: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._named: set[str] = set()
        self._poisoned: set[str] = set()
        try:
            missing = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in missing:
                _sync_folder(folder.parent)
        except OSError as error:
            raise _refused(error, self.path) from error

    def lock(self) -> FolderLock:
        """Take the exclusive right to write here; :class:`UserError` names the process that has it.

        Half-written replacements of a process that died are removed.
        """
        try:
            held = FolderLock(self.path)
            for leftover in self.path.glob(f"{_TEMPORARY}*"):
                leftover.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(error, self.path) from error
        return held

    def names(self) -> list[str]:
        """Return the names of all files, sorted; hidden ones (the lock, half-written replacements) are not
        ours.
        """
        try:
            return sorted(entry.name for entry in self.path.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            raise _refused(error, self.path) from error

    def read(self, name: str) -> bytes:
        """Return a whole file; raise ``FileNotFoundError``."""
        path = self._path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _refused(error, path) from error

    def append(self, name: str, data: bytes) -> None:
        """Write at the end of a file, creating it; a failure may leave a part of the bytes behind."""
        with self._lock:
            self._refuse_poisoned(name)
            try:
                descriptor = self._descriptor(name)
                self._dirty.add(name)
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            except OSError as error:
                raise _refused(error, self._path(name)) from error

    def truncate(self, name: str, size: int) -> None:
        """Cut a file to a size in bytes; durable after :meth:`sync`."""
        with self._lock:
            self._refuse_poisoned(name)
            try:
                descriptor = self._descriptor(name)
                self._dirty.add(name)
                os.ftruncate(descriptor, size)
            except OSError as error:
                raise _refused(error, self._path(name)) from error

    def sync(self, name: str) -> None:
        """Return once the file's bytes and its name in the folder would survive a power loss."""
        with self._lock:
            self._refuse_poisoned(name)
            try:
                os.fdatasync(self._descriptor(name))
                if name not in self._named:  # a process that died may have created it without this
                    _sync_folder(self.path)
            except OSError as error:
                self._poisoned.add(name)
                raise _refused(error, self._path(name)) from error
            self._dirty.discard(name)
            self._named.add(name)

    def replace(self, name: str, data: bytes) -> None:
        """Atomically and durably put a whole file in place of what was there; heals a poisoned name."""
        path = self._path(name)
        temporary = self.path / f"{_TEMPORARY}{name}"
        with self._lock:
            try:
                _write_durably(temporary, data)
                temporary.replace(path)
                self._forget(name)
            except OSError as error:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise _refused(error, path) from error
            self._sync_name(name)

    def remove(self, name: str) -> None:
        """Durably remove a file; raise ``FileNotFoundError``."""
        path = self._path(name)
        with self._lock:
            try:
                path.unlink()
            except FileNotFoundError:
                raise
            except OSError as error:
                raise _refused(error, path) from error
            self._forget(name)
            self._sync_name(name)

    def close(self) -> None:
        """Close every file; what was not synced is not made durable by this."""
        with self._lock:
            for descriptor in self._open.values():
                os.close(descriptor)
            self._open.clear()
            self._dirty.clear()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a plain file name")
        return self.path / name

    def _descriptor(self, name: str) -> int:
        """Return the open descriptor of a file, creating the file where it is missing."""
        if name in self._open:
            return self._open[name]
        path = self._path(name)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._close_idle()
        self._open[name] = descriptor
        return descriptor

    def _close_idle(self) -> None:
        idle = [name for name in self._open if name not in self._dirty]
        for name in idle[: max(len(self._open) + 1 - MAX_OPEN, 0)]:
            os.close(self._open.pop(name))

    def _forget(self, name: str) -> None:
        """Drop what is known of the file that stood under a name."""
        descriptor = self._open.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)
        for names in (self._dirty, self._named, self._poisoned):
            names.discard(name)

    def _sync_name(self, name: str) -> None:
        try:
            _sync_folder(self.path)
        except OSError as error:
            self._poisoned.add(name)
            raise _refused(error, self._path(name)) from error

    def _refuse_poisoned(self, name: str) -> None:
        if name in self._poisoned:
            why = "an earlier flush of it failed: the system may have lost bytes it believes to be written"
            raise StorageError(str(Problem("writing refused", why, _RESTART, Place(str(self._path(name))))))


_RESTART = "Check the disk (`dmesg`), then restart Onefold: it recovers from what is on the disk."


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(error: OSError, path: Path) -> StorageError:
    text = error.strerror or str(error)
    why, remedy = _CAUSES.get(error.errno or 0, (text[:1].lower() + text[1:], "Check the disk and the folder."))
    return StorageError(str(Problem("the disk refused; nothing was acknowledged", why, remedy, Place(str(path)))))
