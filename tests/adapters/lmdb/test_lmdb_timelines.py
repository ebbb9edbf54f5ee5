"""What only a store on disk can suffer: growth, power loss, damage, other layouts, processes and threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from tests.oracles.said import LAYOUT

from onefold.adapters.lmdb import mark
from onefold.adapters.lmdb.timelines import LmdbTimelines
from onefold.core.errors import StorageError
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch
from onefold.profiles.words import Rows

NODE = b"n" * 16


def some(count: int, seed: int = 0) -> Rows:
    return np.random.default_rng(seed).integers(0, 2**63, (count, LAYOUT.width), dtype=np.uint64)


def batch(seq: int, count: int = 10) -> Batch:
    return Batch(seq, {NODE: some(count, seq)}, texts={seq: f"text {seq}"}, known=[NODE])


def data_file(path: Path) -> Path:
    return next(path.glob("*/data.mdb"))


def filled(path: Path) -> Path:
    store = LmdbTimelines(path, LAYOUT)
    store.apply(batch(5, 2000))
    store.close()
    return data_file(path)


def seq_of(path: Path) -> int:
    store = LmdbTimelines(path, LAYOUT)
    try:
        seq, _ = store.state()
        assert len(store.rows(NODE)) == (2000 if seq else 0)
        assert (store.node(NODE) is not None) == bool(store.texts()) == bool(seq)
        store.apply(batch(6))
        return seq
    finally:
        store.close()


def test_it_opens_as_it_was_closed(tmp_path: Path) -> None:
    filled(tmp_path)
    assert seq_of(tmp_path) == 5


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    store = LmdbTimelines(tmp_path, LAYOUT)
    store.close()
    store.close()


def test_the_map_grows_by_itself_and_the_batch_is_whole(tmp_path: Path) -> None:
    store = LmdbTimelines(tmp_path, LAYOUT, map_bytes=1 << 16)
    store.apply(batch(1, 20_000))
    assert len(store.rows(NODE)) == 20_000
    assert store.texts() == [(1, "text 1")]
    store.close()


def test_the_map_grows_while_other_threads_read(tmp_path: Path) -> None:
    store = LmdbTimelines(tmp_path, LAYOUT, map_bytes=1 << 16)
    store.apply(batch(1, 100))
    done, failures = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            seen = len(store.rows(NODE))
            if seen % 100:
                failures.append(seen)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for seq in range(2, 80):
        store.apply(batch(seq, 100))
    done.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(store.rows(NODE)) == 7900
    store.close()


def test_another_layout_opens_empty_and_the_old_one_goes(tmp_path: Path) -> None:
    old = filled(tmp_path)
    wider = Layout(
        Schema(events={"p": EventType("p", tuple(Property(f"x{at}", ValueType.BOOLEAN) for at in range(9)))})
    )
    store = LmdbTimelines(tmp_path, wider)
    assert store.state() == (0, wider.fingerprint)
    assert store.rows(NODE).shape == (0, wider.width)
    store.close()
    assert not old.parent.exists()
    assert seq_of(tmp_path) == 0


def test_files_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder").mkdir()
    filled(tmp_path)
    seq_of(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "folder").is_dir()


def test_a_file_in_the_place_of_the_folder_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "timelines"
    path.write_text("what is this")
    assert seq_of(path) == 0
    assert (tmp_path / "timelines.damaged").read_text() == "what is this"


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 8192, 30_000])
def test_a_truncated_file_is_rebuilt(tmp_path: Path, size: int) -> None:
    os.truncate(filled(tmp_path), size)
    assert seq_of(tmp_path) == 0


@pytest.mark.parametrize("offset", [0, 16, 24, 4096 + 24, 20_000])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, offset: int) -> None:
    with filled(tmp_path).open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 64)
    assert seq_of(tmp_path) == 0


def test_a_foreign_file_is_rebuilt_even_if_the_mark_says_it_is_in_use(tmp_path: Path) -> None:
    data = filled(tmp_path)
    data.write_bytes(b"SQLite format 3\0" * 1000)
    mark.Mark(data).opened()
    assert seq_of(tmp_path) == 0


@pytest.mark.parametrize("left", ["absent", "garbage", "binary"])
def test_a_store_without_a_proper_mark_is_not_believed(tmp_path: Path, left: str) -> None:
    path = filled(tmp_path).with_name("mark")
    path.unlink()
    if left != "absent":
        path.write_bytes(b"open sesame" if left == "garbage" else b"\xff\xfe")
    assert seq_of(tmp_path) == 0


def killed_in_use(path: Path) -> None:
    """Fill a store in another process and kill that process while the store is open."""
    code = (
        "import sys, time; from pathlib import Path; import numpy as np;"
        "from onefold.adapters.lmdb.timelines import LmdbTimelines;"
        "from onefold.profiles.store import Batch; from tests.oracles.said import LAYOUT;"
        "s = LmdbTimelines(Path(sys.argv[1]), LAYOUT);"
        "r = np.random.default_rng(5).integers(0, 2**63, (2000, LAYOUT.width), dtype=np.uint64);"
        "s.apply(Batch(5, {b'n' * 16: r}, texts={5: 't'}, known=[b'n' * 16]));"
        "print('ready', flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    with pytest.raises(StorageError, match="another process writes"):
        LmdbTimelines(path, LAYOUT)
    reader = LmdbTimelines(path, LAYOUT, readonly=True)
    assert reader.state()[0] == 5
    assert len(reader.rows(NODE)) == 2000
    reader.close()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_killed_process_loses_nothing_but_a_power_loss_asks_for_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_in_use(tmp_path)
    reader = LmdbTimelines(tmp_path, LAYOUT, readonly=True)
    assert reader.state()[0] == 5
    reader.close()
    monkeypatch.setattr(mark, "boot_id", lambda: "another boot")
    with pytest.raises(StorageError, match="no timelines"):
        LmdbTimelines(tmp_path, LAYOUT, readonly=True)
    assert seq_of(tmp_path) == 0


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    killed_in_use(tmp_path)
    assert seq_of(tmp_path) == 5


def test_where_the_boot_has_no_name_an_unclean_end_asks_for_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark, "boot_id", lambda: "")
    filled(tmp_path)
    assert seq_of(tmp_path) == 5
    mark.Mark(data_file(tmp_path)).opened()
    assert seq_of(tmp_path) == 0


def test_a_reader_follows_a_map_that_grew_elsewhere(tmp_path: Path) -> None:
    filled(tmp_path)
    script = (
        "import sys; from pathlib import Path; import numpy as np;"
        "from onefold.adapters.lmdb.timelines import LmdbTimelines;"
        "from onefold.profiles.store import Batch; from tests.oracles.said import LAYOUT;"
        "s = LmdbTimelines(Path(sys.argv[1]), LAYOUT, readonly=True, map_bytes=1 << 16);"
        "print(s.state()[0], flush=True); sys.stdin.readline();"
        "print(s.state()[0], len(s.rows(b'n' * 16)), flush=True); s.close()"
    )
    root = Path(__file__).parents[3]
    store = LmdbTimelines(tmp_path, LAYOUT)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"5\n"
        for seq in range(6, 12):
            store.apply(batch(seq, 60_000))
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"11 362000\n"
    store.close()


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no timelines to read"):
        LmdbTimelines(tmp_path, LAYOUT, readonly=True)


def damage(data: Path, first_page: int) -> None:
    """Overwrite all pages from one on, unnoticed by the mark: as if our process had died with it open."""
    with data.open("r+b") as file:
        file.seek(first_page * 4096)
        file.write(b"\xff" * (data.stat().st_size - first_page * 4096))
    mark.Mark(data).opened()


def test_damage_found_while_opening_is_rebuilt_at_once(tmp_path: Path) -> None:
    damage(filled(tmp_path), 2)
    assert seq_of(tmp_path) == 0


def test_damage_found_while_reading_is_said_and_rebuilt_at_the_next_opening(tmp_path: Path) -> None:
    data = filled(tmp_path)
    store = LmdbTimelines(tmp_path, LAYOUT)
    with data.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * (data.stat().st_size - 2 * 4096))
    with pytest.raises(StorageError, match="the log rebuilds it"):
        store.rows(NODE)
    store.close()
    assert seq_of(tmp_path) == 0
