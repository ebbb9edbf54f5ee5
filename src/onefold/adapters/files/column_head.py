"""The head of a file of kept genomes: what it says of itself, and whether it is to be believed."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from zlib import crc32

from onefold.core.errors import StorageError

FORMAT = 1
MAGIC = b"onefold genomes\n"
HEAD_BYTES = 4096
_FRAME = struct.Struct("<16sII")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself.

    ``identity`` names the definitions it was made under, ``seq`` the record of the log up to which it is true, ``now``
    the latest instant at which a row was read, ``built`` the one at which all were (microseconds).
    """

    identity: str
    columns: int
    seq: int
    now: int
    built: int
    rows: int = 0
    ordered: int = 0
    torn: bool = False
    format: int = 0
    boot: str = ""


def packed_head(head: Head) -> bytes:
    """Return a head as it stands in a file."""
    raw = json.dumps(asdict(head)).encode()
    return (_FRAME.pack(MAGIC, len(raw), crc32(raw)) + raw).ljust(HEAD_BYTES, b"\0")


def read_head(path: Path, raw: bytes) -> Head:
    """Read the head of a file; raise :class:`StorageError` where it is no whole one of this format."""
    try:
        magic, length, crc = _FRAME.unpack_from(raw)
        body = raw[_FRAME.size : _FRAME.size + length]
        if magic != MAGIC or crc32(body) != crc:
            raise useless(path, "its head is not as it was written")
        found = json.loads(body)
        if found.get("format") != FORMAT:
            raise useless(path, f"its format is {found.get('format')}, this release reads {FORMAT}")
        return Head(**found)
    except (struct.error, ValueError, TypeError) as error:
        raise useless(path, "its head cannot be read") from error


def boot_id() -> str:
    """Return what names this boot of the machine; empty where the system does not say, which is never believed."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def useless(path: Path, why: str) -> StorageError:
    """Return the error of a file that cannot be used."""
    return StorageError(f"{path}: {why}. Delete it: it is made anew from the timelines.")
