"""A snapshot gives back what was written, and refuses what it cannot read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from onefold.adapters.files.snapshot import HEAD, open_snapshot, write_snapshot
from onefold.core.errors import StorageError
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.profiles.layout import Layout

LAYOUT = Layout(Schema({"paid": EventType("paid", (Property("amount", ValueType.MONEY, 2),))}))
OTHER = Layout(Schema({"sold": EventType("sold", (Property("amount", ValueType.MONEY, 2),))}))
FIRST = np.arange(3 * LAYOUT.width, dtype=np.uint64).reshape(3, -1)
SECOND = FIRST[:1] + np.uint64(1 << 60)
NODES = [b"a" * 16, b"b" * 16, b"c" * 16]
CHUNKS = [(NODES[:2], FIRST, np.array([0, 1, 3])), (NODES[2:], SECOND, np.array([0, 1]))]


def written(folder: Path) -> Path:
    path = folder / "people.snapshot"
    write_snapshot(path, LAYOUT, seq=9, chunks=CHUNKS)
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    found = open_snapshot(written(tmp_path), LAYOUT)
    assert found.seq == 9
    assert [bytes(root) for root in found.roots] == NODES
    assert found.people.tolist() == [0, 1, 3, 4]
    assert (found.rows == np.concatenate([FIRST, SECOND])).all()
    assert [path.name for path in tmp_path.iterdir()] == ["people.snapshot"]


def test_rows_are_an_ordinary_array_to_the_kernel_and_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    rows = open_snapshot(path, LAYOUT).rows
    assert type(rows) is np.ndarray
    assert rows.flags.c_contiguous
    assert rows.flags.writeable
    assert rows.flags.aligned
    rows[0, 0] = 7
    assert path.read_bytes() == before


def test_nobody_is_a_snapshot_too(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "none", LAYOUT, seq=0, chunks=[])
    found = open_snapshot(tmp_path / "none", LAYOUT)
    assert (found.rows.shape, found.people.tolist(), found.roots.shape) == ((0, LAYOUT.width), [0], (0, 16))


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="another format or layout"):
        open_snapshot(written(tmp_path), OTHER)


@pytest.mark.parametrize("size", [0, 10, HEAD - 1, HEAD, HEAD + 8, -1])
def test_a_torn_file_is_refused(tmp_path: Path, size: int) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(StorageError, match="Delete it"):
        open_snapshot(path, LAYOUT)


def test_a_file_of_another_kind_or_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"x" * 10_000)
    for name in ("other", "missing"):
        with pytest.raises(StorageError, match="Delete it"):
            open_snapshot(tmp_path / name, LAYOUT)


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_snapshot(tmp_path / "no" / "people", LAYOUT, seq=1, chunks=CHUNKS)
    assert not list(tmp_path.iterdir())
