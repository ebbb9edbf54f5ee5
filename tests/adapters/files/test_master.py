"""The master key: made once, kept, refused where it is wrong."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import pytest

from onefold.adapters.files.master import FILE, VARIABLE, MasterKey, load_master
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.storage import FolderStorage
from onefold.core.errors import CorruptionError, FormatError, UserError


def test_it_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    one = load_master(FolderStorage(tmp_path), {})
    assert load_master(FolderStorage(tmp_path), {}) == one
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert load_master(MemoryStorage(), {}) != one


def test_the_environment_rules_and_writes_nothing() -> None:
    storage = MemoryStorage()
    secret = bytes(range(32))
    assert load_master(storage, {VARIABLE: base64.b64encode(secret).decode()}) == MasterKey.derive(secret)
    assert storage.names() == []


@pytest.mark.parametrize("text", ["x", "AAAA", "not base64!", "é"])
def test_a_malformed_environment_is_the_users_error(text: str) -> None:
    with pytest.raises(UserError, match="not the base64 of 32 bytes"):
        load_master(MemoryStorage(), {VARIABLE: text})


def test_a_lost_master_key_is_never_replaced_by_a_new_one() -> None:
    storage = MemoryStorage({"keys-00000000000000000001.seg": b""})
    with pytest.raises(UserError, match=r"Restore master\.key or set ONEFOLD_MASTER_KEY"):
        load_master(storage, {})
    assert FILE not in storage.names()


def test_every_flipped_bit_of_the_file_is_noticed_or_harmless() -> None:
    storage = MemoryStorage()
    key = load_master(storage, {})
    data = storage.read(FILE)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with contextlib.suppress(CorruptionError, FormatError):
            assert load_master(MemoryStorage({FILE: bytes(flipped)}), {}) == key


@pytest.mark.parametrize("data", [b"", b"onefold-master-key 1", b"onefold-master-key 1 AA 00000000\n", b"\xff\x00"])
def test_a_damaged_file_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(CorruptionError):
        load_master(MemoryStorage({FILE: data}), {})


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(FormatError, match="format version is 2"):
        load_master(MemoryStorage({FILE: b"onefold-master-key 2 AA 00\n"}), {})


def test_the_derived_keys_differ_and_never_change() -> None:
    key = MasterKey.derive(bytes(32))
    assert len({key.wrapping, key.workspace_key, key.digest_key, key.check}) == 4
    assert key.check.hex() == "ec0478d52568f7243e4abb10209ecf3d"
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey.derive(b"short")
