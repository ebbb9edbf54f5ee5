"""The words of a timeline record: where they stand, and how times become bytes that sort.

A record is a row of unsigned 64-bit words. The first three are big-endian in memory, and ``time`` and
``order`` have their sign bit flipped, so that comparing the bytes of records compares (time, order,
message hash):

====  ================  ======================================================================
word  name              content
====  ================  ======================================================================
0     ``TIME``          event time, microseconds since 1970; biased, big-endian
1     ``ORDER``         order among events of one instant; biased, big-endian
2     ``HASH``          first 8 bytes of SHA-256(messageId); big-endian
3     ``KNOWN``         arrival, microseconds since 1970; signed, native
4     ``KIND``          source code | part (its high byte first) << 16 | 32 bits of the body's digest << 32; native
5..   ``SLOTS``         values of the source's properties; signed, native, ``NULL`` where absent
====  ================  ======================================================================
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TIME, ORDER, HASH, KNOWN, KIND, SLOTS = range(6)

HIDDEN, LINKED, UNLINKED, RETRACTED = range(4)
FIRST_SOURCE = 16
MAX_PART = 0xFFFF

BIAS = 1 << 63
WORD_BYTES = 8

Words = NDArray[np.uint64]
Rows = NDArray[np.uint64]
Instants = NDArray[np.int64]


def pack_times(times: Instants) -> Words:
    """Return signed 64-bit numbers as words whose bytes in memory sort as the numbers do.

    >>> packed = pack_times(np.array([-1, 0, 1], dtype=np.int64))
    >>> [bytes(word).hex() for word in packed.reshape(-1, 1).view(np.uint8)]
    ['7fffffffffffffff', '8000000000000000', '8000000000000001']
    """
    biased = times.astype(np.int64).view(np.uint64) ^ np.uint64(BIAS)
    return biased.astype(">u8").view(np.uint64)


def unpack_times(words: Words) -> Instants:
    """Return the signed numbers of :func:`pack_times`.

    >>> unpack_times(pack_times(np.array([-5, 7], dtype=np.int64))).tolist()
    [-5, 7]
    """
    return (ordered(words) ^ np.uint64(BIAS)).view(np.int64)


def ordered(words: Words) -> Words:
    """Return big-endian words as native numbers, which compare as their bytes do; its own inverse."""
    return np.ascontiguousarray(words).view(">u8").astype(np.uint64)


def times_of(rows: Rows) -> Instants:
    """Return the event times of records, in microseconds."""
    return unpack_times(rows[:, TIME])


def known_of(rows: Rows) -> Instants:
    """Return the arrival times of records, in microseconds."""
    return np.ascontiguousarray(rows[:, KNOWN]).view(np.int64)


def hashes_of(rows: Rows) -> Words:
    """Return the message hashes of records, as unsigned numbers."""
    return ordered(rows[:, HASH])


def codes_of(rows: Rows) -> Words:
    """Return the source codes of records."""
    return rows[:, KIND] & np.uint64(0xFFFF)


def parts_of(rows: Rows) -> Words:
    """Return the part numbers of records: 0, or 1.. for the lines of a list."""
    bits = (rows[:, KIND] >> np.uint64(16)) & np.uint64(MAX_PART)
    return bits >> np.uint64(8) | (bits & np.uint64(0xFF)) << np.uint64(8)


def digests_of(rows: Rows) -> Words:
    """Return the first 32 bits of the digests of the events' bodies."""
    return rows[:, KIND] >> np.uint64(32)


def empty_rows(width: int) -> Rows:
    """Return no records of a width in words."""
    return np.empty((0, width), dtype=np.uint64)


def in_byte_order(rows: Rows) -> Rows:
    """Return records sorted by all of their bytes: by time, order and hash first. Repeats collapse.

    >>> len(in_byte_order(np.zeros((3, 8), dtype=np.uint64)))
    1
    """
    if len(rows) < 2:
        return rows
    size = rows.shape[1] * WORD_BYTES
    records = np.ascontiguousarray(rows).view(f"V{size}").ravel()
    raw = sorted({record.tobytes() for record in records})
    return np.frombuffer(bytearray().join(raw), dtype=np.uint64).reshape(-1, rows.shape[1])


def part_bits(part: int) -> int:
    """Return the number of a line where it stands in ``KIND``: its high byte first, so that lines sort by number.

    >>> sorted([1, 256], key=lambda part: part_bits(part).to_bytes(8, "little"))
    [1, 256]
    """
    return (part >> 8) << 16 | (part & 0xFF) << 24
