"""What an earlier release wrote opens for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.master import MasterKey
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.vault import FileVault
from onefold.core.event import Event
from onefold.governance.records import Kind, RecordCodec, Rejection

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = sorted(path.name for path in GOLDEN.glob("v*"))


def copy_of(folder: Path) -> MemoryStorage:
    return MemoryStorage({path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_golden_log_opens(version: str) -> None:
    master = MasterKey.derive(bytes(range(32)))
    vault = FileVault(copy_of(GOLDEN / version / "keys"), master)
    codec = RecordCodec(vault, master.workspace_key)
    log = SegmentedLog(copy_of(GOLDEN / version / "log"))
    records = [codec.decode(payload) for _, payload in log.records()]
    assert list(log.verify()) == []
    assert log.healed == ()
    expected = [
        Event(node=f"user:{n % 3}", name="card_purchase", time=n, message_id=f"m{n}", properties={"n": n})
        if n % 3 != 2
        else None
        for n in range(12)
    ]
    assert [record.event for record in records[:12]] == expected
    assert records[12].kind is Kind.REJECTION
    assert records[12].body == Rejection(source="s", code="type", detail="d", raw=b"raw")
    assert log.append([b"next"]) == 14


def test_there_is_a_golden_log_of_the_first_version() -> None:
    assert "v1" in VERSIONS
