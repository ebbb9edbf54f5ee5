"""The log: numbered records in append-only segment files, committed in groups, acknowledged after fdatasync.

What is promised, and how the tail is judged after a crash, is ADR 3 (``docs/adr/0003-log.md``).
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from onefold.adapters.files.frames import (
    GROUP_BYTES,
    HEADER_BYTES,
    MAX_GROUP,
    MAX_PAYLOAD,
    Header,
    encode_group,
)
from onefold.adapters.files.marks import Watermark
from onefold.adapters.files.segments import (
    Healed,
    first_seqs,
    is_torn_header,
    load_segment,
    read_groups,
    scan_tail,
    segment_name,
)
from onefold.core.errors import CorruptionError, Problem, StorageError, UserError
from onefold.core.ports import Storage

SEGMENT_BYTES = 64 * 1024 * 1024


class SegmentedLog:
    """Fulfils :class:`onefold.core.ports.EventLog` over a :class:`~onefold.core.ports.Storage`; thread-safe.

    One process at a time may write (take ``FolderStorage.lock()`` first). Opening reads the last segment only
    and cuts off a torn tail, which ``healed`` names; a damaged one raises :class:`CorruptionError`. With
    ``read_only=True`` nothing is written, so it may run beside a writer; it sees what stood there when it was
    opened. After a failed write nothing more is accepted until the log is opened anew.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        name: str = "log",
        segment_bytes: int = SEGMENT_BYTES,
        read_only: bool = False,
    ) -> None:
        self._storage, self._name = storage, name
        self._segment_bytes, self._read_only = segment_bytes, read_only
        self._lock = threading.Lock()
        self._failure: str | None = None
        self._mark = Watermark(storage, f"{name}.mark")
        self._firsts = first_seqs(storage, name)
        self._last = self._end = self._salt = 0
        self.healed: tuple[Healed, ...] = ()
        self._open()

    def append(self, payloads: Sequence[bytes]) -> int:
        """Commit payloads as one group, all or none, and return the seq of the last, after fdatasync.

        No payloads: nothing happens. Raises :class:`UserError` where a payload is larger than 16 MiB or the
        group larger than 256 MiB, :class:`StorageError` where the disk refuses; then nothing was
        acknowledged.
        """
        _check_sizes(payloads)
        with self._lock:
            self._refuse_if_failed()
            if not payloads:
                return self._last
            try:
                return self._commit(payloads)
            except BaseException as error:
                self._failure = str(error) or type(error).__name__
                raise

    def last(self) -> int:
        """Return the highest committed sequence number, 0 for an empty log."""
        return self._last

    def records(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (seq, payload) of every record after a number that is committed when the first is asked for.

        One segment is in memory at a time. Raises :class:`CorruptionError` on reaching a damaged group; what
        was yielded before is good.
        """
        with self._lock:
            firsts, last = list(self._firsts), self._last
        for index in range(max(bisect_right(firsts, after + 1) - 1, 0), len(firsts)):
            for seq, payloads in self._groups(firsts, index, last):
                if seq + len(payloads) > after + 1:
                    skip = max(after + 1 - seq, 0)
                    yield from enumerate(payloads[skip:], seq + skip)

    def verify(self) -> Iterator[CorruptionError]:
        """Read every segment and yield the first damage of each that has any, with file and offset."""
        with self._lock:
            firsts, last = list(self._firsts), self._last
        for index in range(len(firsts)):
            try:
                for _ in self._groups(firsts, index, last):
                    pass
            except CorruptionError as damage:
                yield damage

    def rewrite(self, replacements: Mapping[int, bytes]) -> None:
        """Durably put other payloads in place of committed ones, so that the old ones are gone from the
        files.

        This is for erasure alone. Each segment concerned is replaced as a whole, atomically; seqs and groups
        stay. Raises ``ValueError`` for a seq that is not committed, :class:`StorageError`,
        :class:`CorruptionError`.
        """
        _check_sizes(list(replacements.values()))
        with self._lock:
            self._refuse_if_failed()
            if any(not 1 <= seq <= self._last for seq in replacements):
                raise ValueError("only committed records can be rewritten")
            try:
                for index in sorted({bisect_right(self._firsts, seq) - 1 for seq in replacements}):
                    self._rewrite_segment(index, replacements)
            except BaseException as error:
                self._failure = str(error) or type(error).__name__
                raise

    def close(self) -> None:
        """Make the watermark durable, so that any later loss at the tail is noticed; the log refuses further
        use.
        """
        with self._lock:
            if self._failure is None and not self._read_only:
                self._mark.sync()
            self._failure = self._failure or "the log was closed"

    def __enter__(self) -> SegmentedLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        """Find the end of the log, heal a torn tail, and make sure that what will be served is really on the
        disk.
        """
        if not self._firsts and self._mark.seq:
            why = f"records 1 to {self._mark.seq} were acknowledged and are missing"
            raise CorruptionError(segment_name(self._name, 1), 0, why)
        if not self._firsts:
            return
        if self._firsts[0] != 1:
            raise CorruptionError(segment_name(self._name, 1), 0, "the segment is missing")
        file = segment_name(self._name, self._firsts[-1])
        if self._drop_unborn(file):
            self._open()
            return
        data, header = load_segment(self._storage, self._name, self._firsts[-1], self._previous(len(self._firsts) - 1))
        tail = scan_tail(data, file, header, vouched=self._mark.seq)
        self._last, self._end, self._salt = tail.last, tail.end, tail.salt
        if tail.torn:
            self.healed += (Healed(file, tail.end, tail.torn),)
        if not self._read_only:
            self._settle(file, data, torn=bool(tail.torn))

    def _drop_unborn(self, file: str) -> bool:
        """Forget a last segment that was only being created: its header never reached the disk."""
        data = self._storage.read(file)
        if not is_torn_header(data):
            return False
        if self._mark.seq >= self._firsts[-1]:
            raise CorruptionError(file, 0, f"records up to {self._mark.seq} were acknowledged and are missing")
        if not self._read_only:
            self._storage.remove(file)
        self.healed += (Healed(file, 0, len(data)),)
        self._firsts.pop()
        return True

    def _settle(self, file: str, data: bytes, *, torn: bool) -> None:
        """Make the tail durable before it is served.

        Records above the watermark, or the header of an empty segment, may stand in the page cache alone,
        even marked clean after a failed flush, so their bytes are written anew; a torn tail behind vouched
        records is simply cut off.
        """
        if self._last > self._mark.seq or self._last < self._firsts[-1]:
            self._storage.replace(file, data[: self._end])
            self._mark.note(self._last)
        elif torn:
            self._storage.truncate(file, self._end)
            self._storage.sync(file)

    def _commit(self, payloads: Sequence[bytes]) -> int:
        if not self._firsts or self._end >= self._segment_bytes:
            self._rotate()
        first = self._last + 1
        group = encode_group(payloads, salt=self._salt, first_seq=first, offset=self._end)
        file = segment_name(self._name, self._firsts[-1])
        self._storage.append(file, group)
        self._storage.sync(file)
        self._end += len(group)
        self._last += len(payloads)
        self._mark.note(self._last)
        return self._last

    def _rotate(self) -> None:
        """Begin a segment; its header and name are durable before anything is written behind it."""
        first = self._last + 1
        salt = int.from_bytes(os.urandom(4), "little")
        file = segment_name(self._name, first)
        self._storage.append(file, Header(first, self._firsts[-1] if self._firsts else 0, salt).encode())
        self._storage.sync(file)
        self._firsts.append(first)
        self._end, self._salt = HEADER_BYTES, salt

    def _rewrite_segment(self, index: int, replacements: Mapping[int, bytes]) -> None:
        first = self._firsts[index]
        header = Header(first, self._previous(index), int.from_bytes(os.urandom(4), "little"))
        parts, size = [header.encode()], HEADER_BYTES
        for seq, payloads in self._groups(self._firsts, index, self._last):
            changed = [replacements.get(number, payload) for number, payload in enumerate(payloads, seq)]
            parts.append(encode_group(changed, salt=header.salt, first_seq=seq, offset=size))
            size += len(parts[-1])
        self._storage.replace(segment_name(self._name, first), b"".join(parts))
        if index == len(self._firsts) - 1:
            self._end, self._salt = size, header.salt

    def _groups(self, firsts: Sequence[int], index: int, last: int) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the groups of a segment up to the last committed record."""
        until = min(firsts[index + 1] - 1, last) if index + 1 < len(firsts) else last
        previous = firsts[index - 1] if index else 0
        data, header = load_segment(self._storage, self._name, firsts[index], previous)
        yield from read_groups(data, segment_name(self._name, firsts[index]), header, until=until)

    def _previous(self, index: int) -> int:
        return self._firsts[index - 1] if index else 0

    def _refuse_if_failed(self) -> None:
        if self._read_only:
            raise StorageError("the log is open for reading only. Open it for writing under the folder's lock.")
        if self._failure is not None:
            raise StorageError(f"the log accepts nothing more until it is opened anew: {self._failure}")


def _check_sizes(payloads: Sequence[bytes]) -> None:
    largest = max(map(len, payloads), default=0)
    total = sum(map(len, payloads)) + (GROUP_BYTES * len(payloads))
    if largest > MAX_PAYLOAD or total > MAX_GROUP:
        why = f"a record of at most {MAX_PAYLOAD:,} bytes and a commit of at most {MAX_GROUP:,} can be written"
        raise UserError(Problem(f"a record of {largest:,} bytes, {total:,} in one commit", why, "Split it."))
