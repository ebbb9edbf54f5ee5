"""What the banks of one folder keep open together.

LMDB must not be opened twice in one process: its locks belong to the process, and the second opening would not see
what the first one writes.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from weakref import WeakValueDictionary

from onefold.workspace.live import Live
from onefold.workspace.reader import Reader


class Session:
    """What is open of a folder: readers, by whether they read the draft, or the one that also writes.

    ``lock`` is held by whoever opens, closes or decides; the stacks close the stores of each reader.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.readers: dict[bool, Reader] = {}
        self.live: Live | None = None
        self._stacks = {False: ExitStack(), True: ExitStack()}

    def stack(self, *, draft: bool = False) -> ExitStack:
        """Return the stack that closes what the reader of the draft, or the other one, keeps open."""
        return self._stacks[draft]

    def close(self) -> None:
        """Let go of all files."""
        for draft in self._stacks:
            self.close_reader(draft=draft)

    def close_reader(self, *, draft: bool) -> None:
        """Let go of what one reader keeps open; the one that writes is that of the published definitions."""
        with self.lock:
            self.readers.pop(draft, None)
            if not draft:
                self.live = None
            self._stacks[draft].close()


_SESSIONS: WeakValueDictionary[Path, Session] = WeakValueDictionary()


def session_of(folder: Path) -> Session:
    """Return the session of a folder, the same for every bank of this process."""
    return _SESSIONS.setdefault(folder.resolve(), Session())
