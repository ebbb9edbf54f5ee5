"""One writer per folder: an exclusive lock that the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from onefold.core.errors import Place, Problem, UserError

LOCK_NAME = ".lock"


class FolderLock:
    """Holds the exclusive right to write a folder, from construction to :meth:`release`.

    Raises :class:`UserError` at once where another process (or this one) holds it, naming its process id.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise UserError(_held(folder, holder)) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go of the folder; a second call has no effect."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _held(folder: Path, holder: str) -> Problem:
    who = "this process" if holder == str(os.getpid()) else f"process {holder or 'unknown'}"
    return Problem(
        "the workspace is in use",
        f"{who} is writing to it, and two writers would damage it",
        f"Wait for it or stop it (`kill {holder or 'PID'}`), then try again.",
        Place(str(folder)),
    )
