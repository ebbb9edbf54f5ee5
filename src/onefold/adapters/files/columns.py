"""Genomes of many customers as one mapped file, in blocks, column after column: rows are changed where they stand.

The file, all numbers in the machine's order::

    4096 bytes   magic, length and CRC-32 of a JSON object, that object (:mod:`onefold.adapters.files.column_head`)
    blocks       of 16,384 rows each: a run of 8-byte words for every column, then a run of instants (until when a row
                 holds), of 16-byte customers, and of bytes that say whether they exist

A column of a block lies in one piece, so that a condition reads what it names and nothing else. Rows ``0 .. ordered``
ascend by customer; later ones were added.

It holds no truth and is never synced. While rows are being changed the head says ``torn``; it is believed only where it
is whole, not torn, of this format and of this boot of the machine: so a process that died meanwhile is noticed, and a
power loss. Whoever reads or writes it holds :func:`column_lock`.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from onefold.adapters.files import column_head
from onefold.adapters.files.column_head import HEAD_BYTES, Head, packed_head, read_head, useless
from onefold.core.errors import StorageError
from onefold.core.ids import NODE_BYTES

BLOCK = 16_384
_PAUSE = 0.005

Words = NDArray[np.int64]
Roots = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some customers: ``roots`` are (n, 16) bytes, ``words`` (n, columns), ``due`` until when each row holds."""

    roots: Roots
    words: Words
    due: Words
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.due)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Up to 16,384 rows as they are mapped; ``words[at]`` is the column ``at``."""

    first: int
    words: Words
    due: Words
    roots: Roots
    present: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.due)


class GenomeFile:
    """A file that was opened; its arrays change when it is updated."""

    def __init__(self, path: Path, head: Head) -> None:
        self.path, self.head = path, head
        self._map()

    def _map(self) -> None:
        blocks = _blocks(self.head.rows)
        try:
            size = self.path.stat().st_size
            if size != HEAD_BYTES + blocks * _block_bytes(self.head.columns):
                raise useless(self.path, f"{size} bytes do not hold {self.head.rows} rows")
            self._head = np.memmap(self.path, np.uint8, mode="r+", shape=(HEAD_BYTES,))
            shape = (blocks, _block_bytes(self.head.columns))
            self._body = np.memmap(self.path, np.uint8, mode="r+", offset=HEAD_BYTES, shape=shape) if blocks else None
        except (OSError, ValueError) as error:
            raise useless(self.path, str(error)) from error

    def blocks(self) -> Iterator[Block]:
        """Yield the rows, a block at a time."""
        for number in range(_blocks(self.head.rows)):
            yield self._block(number)

    def roots_at(self, places: list[int]) -> list[bytes]:
        """Return the customers of some rows."""
        return [self._block(place // BLOCK).roots[place % BLOCK].tobytes() for place in places]

    def places(self, customers: list[bytes]) -> Words:
        """Return the number of each customer's row, -1 for those that have none."""
        if not self.head.rows or not customers:
            return np.full(len(customers), -1, np.int64)
        roots = np.concatenate([block.roots for block in self.blocks()])
        keys, wanted = _keys(roots), _keys(np.frombuffer(b"".join(customers), np.uint8).reshape(-1, NODE_BYTES))
        later = {root.tobytes(): at for at, root in enumerate(roots[self.head.ordered :], self.head.ordered)}
        found = np.searchsorted(keys[: self.head.ordered], wanted, side="left")
        for at, customer in enumerate(customers):
            place = int(found[at])
            while place < self.head.ordered and keys[place] == wanted[at] and roots[place].tobytes() != customer:
                place += 1  # another one whose first eight bytes are the same
            is_there = place < self.head.ordered and keys[place] == wanted[at]
            found[at] = place if is_there else later.get(customer, -1)
        return found.astype(np.int64)

    def _block(self, number: int) -> Block:
        assert self._body is not None
        raw, count = np.asarray(self._body[number]), min(BLOCK, self.head.rows - number * BLOCK)
        ends = np.cumsum([self.head.columns * 8 * BLOCK, 8 * BLOCK, NODE_BYTES * BLOCK]).tolist()
        return Block(
            number * BLOCK,
            raw[: ends[0]].view(np.int64).reshape(self.head.columns, BLOCK)[:, :count],
            raw[ends[0] : ends[1]].view(np.int64)[:count],
            raw[ends[1] : ends[2]].reshape(BLOCK, NODE_BYTES)[:count],
            raw[ends[2] :][:count],
        )

    def update(self, places: Words, changed: Rows, added: Rows, *, seq: int, now: int) -> None:
        """Put rows in place of those at ``places``, and others behind all; true as of a record and an instant.

        A process that dies in here leaves a file that is not believed.
        """
        self._write_head(replace(self.head, torn=True))
        self._put(places, changed)
        if len(added):
            rows = self.head.rows
            self._grow(rows + len(added))
            self._put(np.arange(rows, rows + len(added)), added)
        self._write_head(replace(self.head, seq=seq, now=max(now, self.head.now), torn=False))

    def _put(self, places: Words, rows: Rows) -> None:
        numbers = places // BLOCK
        for number in np.unique(numbers).tolist():
            mine = numbers == number
            block, at = self._block(number), places[mine] - number * BLOCK
            block.words[:, at] = rows.words[mine].T
            block.due[at], block.roots[at], block.present[at] = rows.due[mine], rows.roots[mine], rows.present[mine]

    def _grow(self, rows: int) -> None:
        with self.path.open("r+b") as file:
            file.truncate(HEAD_BYTES + _blocks(rows) * _block_bytes(self.head.columns))
        self._write_head(replace(self.head, rows=rows, torn=True))
        self._map()

    def _write_head(self, head: Head) -> None:
        self._head[:] = np.frombuffer(packed_head(head), np.uint8)
        self.head = head


