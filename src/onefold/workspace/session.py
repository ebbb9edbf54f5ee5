"""What the banks of one folder keep open together.

LMDB must not be opened twice in one process: its locks belong to the process, and the second opening would not see
what the first one writes.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from weakref import WeakValueDictionary

from onefold.workspace.reader import Reader


class Session:
    """The open readers of a folder, by whether they read the draft, and the stack that closes their stores."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.readers: dict[bool, Reader] = {}

    def close(self) -> None:
        """Let go of all files."""
        self.readers.clear()
        self.stack.close()


_SESSIONS: WeakValueDictionary[Path, Session] = WeakValueDictionary()


def session_of(folder: Path) -> Session:
    """Return the session of a folder, the same for every bank of this process."""
    return _SESSIONS.setdefault(folder.resolve(), Session())
