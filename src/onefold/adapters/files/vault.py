"""The vault: one random AES-256 key per identifier node, wrapped under the master key, destroyed to erase.

The keys stand in a segmented log of their own, in a folder of their own, so a backup can keep them apart from
the data. ``sealed = epoch u32, nonce 12, ciphertext, tag 16``: after an erasure a node that returns is a new
customer and gets a key of the next epoch; what was sealed under an earlier one stays unreadable for ever.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from onefold.adapters.files.cache import Generations
from onefold.adapters.files.keytable import KeyTable, StoredKey
from onefold.adapters.files.log import SegmentedLog
from onefold.adapters.files.master import VARIABLE, MasterKey
from onefold.core.errors import CorruptionError, Problem, UserError
from onefold.core.ports import Storage

LOG = "keys"
SEGMENT_BYTES = 4 * 1024 * 1024
"""Small, because a destroyed key costs the rewriting of one segment."""

_CHECK, _KEY, _DESTROYED = 1, 2, 3
_RECORD = struct.Struct("<B16sI")
_EPOCH = struct.Struct("<I")
_NONCE = 12
_OVERHEAD = _EPOCH.size + _NONCE + 16


class FileVault:
    """Fulfils :class:`onefold.core.ports.Vault`; thread-safe, one process at a time.

    Call :meth:`sync` after sealing and *before* the sealed bytes are appended to the log: a record whose key
    a power loss took could never be read. Raises :class:`UserError` where the master key is not the one of
    this folder. With ``read_only=True`` nothing is written, so it may run beside a writer; it sees the keys
    of when it was opened, and cannot make new ones durable. At most ``2 * cache`` ciphers are held ready.
    """

    def __init__(
        self, storage: Storage, master_key: MasterKey, *, cache: int = 20_000, read_only: bool = False
    ) -> None:
        self._wrapping = AESGCM(master_key.wrapping)
        self._check = master_key.check
        self._log = SegmentedLog(storage, name=LOG, segment_bytes=SEGMENT_BYTES, read_only=read_only)
        self._live = KeyTable()
        self._destroyed: dict[bytes, int] = {}
        self._pending: list[bytes] = []
        self._ciphers = Generations[tuple[bytes, AESGCM]](cache)
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        self._live.load(self._read())
        if not self._log.last() and not read_only:
            self._pending.append(_RECORD.pack(_CHECK, self._check, 0))

    @property
    def log(self) -> SegmentedLog:
        """The log of keys, to verify it and to see what was healed."""
        return self._log

    def seal(self, node: bytes, plain: bytes, bound: bytes) -> bytes:
        """Encrypt under the node's key (made on first use); ``bound`` is authenticated with it."""
        epoch, cipher = self._ciphers.get(node) or self._cipher_to_seal(node)
        nonce = os.urandom(_NONCE)
        return epoch + nonce + cipher.encrypt(nonce, plain, bound)

    def open(self, node: bytes, sealed: bytes, bound: bytes) -> bytes | None:
        """Decrypt; None where the node's key was destroyed; :class:`CorruptionError` where the bytes are not
        ours.
        """
        if len(sealed) < _OVERHEAD:
            raise CorruptionError(LOG, 0, f"a sealed text of {len(sealed)} bytes is too short")
        entry = self._ciphers.get(node)
        if entry is None or entry[0] != sealed[:4]:
            entry = self._cipher_to_open(node, sealed)
            if entry is None:
                return None
        try:
            return entry[1].decrypt(sealed[4:16], sealed[16:], bound)
        except InvalidTag:
            raise CorruptionError(LOG, 0, f"a text sealed for node {node.hex()} is not authentic") from None

    def sync(self) -> None:
        """Return once every key in use would survive a power loss."""
        with self._writing:
            self._flush()

    def destroy(self, node: bytes) -> None:
        """Destroy a node's key for ever: it is gone from the file when this returns; unknown nodes are
        ignored.
        """
        self.destroy_all([node])

    def destroy_all(self, nodes: Iterable[bytes]) -> None:
        """Destroy the keys of many nodes, rewriting each file concerned once."""
        with self._writing, self._lock:
            self._flush()
            doomed = {node: key for node in nodes if (key := self._live.get(node)) is not None}
            if not doomed:
                return
            self._log.rewrite({key.seq: _RECORD.pack(_DESTROYED, node, key.epoch) for node, key in doomed.items()})
            for node, key in doomed.items():
                self._live.remove(node)
                self._destroyed[node] = key.epoch
                self._ciphers.drop(node)

    def nodes(self) -> Iterator[bytes]:
        """Yield every node that has a key."""
        with self._lock:
            known = list(self._live.nodes())
        yield from known

    def close(self) -> None:
        """Make every key durable and let go of the file."""
        self.sync()
        self._log.close()

    def _read(self) -> Iterator[tuple[bytes, StoredKey]]:
        """Yield the live keys of the log, and note what was destroyed and whether the master key is the
        right one.
        """
        for seq, record in self._log.records():
            kind, node, epoch = _RECORD.unpack_from(record)
            if kind == _KEY:
                yield node, StoredKey(epoch, seq, record[_RECORD.size :])
            elif kind == _DESTROYED:
                self._destroyed[node] = max(epoch, self._destroyed.get(node, 0))
            elif kind == _CHECK and node != self._check:
                why = "the keys of this workspace were wrapped under another one"
                raise UserError(Problem("the master key is wrong", why, f"Restore master.key or {VARIABLE}."))

    def _flush(self) -> None:
        """Write the keys made since the last time as one group; on failure they stay pending and the log
        refuses.
        """
        with self._lock:
            batch = list(self._pending)
        if not batch:
            return
        first = self._log.append(batch) - len(batch) + 1
        with self._lock:
            del self._pending[: len(batch)]
            for seq, record in enumerate(batch, first):
                kind, node, epoch = _RECORD.unpack_from(record)
                if kind == _KEY:
                    self._live.put(node, StoredKey(epoch, seq, record[_RECORD.size :]))
            self._live.settle()

    def _cipher_to_seal(self, node: bytes) -> tuple[bytes, AESGCM]:
        with self._lock:
            key = self._live.get(node)
            if key is None:
                return self._make(node)
            return self._unwrap(node, key)

    def _cipher_to_open(self, node: bytes, sealed: bytes) -> tuple[bytes, AESGCM] | None:
        """Return the cipher of the epoch that a text was sealed under; None where that key was destroyed."""
        (epoch,) = _EPOCH.unpack_from(sealed)
        with self._lock:
            if 1 <= epoch <= self._destroyed.get(node, 0):
                return None
            key = self._live.get(node)
            if key is None or key.epoch != epoch:
                why = f"the key of epoch {epoch} of node {node.hex()} is missing: the keys are older"
                raise CorruptionError(LOG, 0, why)
            return self._unwrap(node, key)

    def _make(self, node: bytes) -> tuple[bytes, AESGCM]:
        secret, nonce = os.urandom(32), os.urandom(_NONCE)
        epoch = self._destroyed.get(node, 0) + 1
        head = _RECORD.pack(_KEY, node, epoch)
        wrapped = nonce + self._wrapping.encrypt(nonce, secret, head)
        self._live.put(node, StoredKey(epoch, 0, wrapped))
        self._pending.append(head + wrapped)
        return self._remember(node, epoch, secret)

    def _unwrap(self, node: bytes, key: StoredKey) -> tuple[bytes, AESGCM]:
        head = _RECORD.pack(_KEY, node, key.epoch)
        try:
            secret = self._wrapping.decrypt(key.wrapped[:_NONCE], key.wrapped[_NONCE:], head)
        except InvalidTag:
            raise CorruptionError(LOG, 0, f"the key of node {node.hex()} (record {key.seq}) is not authentic") from None
        return self._remember(node, key.epoch, secret)

    def _remember(self, node: bytes, epoch: int, secret: bytes) -> tuple[bytes, AESGCM]:
        entry = (_EPOCH.pack(epoch), AESGCM(secret))
        self._ciphers.put(node, entry)
        return entry
