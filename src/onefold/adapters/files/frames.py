"""The format of segment files, version 1. Pure: bytes in, bytes out.

::

    segment = header, groups             header = magic 8s, version u16, flags u16, salt u32,
                                                  first_seq u64, previous u64, crc u32           (36 bytes)
    group   = head, frames, tail         head   = 2s, size u32, count u32, blank u32,
                                                  first_seq u64, crc u32, 2s                     (28 bytes)
    frame   = head, payload              head   = size u32, seq u64, crc u32                     (16 bytes)

All little-endian. A group is what one commit wrote: it is there whole or not at all. Every byte is covered:
the heads by their own CRC-32, a payload with its size and seq by the frame's. All CRCs start from the
segment's random salt, so bytes of another segment, or a group hidden in a payload, never pass for a group of
this one. ``previous`` is the first seq of the segment before (0: none). ``blank`` counts the 512-byte sectors
of the group that hold nothing but zeros, which is what tells a sector that was never written from one that is
rightly empty. The first 36 bytes keep this form in every later version.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from onefold.core.errors import CorruptionError, FormatError

VERSION = 1
SECTOR = 512
MAX_PAYLOAD = 16 * 1024 * 1024
MAX_GROUP = 256 * 1024 * 1024

_MAGIC = b"1fold\r\n\x1a"
_HEADER = struct.Struct("<8sHHIQQI")
_GROUP = struct.Struct("<2sIIIQI2s")
_GROUP_CRC = struct.Struct("<IIIQ")
_FRAME = struct.Struct("<IQI")
_FRAME_CRC = struct.Struct("<IQ")
_BEGIN, _END, _TAIL = b"\xa7G", b"p\xa7", b"\xa7end"

HEADER_BYTES = _HEADER.size
GROUP_BYTES = _GROUP.size
FRAME_BYTES = _FRAME.size


class Damage(Exception):  # noqa: N818 - an outcome of reading that the caller judges, not yet an error
    """A group that cannot be read: at which byte of the file, and why."""

    def __init__(self, offset: int, why: str) -> None:
        self.offset, self.why = offset, why
        super().__init__(f"{why} at byte {offset}")


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a segment file."""

    first_seq: int
    previous: int
    salt: int

    def encode(self) -> bytes:
        """Return the 36 bytes at the beginning of the file."""
        head = _HEADER.pack(_MAGIC, VERSION, 0, self.salt, self.first_seq, self.previous, 0)[:-4]
        return head + crc32(head).to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The head of a group: its frames, the seq of the first, its rightly blank sectors, where it ends in the
    file.
    """

    count: int
    first_seq: int
    blank: int
    end: int


def decode_header(data: bytes, file: str) -> Header:
    """Read the head of a segment; :class:`CorruptionError` where damaged, :class:`FormatError` where too
    new.
    """
    if len(data) < HEADER_BYTES:
        raise CorruptionError(file, len(data), "the header is cut off")
    magic, version, _, salt, first_seq, previous, crc = _HEADER.unpack_from(data)
    if magic != _MAGIC or crc32(data[: HEADER_BYTES - 4]) != crc:
        raise CorruptionError(file, 0, "the header does not match its checksum")
    if version != VERSION:
        raise FormatError(
            f"{file}: its format version is {version}, this release reads {VERSION}. Install a newer release."
        )
    return Header(first_seq, previous, salt)


def encode_group(payloads: Sequence[bytes], *, salt: int, first_seq: int, offset: int) -> bytes:
    """Return the bytes of one group that will begin at ``offset`` of its file."""
    parts = [b""]
    seq = first_seq
    for payload in payloads:
        size = len(payload)
        crc = crc32(payload, crc32(_FRAME_CRC.pack(size, seq), salt))
        parts.append(_FRAME.pack(size, seq, crc))
        parts.append(payload)
        seq += 1
    parts.append(_TAIL)
    body = b"".join(parts)
    shift = offset + GROUP_BYTES
    blank = count_blank(body, -shift % SECTOR, len(body), shift=shift)
    fields = (len(body), len(payloads), blank, first_seq)
    crc = crc32(_GROUP_CRC.pack(*fields), salt)
    return _GROUP.pack(_BEGIN, *fields, crc, _END) + body


def group_head(data: bytes, at: int, *, salt: int) -> GroupHead | None:
    """Return the head of the group that begins at a byte, or None where there is no intact one."""
    if at + GROUP_BYTES > len(data):
        return None
    begin, size, count, blank, first_seq, crc, end = _GROUP.unpack_from(data, at)
    if begin != _BEGIN or end != _END or crc32(data[at + 2 : at + GROUP_BYTES - 6], salt) != crc:
        return None
    return GroupHead(count, first_seq, blank, at + GROUP_BYTES + size)


def read_group(data: bytes, at: int, *, salt: int, seq: int) -> tuple[list[bytes], int]:
    """Return the payloads of the group at a byte, whose first must be ``seq``, and where the group ends.

    Raises :class:`Damage` where anything of it is missing or does not match.
    """
    head = group_head(data, at, salt=salt)
    if head is None:
        raise Damage(at, "the head of a group is cut off or does not match its checksum")
    if head.first_seq != seq:
        raise Damage(at, f"record {seq} is missing: the group begins with {head.first_seq}")
    if head.end > len(data):
        raise Damage(len(data), f"the group of record {seq} is cut off")
    position, limit = at + GROUP_BYTES, head.end - len(_TAIL)
    payloads = []
    for number in range(seq, seq + head.count):
        start = position + FRAME_BYTES
        if start > limit:
            raise Damage(position, f"record {number} does not fit its group")
        size, frame_seq, crc = _FRAME.unpack_from(data, position)
        payload = data[start : start + size]
        if (
            frame_seq != number
            or start + size > limit
            or crc32(payload, crc32(data[position : position + 12], salt)) != crc
        ):
            raise Damage(position, f"record {number} does not match its checksum")
        payloads.append(payload)
        position = start + size
    if position != limit or data[limit : head.end] != _TAIL:
        raise Damage(position, f"the end of the group of record {seq} is damaged")
    return payloads, head.end


def find_group(data: bytes, at: int, *, salt: int, above: int) -> int | None:
    """Return where, from a byte on, the next intact group head with a seq above the given one stands, or
    None.
    """
    while (at := data.find(_BEGIN, at)) >= 0:
        head = group_head(data, at, salt=salt)
        if head is not None and head.first_seq > above:
            return at
        at += 1
    return None


def is_torn(data: bytes, at: int, *, salt: int) -> bool:
    """Tell whether the unreadable group at a byte was never wholly written (torn), as opposed to damaged
    later.

    A disk writes sectors of 512 bytes whole or not at all, and one that was not written beyond the old end of
    a file is missing or reads as zeros. So a torn group reaches beyond the end of the file, or has a sector
    (its part of one, at either end) that is blank without being so by right. No head, no tail and no part of
    them that a sector boundary cuts off is blank by right: they begin and end with other bytes than 0.
    """
    head = group_head(data, at, salt=salt)
    if head is None:
        return at + GROUP_BYTES > len(data) or count_blank(data, at, at + GROUP_BYTES) > 0
    return head.end > len(data) or count_blank(data, at, head.end) > head.blank


def count_blank(data: bytes, start: int, end: int, *, shift: int = 0) -> int:
    """Count the sectors of the file, clipped to [start, end), that are all zeros; ``shift`` = file offset of
    data[0].
    """
    found = 0
    while start < end:
        stop = min(end, start + SECTOR - (start + shift) % SECTOR)
        found += not any(data[start:stop]) if data[start] == 0 else 0
        start = stop
    return found
