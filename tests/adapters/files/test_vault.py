"""The vault: sealed is unreadable, destroyed is gone, what is damaged or missing is said."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from tests.oracles.storage import RefusingStorage

from onefold.adapters.files.frames import FRAME_BYTES, GROUP_BYTES, HEADER_BYTES
from onefold.adapters.files.master import MasterKey
from onefold.adapters.files.memory import MemoryStorage
from onefold.adapters.files.storage import FolderStorage
from onefold.adapters.files.vault import FileVault
from onefold.core.errors import CorruptionError, OnefoldError, StorageError, UserError

MASTER = MasterKey.derive(bytes(range(32)))
KEYS = "keys-00000000000000000001.seg"


def node_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def vault_of(storage: MemoryStorage, cache: int = 20_000) -> FileVault:
    return FileVault(storage, MASTER, cache=cache)


def open_all(storage: MemoryStorage, sealed: dict[bytes, bytes]) -> list[bytes | None] | CorruptionError:
    try:
        vault = vault_of(storage)
        return [vault.open(node, text, b"") for node, text in sealed.items()]
    except CorruptionError as error:
        return error


def test_what_was_sealed_opens_now_and_after_reopening(tmp_path: Path) -> None:
    vault = FileVault(FolderStorage(tmp_path), MASTER)
    sealed = {node_of(i): vault.seal(node_of(i), b"plain %d" % i, b"bound") for i in range(50)}
    vault.close()
    again = FileVault(FolderStorage(tmp_path), MASTER)
    for reader in (vault, again):
        assert all(
            reader.open(node, text, b"bound") == b"plain %d" % i for i, (node, text) in enumerate(sealed.items())
        )
    assert sorted(again.nodes()) == sorted(sealed)


def test_nothing_of_the_plain_text_shows_and_equal_texts_differ() -> None:
    vault = vault_of(MemoryStorage())
    one, two = (vault.seal(node_of(1), b"Jana Novakova", b"") for _ in range(2))
    assert one != two
    assert b"Novakova" not in one
    assert len(one) == len(b"Jana Novakova") + 32


def test_other_bytes_another_node_or_another_binding_do_not_open() -> None:
    vault = vault_of(MemoryStorage())
    sealed = vault.seal(node_of(1), b"plain", b"bound")
    vault.seal(node_of(2), b"plain", b"bound")
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptionError):
            vault.open(node_of(1), bytes(flipped), b"bound")
    for node, bound, text in ((2, b"bound", sealed), (1, b"other", sealed), (1, b"bound", sealed[:20])):
        with pytest.raises(CorruptionError):
            vault.open(node_of(node), text, bound)


def test_a_cache_of_one_key_changes_nothing() -> None:
    vault = vault_of(MemoryStorage(), cache=1)
    sealed = [vault.seal(node_of(i), bytes([i]), b"") for i in range(9)]
    assert [vault.open(node_of(i), text, b"") for i, text in enumerate(sealed)] == [bytes([i]) for i in range(9)]


def test_a_destroyed_key_is_gone_from_the_bytes_and_others_stay() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage)
    sealed = {i: vault.seal(node_of(i), b"plain", b"") for i in (1, 2)}
    vault.sync()
    wrapped = storage.read(KEYS)[HEADER_BYTES + GROUP_BYTES + 2 * FRAME_BYTES + 21 + 21 :][:60]
    assert storage.read(KEYS).count(wrapped) == 1
    vault.destroy(node_of(1))
    assert not any(wrapped in data for data in storage.files().values())
    for reader in (vault, vault_of(storage)):
        assert reader.open(node_of(1), sealed[1], b"") is None
        assert reader.open(node_of(2), sealed[2], b"") == b"plain"


def test_who_returns_after_erasure_gets_a_new_key_and_the_old_texts_stay_closed() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage)
    texts = []
    for _ in range(3):
        texts.append(vault.seal(node_of(1), b"plain", b""))
        vault.destroy(node_of(1))
        vault = vault_of(storage)
    texts.append(vault.seal(node_of(1), b"plain", b""))
    vault.sync()
    assert [text[0] for text in texts] == [1, 2, 3, 4]
    for reader in (vault, vault_of(storage)):
        assert [reader.open(node_of(1), text, b"") for text in texts] == [None, None, None, b"plain"]


def test_destroying_the_unknown_or_twice_has_no_effect() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage)
    vault.destroy(node_of(1))
    sealed = vault.seal(node_of(1), b"plain", b"")
    vault.destroy_all([node_of(1), node_of(1), node_of(9)])
    vault.destroy(node_of(1))
    assert vault.open(node_of(1), sealed, b"") is None


def test_a_key_that_was_never_synced_is_missed_and_not_taken_for_erased() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage)
    vault.seal(node_of(1), b"plain", b"")
    vault.sync()
    before = storage.files()
    lost = vault.seal(node_of(2), b"plain", b"")
    with pytest.raises(CorruptionError, match=r"the key of epoch 1 of node 0{31}2 is missing"):
        vault_of(MemoryStorage(before)).open(node_of(2), lost, b"")


def test_another_master_key_is_the_users_error() -> None:
    storage = MemoryStorage()
    vault_of(storage).close()
    with pytest.raises(UserError, match=r"the master key is wrong: .*Restore master\.key or ONEFOLD_MASTER_KEY"):
        FileVault(storage, MasterKey.derive(bytes(32)))


def test_flipped_bits_of_the_key_file_are_reported_or_harmless() -> None:
    rng = random.Random(2)
    storage = MemoryStorage()
    vault = vault_of(storage)
    sealed: dict[bytes, bytes] = {}
    for round_ in range(3):
        sealed |= {node_of(i): vault.seal(node_of(i), b"plain", b"") for i in range(round_ * 2, round_ * 2 + 2)}
        vault.sync()
    vault.destroy(node_of(2))
    vault.close()
    expected = [None if node == node_of(2) else b"plain" for node in sealed]
    files = storage.files()
    bits = [(name, bit) for name, data in files.items() for bit in range(len(data) * 8)]
    for name, bit in rng.sample(bits, 3_000):
        damaged = bytearray(files[name])
        damaged[bit // 8] ^= 1 << bit % 8
        found = open_all(MemoryStorage({**files, name: bytes(damaged)}), sealed)
        if isinstance(found, CorruptionError):
            assert (found.file, found.offset <= bit // 8) == (name, True)
        else:
            assert (found, name) == (expected, "keys.mark")


def test_every_truncation_of_the_key_file_is_reported() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage)
    for number in range(3):
        vault.seal(node_of(number), b"plain", b"")
        vault.sync()
    files = storage.files()
    for cut in range(len(files[KEYS])):
        with pytest.raises(CorruptionError):
            vault_of(MemoryStorage({**files, KEYS: files[KEYS][:cut]}))


def test_keys_that_the_disk_refused_are_never_reported_as_durable() -> None:
    storage = RefusingStorage()
    vault = vault_of(storage)
    vault.sync()
    vault.seal(node_of(1), b"plain", b"")
    storage.refuses, storage.error = "sync", StorageError("the disk reports an error")
    for _ in range(2):
        with pytest.raises(StorageError):
            vault.sync()
        storage.refuses = ""


def test_threads_share_one_key_of_a_node_and_every_key_is_durable() -> None:
    storage = MemoryStorage()
    vault = vault_of(storage, cache=8)
    sealed: list[tuple[bytes, bytes]] = []
    failures: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for number in range(100):
                node = node_of(number % 40)
                text = vault.seal(node, b"plain", b"")
                if number % 10 == thread:
                    vault.sync()
                sealed.append((node, text))
        except OnefoldError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault.sync()
    assert not failures
    again = vault_of(storage)
    assert all(again.open(node, text, b"") == b"plain" for node, text in sealed)
    assert len(list(again.nodes())) == 40


def test_reading_only_opens_what_is_there_and_writes_nothing() -> None:
    FileVault(MemoryStorage(), MASTER, read_only=True).close()
    storage = MemoryStorage()
    vault = vault_of(storage)
    sealed = vault.seal(node_of(1), b"plain", b"")
    vault.close()
    before = storage.files()
    reader = FileVault(storage, MASTER, read_only=True)
    assert reader.open(node_of(1), sealed, b"") == b"plain"
    reader.seal(node_of(2), b"plain", b"")
    with pytest.raises(StorageError, match="reading only"):
        reader.sync()
    assert storage.files() == before


def test_no_key_shows_in_a_repr() -> None:
    assert MASTER.wrapping.hex()[:8] not in repr(MASTER)
    assert repr(MASTER.wrapping) not in repr(MASTER)
    assert repr(MASTER.workspace_key) not in repr(MASTER)