def write_genomes(path: Path, head: Head, chunks: Iterable[Rows]) -> None:
    """Write rows that ascend by customer into a file, which appears whole or not at all.

    Raises :class:`StorageError` where the disk refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "r+b") as file:
            file.write(bytes(HEAD_BYTES))
            rows = 0
            for piece in _in_blocks(chunks):
                _write_block(file, piece)
                rows += len(piece)
            file.seek(0)
            whole = replace(head, rows=rows, ordered=rows, format=column_head.FORMAT, boot=column_head.boot_id())
            file.write(packed_head(whole))
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}. Free some space or mend the disk.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_block(file: BinaryIO, rows: Rows) -> None:
    missing = BLOCK - len(rows)
    file.writelines(np.pad(column, (0, missing)).data for column in rows.words.T)
    file.write(np.pad(rows.due, (0, missing)).data)
    file.write(np.pad(rows.roots, ((0, missing), (0, 0))).data)
    file.write(np.pad(rows.present.astype(np.uint8), (0, missing)).data)


def _in_blocks(chunks: Iterable[Rows]) -> Iterator[Rows]:
    """Yield the same rows in chunks of a block, but for the last one."""
    waiting: list[Rows] = []
    for chunk in chunks:
        waiting.append(chunk)
        while sum(map(len, waiting)) >= BLOCK:
            whole = joined(waiting)
            yield part_of(whole, slice(0, BLOCK))
            waiting = [part_of(whole, slice(BLOCK, None))]
    rest = joined(waiting) if waiting else None
    if rest is not None and len(rest):
        yield rest


def joined(parts: list[Rows]) -> Rows:
    """Return the rows of several parts, one after another."""
    return Rows(
        np.concatenate([one.roots for one in parts]),
        np.concatenate([one.words for one in parts]),
        np.concatenate([one.due for one in parts]),
        np.concatenate([one.present for one in parts]),
    )


def part_of(rows: Rows, which: slice | NDArray[np.bool_] | Words) -> Rows:
    """Return some of the rows."""
    return Rows(rows.roots[which], rows.words[which], rows.due[which], rows.present[which])


def open_genomes(path: Path, *, identity: str, columns: int) -> GenomeFile:
    """Open a file; raise :class:`StorageError` where there is none, or it is torn, of other definitions or format."""
    try:
        with path.open("rb") as file:
            head = read_head(path, file.read(HEAD_BYTES))
    except OSError as error:
        raise useless(path, error.strerror or str(error)) from error
    if head.torn or not head.boot or head.boot != column_head.boot_id():
        raise useless(path, "it was not left in order")
    if (head.identity, head.columns) != (identity, columns):
        raise useless(path, "it was made under other definitions")
    return GenomeFile(path, head)


def _keys(roots: Roots) -> NDArray[np.uint64]:
    """Return the first eight bytes of customers as numbers that ascend as they do."""
    first = np.ascontiguousarray(roots[:, :8]).view(">u8")
    return first.ravel().astype(np.uint64)


def _blocks(rows: int) -> int:
    return -(-rows // BLOCK)


def _block_bytes(columns: int) -> int:
    return BLOCK * (8 * columns + 8 + NODE_BYTES + 1)


@contextmanager
def column_lock(path: Path, *, wait: float, give_up: Callable[[], None]) -> Iterator[bool]:
    """Hold the right to read and change a file of genomes; yield False where another has it for ``wait`` seconds.

    ``give_up`` is called while waiting, and may raise. The operating system drops the lock of a process that dies.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(handle, time.monotonic() + wait, give_up)
    finally:
        os.close(handle)


def _locked(handle: int, until: float, give_up: Callable[[], None]) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            give_up()
            time.sleep(_PAUSE)
        else:
            return True
