"""Timelines in LMDB: sorted fixed-size records under each name's pseudonym, one transaction a batch."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import lmdb
import numpy as np
from numpy.typing import NDArray

from onefold.adapters.lmdb.environment import Environment
from onefold.core.ids import NODE_BYTES
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch, NodeInfo, check_batch, flags_of
from onefold.profiles.words import Rows

FORMAT = 1
KEYS_A_CALL = 500  # getmulti is at its best with 100 to 1,000 keys
NODES_A_READ = 2_000  # a long scan holds no transaction open, or the file could not reuse its pages

_DATABASES = {f"meta-{FORMAT}": False, "nodes": False, "members": True, "texts": False, "codes": False}
_HAS_MEMBERS = 128  # beside the flags of a node: spares the look at a database that holds nothing of most
_NUMBER = struct.Struct(">Q")
_CODE = struct.Struct(">q")
_KEY_WORDS = NODE_BYTES // 8


class LmdbTimelines:
    """A :class:`onefold.profiles.store.TimelineStore` in the folder ``path``.

    A store of another layout, one torn by a power loss, or one that is damaged opens empty: ``state()``
    then says 0, and the log is to be applied again from its beginning. ``map_bytes`` is the size to begin
    with; it doubles by itself. ``readonly`` opens it beside the process that writes. Raises
    :class:`StorageError` where another process writes already, or where there is nothing to read.
    """

    def __init__(self, path: Path, layout: Layout, *, map_bytes: int = 1 << 28, readonly: bool = False) -> None:
        name = f"{layout.fingerprint[:16]}-{layout.width}"
        self._layout = layout
        databases = {**_DATABASES, f"rows-{name}": True}
        self._env = Environment(path, name, databases=databases, map_bytes=map_bytes, readonly=readonly)
        self._rows = self._env.handles[f"rows-{name}"]
        self._meta, self._nodes, self._members, self._texts, self._codes = (
            self._env.handles[database] for database in _DATABASES
        )

    def close(self) -> None:
        """Make everything durable and let go of the files."""
        self._env.close()

    def state(self) -> tuple[int, str]:
        """Return the applied log number (0: apply everything again) and the layout's fingerprint."""
        found = self._env.read(lambda txn: bytes(txn.get(b"seq", b"", db=self._meta)))
        return (_NUMBER.unpack(found)[0] if found else 0), self._layout.fingerprint

    def apply(self, batch: Batch) -> None:
        """Add a batch in one transaction."""
        check_batch(batch, self._layout)
        flags = flags_of(batch)
        items = list(_items(batch, self._layout.row_bytes))
        self._env.write(lambda txn: self._put(txn, batch, items, flags))

    def _put(
        self, txn: lmdb.Transaction, batch: Batch, items: list[tuple[bytes, bytes]], flags: dict[bytes, int]
    ) -> None:
        with txn.cursor(db=self._rows) as cursor:
            cursor.putmulti(items)
        with txn.cursor(db=self._members) as cursor:
            cursor.putmulti(sorted(set(batch.members)))
        for owner, _ in batch.members:
            flags[owner] = flags.get(owner, 0) | _HAS_MEMBERS
        with txn.cursor(db=self._nodes) as cursor:
            _put_nodes(cursor, sorted({*batch.rows, *batch.names, *flags}), batch.names, flags)
        for code, text in batch.texts.items():
            self._put_text(txn, code, text)
        found = txn.get(b"seq", db=self._meta)
        if found is None or _NUMBER.unpack(found)[0] < batch.seq:
            txn.put(b"seq", _NUMBER.pack(batch.seq), db=self._meta)

    def _put_text(self, txn: lmdb.Transaction, code: int, text: str) -> None:
        key = _CODE.pack(code)
        if txn.put(key, b"\0", overwrite=False, db=self._codes):
            number = txn.stat(self._texts)["entries"] + 1
            txn.put(_NUMBER.pack(number), key + text.encode(), append=True, db=self._texts)

    def rows(self, node: bytes) -> Rows:
        """Return a copy of a name's records, sorted by their bytes."""
        return self._env.read(lambda txn: self._get(txn, (node,)))[:, _KEY_WORDS:].copy()

    def many(self, nodes: Sequence[bytes]) -> tuple[Rows, NDArray[np.int64]]:
        """Return the records of several names and the offsets at which each begins."""
        runs = range(0, len(nodes), KEYS_A_CALL)
        parts = self._env.read(lambda txn: [self._get(txn, nodes[at : at + KEYS_A_CALL]) for at in runs])
        bounds = np.cumsum([0, *map(len, parts)]).tolist()
        rows = np.empty((bounds[-1], self._layout.width), dtype=np.uint64)
        keys = np.empty((bounds[-1], _KEY_WORDS), dtype=np.uint64)
        for part, start, end in zip(parts, bounds[:-1], bounds[1:], strict=True):
            keys[start:end], rows[start:end] = part[:, :_KEY_WORDS], part[:, _KEY_WORDS:]
        return rows, _offsets(nodes, keys)

    def _get(self, txn: lmdb.Transaction, nodes: Iterable[bytes]) -> Rows:
        """Return the records of names in the order of their keys given, each behind its key."""
        with txn.cursor(db=self._rows) as cursor:
            found = cursor.getmulti(nodes, dupdata=True, dupfixed_bytes=self._layout.row_bytes, keyfixed=True)
        return np.frombuffer(found, dtype=np.uint64).reshape(-1, _KEY_WORDS + self._layout.width)

    def node(self, node: bytes) -> NodeInfo | None:
        """Return what is known of a name, None if it never occurred."""
        return self._env.read(lambda txn: self._info(txn, node))

    def _info(self, txn: lmdb.Transaction, node: bytes) -> NodeInfo | None:
        found = txn.get(node, db=self._nodes)
        return None if found is None else self._read_info(txn, node, bytes(found))

    def _read_info(self, txn: lmdb.Transaction, node: bytes, value: bytes) -> NodeInfo:
        if not value[0] & _HAS_MEMBERS:
            return NodeInfo(value[1:], value[0])
        with txn.cursor(db=self._members) as cursor:
            cursor.set_key(node)
            return NodeInfo(value[1:], value[0] ^ _HAS_MEMBERS, tuple(map(bytes, cursor.iternext_dup())))

    def nodes(self) -> Iterator[tuple[bytes, NodeInfo]]:
        """Yield every name, sorted, reading some thousand at a time."""
        after = b""
        while found := self._env.read(partial(self._nodes_from, after=after)):
            yield from found
            after = found[-1][0]

    def _nodes_from(self, txn: lmdb.Transaction, after: bytes) -> list[tuple[bytes, NodeInfo]]:
        found: list[tuple[bytes, NodeInfo]] = []
        with txn.cursor(db=self._nodes) as cursor:
            more = cursor.set_range(after + b"\0") if after else cursor.first()
            while more and len(found) < NODES_A_READ:
                key = bytes(cursor.key())
                found.append((key, self._read_info(txn, key, bytes(cursor.value()))))
                more = cursor.next()
        return found

    def texts(self, after: int = 0) -> list[tuple[int, str]]:
        """Return (code, text) in the order they came, without the first ``after``."""
        return self._env.read(lambda txn: self._texts_after(txn, after))

    def _texts_after(self, txn: lmdb.Transaction, after: int) -> list[tuple[int, str]]:
        with txn.cursor(db=self._texts) as cursor:
            if not cursor.set_range(_NUMBER.pack(after + 1)):
                return []
            return [(_CODE.unpack(value[:8])[0], str(value[8:], "utf-8")) for value in cursor.iternext(keys=False)]


