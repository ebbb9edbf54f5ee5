"""Writes the golden log and key folder of the present format version; run once for each version, then never
again.

Usage: ``python tests/adapters/files/golden/make.py`` makes ``v<VERSION>/`` beside this file and refuses to
change it.
"""

from __future__ import annotations

from pathlib import Path

from onefold.adapters.files.frames import VERSION
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.master import MasterKey
from onefold.adapters.files.storage import FolderStorage
from onefold.adapters.files.vault import FileVault
from onefold.core.event import Event
from onefold.governance.records import RecordCodec, Rejection

SECRET = bytes(range(32))


def events() -> list[Event]:
    """Return the events of the golden log."""
    return [
        Event(node=f"user:{n % 3}", name="card_purchase", time=n, message_id=f"m{n}", properties={"n": n})
        for n in range(12)
    ]


def write(folder: Path) -> None:
    """Write the golden folders; user:2 is erased."""
    master = MasterKey.derive(SECRET)
    vault = FileVault(FolderStorage(folder / "keys"), master)
    codec = RecordCodec(vault, master.workspace_key)
    with SegmentedLog(FolderStorage(folder / "log"), segment_bytes=900) as log:
        for start in range(0, 12, 3):
            payloads = [codec.encode(event, 1_000) for event in events()[start : start + 3]]
            vault.sync()
            log.append(payloads)
        rejection = Rejection(source="s", code="type", detail="d", raw=b"raw")
        payload = codec.encode_other(rejection, 1_001)
        vault.sync()
        log.append([payload])
    vault.destroy(codec.node("user:2"))
    vault.close()


if __name__ == "__main__":
    target = Path(__file__).parent / f"v{VERSION}"
    if target.exists():
        raise SystemExit(f"{target} exists: a golden file never changes")
    write(target)
