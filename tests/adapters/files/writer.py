"""A writer process for the tests: commits groups for ever and names each on its output once it is
acknowledged.

Usage: ``writer.py FOLDER [GROUPS]``. Exit status 3 where the disk refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.storage import FolderStorage
from onefold.core.errors import StorageError


def main() -> int:
    folder, groups = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000_000
    storage = FolderStorage(folder)
    with storage.lock():
        log = SegmentedLog(storage, segment_bytes=20_000)
        for _ in range(groups):
            first = log.last() + 1
            try:
                last = log.append([f"record {first + part} ".encode() * 9 for part in range(3)])
            except StorageError as error:
                os.write(2, f"{error}\n".encode())
                return 3
            os.write(1, f"ack {last}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