def _put_nodes(
    cursor: lmdb.Cursor, nodes: list[bytes], names: Mapping[bytes, bytes], flags: Mapping[bytes, int]
) -> None:
    """Put what changed of nodes: a byte of flags, then the sealed name."""
    before = {bytes(node): bytes(value) for node, value in cursor.getmulti(nodes)}
    changed = []
    for node in nodes:
        found = before.get(node, b"\0")
        after = bytes((found[0] | flags.get(node, 0),)) + names.get(node, found[1:])
        if node not in before or after != found:
            changed.append((node, after))
    cursor.putmulti(changed)


def _items(batch: Batch, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, record) sorted by both, so that neighbours in the file are written one after another."""
    for node in sorted(batch.rows):
        raw = batch.rows[node].tobytes()
        if len(raw) == size:
            yield node, raw
        else:
            yield from [(node, record) for record in sorted(raw[at : at + size] for at in range(0, len(raw), size))]


def _offsets(nodes: Sequence[bytes], keys: Rows) -> NDArray[np.int64]:
    """Return where the records of each name begin, given the key beside each record."""
    changes = np.flatnonzero((keys[1:, 0] != keys[:-1, 0]) | (keys[1:, 1] != keys[:-1, 1])) + 1
    bounds = np.concatenate([np.zeros(min(1, len(keys)), dtype=np.int64), changes, [len(keys)]])
    if len(bounds) == len(nodes) + 1:
        return bounds
    sizes = zip(bounds[:-1].tolist(), np.diff(bounds).tolist(), strict=True)
    found = {keys[start].tobytes(): size for start, size in sizes}
    return np.cumsum([0, *(found.get(node, 0) for node in nodes)], dtype=np.int64)
