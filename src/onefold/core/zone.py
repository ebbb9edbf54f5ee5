"""A time zone as two arrays, so that plain Python and the kernel read the very same transitions.

The tz database comes from the ``tzdata`` package alone, never from the machine: the same release of it gives the
same answers everywhere. Explicit transitions are read from the TZif file (RFC 8536); those that follow from its
closing rule are found by bisection up to 2200.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from onefold.core.instant import (
    DAY,
    EARLIEST,
    EPOCH,
    LATEST,
    SECOND,
    date_of,
    days_of,
    parse_iso,
    to_datetime,
)


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A zone: from ``starts[i]`` on, local time is UTC plus ``offsets[i]`` (both in microseconds)."""

    name: str
    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset(self, instant: int) -> int:
        """Return what local time is ahead of UTC at an instant, in microseconds."""
        return self.offsets[max(bisect_right(self.starts, instant) - 1, 0)]

    def local(self, instant: int) -> int:
        """Return the wall clock at an instant, as microseconds since 1970-01-01T00:00 on that clock."""
        return instant + self.offset(instant)

    def resolve(self, wall: int) -> int:
        """Return the instant of a wall clock: the first of two, or the first after a gap.

        >>> prague = zone("Europe/Prague")
        >>> from onefold.core.instant import format_instant
        >>> gap = days_of(date(2026, 3, 29)) * DAY + 150 * 60 * SECOND      # 02:30 does not exist
        >>> format_instant(prague.resolve(gap))
        '2026-03-29T01:00:00Z'
        """
        at = max(bisect_right(self.starts, wall - 26 * 3600 * SECOND) - 1, 0)
        while True:
            end = self.starts[at + 1] if at + 1 < len(self.starts) else None
            instant = wall - self.offsets[at]
            if end is None or instant < end:
                return max(instant, self.starts[at]) if at else instant
            at += 1

    def start_of_day(self, day: int) -> int:
        """Return the first instant of a local day, given as days since 1970-01-01."""
        return self.resolve(day * DAY)

    def day(self, instant: int) -> int:
        """Return the local date at an instant, as days since 1970-01-01."""
        return self.local(instant) // DAY

    def parse(self, text: str) -> int:
        """Read an ISO 8601 time; a date alone, or a time without offset, is meant in this zone.

        Raises ``ValueError`` where it is no time, or lies outside 1700 to 2200.
        """
        moment = parse_iso(text)
        if not isinstance(moment, datetime):
            instant = self.start_of_day(days_of(moment))
        elif moment.tzinfo is None:
            instant = self.resolve((moment.replace(tzinfo=EPOCH.tzinfo) - EPOCH) // timedelta(microseconds=1))
        else:
            instant = (moment - EPOCH) // timedelta(microseconds=1)
        if not EARLIEST <= instant < LATEST:
            raise ValueError("the time lies outside the years 1700 to 2200")
        return instant

    def date(self, instant: int) -> date:
        """Return the local date at an instant."""
        return date_of(self.day(instant))


@lru_cache(maxsize=64)
def zone(name: str) -> Zone:
    """Load a zone of the tz database by name, such as ``Europe/Prague``; raise ``ValueError`` for an unknown one."""
    parts = name.split("/")
    if not all(part and part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        raise ValueError(f"{name!r} is not the name of a time zone")
    resource = files("tzdata").joinpath("zoneinfo", *parts)
    if not resource.is_file():
        raise ValueError(f"{name!r} is not a time zone of the tz database")
    data = resource.read_bytes()
    if not data.startswith(b"TZif"):
        raise ValueError(f"{name!r} is not a time zone of the tz database")
    info = ZoneInfo.from_file(io.BytesIO(data), key=name)
    explicit = [at * SECOND for at in _transitions(data)]
    changes = [at for at in explicit if EARLIEST < at < LATEST]
    changes += _by_rule(info, max([*changes, 0]))
    starts, offsets = [EARLIEST], [_offset(info, EARLIEST)]
    for at in changes:
        offset = _offset(info, at)
        if offset != offsets[-1]:
            starts.append(at)
            offsets.append(offset)
    return Zone(name, tuple(starts), tuple(offsets))


def _offset(info: ZoneInfo, instant: int) -> int:
    offset = to_datetime(instant).astimezone(info).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _transitions(data: bytes) -> list[int]:
    """Return the explicit transition times, in seconds, of the 64-bit block of a TZif file."""
    version = data[4:5]
    counts = struct.unpack(">6l", data[20:44])
    if version < b"2":
        raise ValueError("a TZif file of version 1 has no 64-bit times")
    is_utc, is_std, leaps, times, types, chars = counts
    skip = 44 + times * 5 + types * 6 + chars + leaps * 8 + is_std + is_utc
    times = struct.unpack(">6l", data[skip + 20 : skip + 44])[3]
    return list(struct.unpack(f">{times}q", data[skip + 44 : skip + 44 + 8 * times]))


def _by_rule(info: ZoneInfo, last: int) -> list[int]:
    """Find the transitions after the last explicit one, up to 2200, by bisection in steps of four weeks."""
    found = []
    left, before = last, _offset(info, last)
    while left < LATEST:
        right = min(left + 28 * DAY, LATEST)
        after = _offset(info, right)
        if after != before:
            low, high = left, right
            while high - low > SECOND:
                middle = (low + high) // 2 // SECOND * SECOND
                middle = max(middle, low + SECOND)
                if _offset(info, middle) == before:
                    low = middle
                else:
                    high = middle
            found.append(high // SECOND * SECOND)
        left, before = right, after
    return found
