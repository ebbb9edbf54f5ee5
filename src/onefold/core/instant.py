"""Instants and spans of time.

An instant is an ``int``: microseconds since 1970-01-01T00:00Z. A span is fixed (``30d`` is 30 times 24 h) or
calendar (``1mo``, ``1y``: the same wall clock, so many months earlier). ISO 8601 goes in and comes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MICROSECOND = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DATE = date(1970, 1, 1)
EARLIEST = -8_520_336_000 * SECOND  # 1700-01-01T00:00Z
LATEST = 7_258_118_400 * SECOND  # 2200-01-01T00:00Z; both fit a float64 exactly

_FIXED = {"us": 1, "ms": 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_MONTHS = {"mo": 1, "y": 12}
_SPAN = re.compile(r"(\d{1,9})(us|ms|mo|s|m|h|d|w|y)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: ``fixed`` microseconds, or ``months`` of the calendar; exactly one is not 0 (or both are)."""

    fixed: int = 0
    months: int = 0

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read ``30d``, ``48h``, ``12mo``, ``1y`` ...; raise ``ValueError`` for anything else.

        >>> Span.parse("30d").fixed == 30 * DAY, Span.parse("2y").months
        (True, 24)
        """
        match = _SPAN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no span of time: write a number and one of {', '.join([*_FIXED, *_MONTHS])}")
        count, unit = int(match[1]), match[2]
        span = cls(months=count * _MONTHS[unit]) if unit in _MONTHS else cls(fixed=count * _FIXED[unit])
        if span.months > 12 * 400 or span.fixed > 400 * 366 * DAY:
            raise ValueError(f"{text!r} is longer than 400 years")
        return span


def from_datetime(moment: datetime) -> int:
    """Return the instant of an aware ``datetime``."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: int) -> datetime:
    """Return the UTC ``datetime`` of an instant."""
    return EPOCH + timedelta(microseconds=instant)


def format_instant(instant: int) -> str:
    """Write an instant as ISO 8601 in UTC, with microseconds only where there are any.

    >>> format_instant(0), format_instant(1)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000001Z')
    """
    return to_datetime(instant).isoformat().replace("+00:00", "Z")


def parse_iso(text: str) -> datetime | date:
    """Read ISO 8601: a date alone gives a ``date``, anything with a time a ``datetime`` (aware or naive).

    Fractions finer than a microsecond are cut off. Raises ``ValueError``.

    >>> parse_iso("2026-05-04"), parse_iso("2026-05-04T09:00:00Z").isoformat()
    (datetime.date(2026, 5, 4), '2026-05-04T09:00:00+00:00')
    """
    text = text.strip()
    if len(text) > 40 or not text.isascii():
        raise ValueError("not an ISO 8601 time")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
        raise ValueError("not an ISO 8601 time such as 2026-05-04T09:00:00Z")
    return datetime.fromisoformat(text)


def days_of(day: date) -> int:
    """Return a date as days since 1970-01-01."""
    return (day - EPOCH_DATE).days


def date_of(days: int) -> date:
    """Return the date that lies so many days after 1970-01-01."""
    return EPOCH_DATE + timedelta(days=days)
