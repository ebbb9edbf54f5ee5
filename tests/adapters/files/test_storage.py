"""Storage: one contract for the folder and the memory, then what only a real folder can do or refuse."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from onefold.adapters.files import storage as module
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.storage import FolderStorage
from onefold.core.errors import StorageError, UserError
from onefold.core.ports import Storage


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FolderStorage(tmp_path / "folder") if request.param == "folder" else MemoryStorage()


def test_append_read_and_truncate(storage: Storage) -> None:
    storage.append("a", b"one")
    storage.append("a", b"two")
    storage.sync("a")
    assert storage.read("a") == b"onetwo"
    storage.truncate("a", 4)
    storage.append("a", b"!")
    assert storage.read("a") == b"onet!"


def test_replace_and_append_to_what_replaced(storage: Storage) -> None:
    storage.append("a", b"old")
    storage.replace("a", b"new")
    storage.append("a", b"er")
    storage.sync("a")
    assert storage.read("a") == b"newer"
    storage.replace("b", b"fresh")
    assert storage.names() == ["a", "b"]


def test_remove_and_missing_files(storage: Storage) -> None:
    storage.append("a", b"x")
    storage.remove("a")
    assert storage.names() == []
    for missing in (storage.read, storage.remove):
        with pytest.raises(FileNotFoundError):
            missing("a")
    storage.append("a", b"again")
    assert storage.read("a") == b"again"


def test_modes_keep_others_out(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "deep" / "folder")
    storage.append("a", b"x")
    storage.replace("b", b"x")
    with storage.lock():
        modes = {path.name: path.stat().st_mode & 0o777 for path in storage.path.iterdir()}
    assert modes == {"a": 0o600, "b": 0o600, ".lock": 0o600}
    assert storage.path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["../a", "a/b", "", ".hidden", "a\0b", "x" * 300])
def test_only_plain_names_are_taken(tmp_path: Path, name: str) -> None:
    storage = FolderStorage(tmp_path)
    for use in (storage.read, storage.sync, storage.remove):
        with pytest.raises(ValueError, match="plain file name"):
            use(name)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_bounded_number_of_files_stays_open(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    before = open_files()
    for number in range(100):
        storage.append(f"f{number}", b"x")
        storage.sync(f"f{number}")
    assert open_files() - before <= module.MAX_OPEN
    storage.append("f0", b"y")
    assert storage.read("f0") == b"xy"
    storage.close()
    assert open_files() == before


def test_the_lock_excludes_and_names_its_holder(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    held = storage.lock()
    with pytest.raises(UserError, match="this process is writing to it"):
        FolderStorage(tmp_path).lock()
    held.release()
    held.release()
    with storage.lock():
        code = f"""
from onefold.adapters.files.storage import FolderStorage
from onefold.core.errors import UserError
try:
    FolderStorage({str(tmp_path)!r}).lock()
except UserError as error:
    print(error)
"""
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"process {os.getpid()} is writing to it" in answer
    assert "Wait for it or stop it" in answer


def test_taking_the_lock_clears_half_written_replacements(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    (tmp_path / ".new-a").write_bytes(b"half")
    assert storage.names() == []
    storage.lock().release()
    assert not (tmp_path / ".new-a").exists()


def raiser(code: int) -> Callable[..., int]:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EIO, "input/output error. Check the disk"),
        (errno.EROFS, "read-only"),
        (errno.EBADF, "bad file descriptor"),
    ],
)
@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync", "ftruncate"])
def test_what_the_disk_refuses_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str, call: str
) -> None:
    storage = FolderStorage(tmp_path)
    storage.append("a", b"x")
    monkeypatch.setattr(os, call, raiser(code))
    uses: dict[str, Callable[[], None]] = {
        "write": lambda: storage.append("a", b"y"),
        "fdatasync": lambda: storage.sync("a"),
        "fsync": lambda: storage.replace("a", b"z"),
        "ftruncate": lambda: storage.truncate("a", 0),
    }
    with pytest.raises(StorageError, match=f"nothing was acknowledged: .*{said}"):
        uses[call]()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_after_a_failed_flush_the_file_is_poisoned_until_it_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second flush of the kernel succeeds although the bytes are lost, so ours must not."""
    storage = FolderStorage(tmp_path)
    storage.append("a", b"x")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", raiser(errno.EIO))
        with pytest.raises(StorageError):
            storage.sync("a")
    uses: list[Callable[[], None]] = [
        lambda: storage.sync("a"),
        lambda: storage.append("a", b"y"),
        lambda: storage.truncate("a", 0),
    ]
    for use in uses:
        with pytest.raises(StorageError, match="an earlier flush of it failed"):
            use()
    storage.append("other", b"fine")
    storage.sync("other")
    storage.replace("a", b"new")
    storage.append("a", b"!")
    storage.sync("a")
    assert storage.read("a") == b"new!"


def test_a_folder_that_cannot_be_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        FolderStorage(tmp_path / "file" / "folder")


def test_the_real_device_that_is_always_full(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full not present")
    (tmp_path / "a").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="the disk is full"):
        FolderStorage(tmp_path).append("a", b"x")
