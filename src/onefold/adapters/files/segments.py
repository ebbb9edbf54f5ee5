"""Reading segment files: their names, their groups, and whether a bad tail was torn or damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from onefold.adapters.files.frames import (
    HEADER_BYTES,
    Damage,
    Header,
    decode_header,
    find_group,
    is_torn,
    read_group,
)
from onefold.core.errors import CorruptionError
from onefold.core.ports import Storage


@dataclass(frozen=True, slots=True)
class Healed:
    """A torn tail that was cut off when the log was opened: never acknowledged bytes of an unfinished
    commit.
    """

    file: str
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands in the last segment: its salt, the last whole record, where it ends, and the bytes behind
    it.
    """

    salt: int
    last: int
    end: int
    torn: int


def segment_name(log: str, first_seq: int) -> str:
    """Return the file name of the segment that begins with a record.

    >>> segment_name("log", 1)
    'log-00000000000000000001.seg'
    """
    return f"{log}-{first_seq:020d}.seg"


def first_seqs(storage: Storage, log: str) -> list[int]:
    """Return with which record each segment of a log begins, in order."""
    pattern = re.compile(re.escape(log) + r"-(\d{20})\.seg")
    return [int(match[1]) for match in map(pattern.fullmatch, storage.names()) if match]


def load_segment(storage: Storage, log: str, first_seq: int, previous: int) -> tuple[bytes, Header]:
    """Read a segment file and its header; :class:`CorruptionError` where it is missing or is not the one
    expected.
    """
    file = segment_name(log, first_seq)
    try:
        data = storage.read(file)
    except FileNotFoundError:
        raise CorruptionError(file, 0, "the segment is missing") from None
    header = decode_header(data, file)
    if (header.first_seq, header.previous) != (first_seq, previous):
        why = f"the header is of the segment {header.first_seq} after {header.previous}, another one was here"
        raise CorruptionError(file, 0, why)
    return data, header


def read_groups(data: bytes, file: str, header: Header, *, until: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (first seq, payloads) of each group up to a record; anything missing or damaged before it is an
    error.
    """
    at, seq = HEADER_BYTES, header.first_seq
    while seq <= until:
        try:
            payloads, at = read_group(data, at, salt=header.salt, seq=seq)
        except Damage as damage:
            raise CorruptionError(file, damage.offset, damage.why) from None
        yield seq, payloads
        seq += len(payloads)


def is_torn_header(data: bytes) -> bool:
    """Tell whether a segment was being created when the power failed: nothing was ever written behind its
    header.
    """
    return len(data) < HEADER_BYTES or (len(data) == HEADER_BYTES and not any(data))


def scan_tail(data: bytes, file: str, header: Header, *, vouched: int) -> Tail:
    """Read the last segment to its end; records up to ``vouched`` are known to have been durable.

    Raises :class:`CorruptionError` unless what cannot be read is the torn tail of a commit that nobody
    vouches for: no watermark, no later group, and the marks of a tear
    (:func:`onefold.adapters.files.frames.is_torn`).
    """
    at, seq = HEADER_BYTES, header.first_seq
    while at < len(data):
        try:
            payloads, at = read_group(data, at, salt=header.salt, seq=seq)
        except Damage as damage:
            later = find_group(data, at + 1, salt=header.salt, above=seq)
            if seq <= vouched or later is not None or not is_torn(data, at, salt=header.salt):
                raise CorruptionError(file, damage.offset, damage.why) from None
            break
        seq += len(payloads)
    if seq <= vouched:
        raise CorruptionError(file, at, f"records {seq} to {vouched} were acknowledged and are missing")
    return Tail(header.salt, seq - 1, at, len(data) - at)
