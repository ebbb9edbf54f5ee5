"""The watermark: what it says is true, what it lost only weakens the proof."""

from __future__ import annotations

import pytest
from tests.oracles.storage import RefusingStorage

from onefold.adapters.files.marks import Watermark
from onefold.adapters.files.memory import MemoryStorage
from onefold.core.errors import FormatError, StorageError


def test_the_highest_entry_counts() -> None:
    storage = MemoryStorage()
    mark = Watermark(storage, "m")
    assert mark.seq == 0
    for seq in (3, 7, 9):
        mark.note(seq)
    mark.sync()
    assert (mark.seq, Watermark(storage, "m").seq, len(storage.read("m"))) == (9, 9, 96)


def test_damaged_blank_and_cut_entries_are_passed_over() -> None:
    storage = MemoryStorage()
    mark = Watermark(storage, "m")
    mark.note(3)
    mark.note(7)
    data = storage.read("m")
    for bit in range(256, 512):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert Watermark(MemoryStorage({"m": bytes(flipped)}), "m").seq == 3
    assert Watermark(MemoryStorage({"m": bytes(32) + data[32:]}), "m").seq == 7
    assert Watermark(MemoryStorage({"m": data[:-1]}), "m").seq == 3


def test_after_a_cut_entry_the_file_begins_anew() -> None:
    storage = MemoryStorage({"m": b"half an entry"})
    mark = Watermark(storage, "m")
    mark.note(5)
    mark.note(6)
    assert (Watermark(storage, "m").seq, len(storage.read("m"))) == (6, 64)


def test_it_stays_small() -> None:
    storage = MemoryStorage()
    mark = Watermark(storage, "m")
    for seq in range(1, 5000):
        mark.note(seq)
    assert len(storage.read("m")) <= 64 * 1024
    assert Watermark(storage, "m").seq == 4999


@pytest.mark.parametrize("refused", ["append", "sync"])
def test_a_refusing_disk_stops_the_marks_and_nothing_else(refused: str) -> None:
    storage = RefusingStorage()
    mark = Watermark(storage, "m")
    mark.note(1)
    storage.refuses, storage.error = refused, StorageError("full")
    mark.note(2)
    mark.sync()
    storage.refuses = ""
    mark.note(3)
    assert Watermark(storage, "m").seq == (1 if refused == "append" else 2)


def test_a_newer_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()
    with monkeypatch.context() as patched:
        patched.setattr("onefold.adapters.files.marks._VERSION", 2)
        Watermark(storage, "m").note(1)
    with pytest.raises(FormatError, match="format version is 2"):
        Watermark(storage, "m")
