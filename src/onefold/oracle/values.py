"""What a declared value is: a raw JSON value of the log as an exact one (SEMANTICS section 2, Types)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from onefold.core.instant import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, Span
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.oracle.calendar import days, instant_of
from onefold.oracle.events import Value

LARGEST = 2**53 - 1
_TOLERANCE = Fraction(1, 10**9)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII | re.DOTALL)
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?=[\dT])(?:(?P<w>\d{1,9})W)?(?:(?P<d>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<h>\d{1,9})H)?(?:(?P<m>\d{1,9})M)?(?:(?P<s>\d{1,12})(?:\.(?P<fraction>\d{1,6}))?S)?)?",
    re.ASCII,
)


def exact(prop: Property, raw: Any) -> Value:
    """Return the exact value of a raw one (never None); raise ``ValueError`` where it does not fit its declaration.

    >>> exact(Property("amount", ValueType.MONEY, 2), Decimal("12.34"))
    1234
    >>> exact(Property("rate", ValueType.NUMBER, 3), Decimal("0.5"))
    Fraction(1, 2)
    """
    if prop.type is ValueType.MONEY:
        return scaled(raw, prop.scale)
    if prop.type is ValueType.NUMBER:
        word = scaled(raw, prop.scale)
        return Fraction(word, 10**prop.scale) if prop.scale else word
    return _READERS[prop.type](raw)


def scaled(raw: object, scale: int) -> int:
    """Return a number in units of its last decimal; finer digits are refused, but for what lies within 1e-9."""
    number = _fraction(raw)
    word: int = round(number * 10**scale)
    if abs(number - Fraction(word, 10**scale)) > _TOLERANCE or abs(word) > LARGEST:
        raise ValueError("too fine or too large")
    return word


def _fraction(raw: object) -> Fraction:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError("no number")
    number = Decimal(raw)
    if not number.is_finite() or (number and number.adjusted() > 40):
        raise ValueError("too large")
    return Fraction(number) if number and number.adjusted() > -40 else Fraction(0)


def _category(raw: object) -> str:
    if not isinstance(raw, str) or len(raw.encode()) > 200:
        raise ValueError("no category")
    return raw


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("neither true nor false")
    return raw


def _date(raw: object) -> int:
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise ValueError("no date")
    return days(date.fromisoformat(raw))


def _instant(raw: object) -> int:
    if not isinstance(raw, str) or len(raw.strip()) > 40 or not _TIME.fullmatch(raw.strip()):
        raise ValueError("no time")
    moment = datetime.fromisoformat(raw.strip())
    if moment.tzinfo is None:
        raise ValueError("no offset")
    at = instant_of(moment)
    if not EARLIEST <= at < LATEST:
        raise ValueError("beyond the years that are kept")
    return at


def _duration(raw: object) -> int:
    if not isinstance(raw, str):
        raise ValueError("no duration")
    match = _DURATION.fullmatch(raw)
    length = _iso(match) if match else _span(raw)
    if abs(length) > LARGEST:
        raise ValueError("too long")
    return length


def _iso(match: re.Match[str]) -> int:
    weeks, whole, hours, minutes, seconds = (int(match[unit] or 0) for unit in "wdhms")
    fraction = int((match["fraction"] or "0").ljust(6, "0"))
    length = (weeks * 7 + whole) * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction
    return -length if match["sign"] == "-" else length


def _span(raw: str) -> int:
    span = Span.parse(raw)
    if span.months:
        raise ValueError("months have no fixed length")
    return span.fixed


def _place(raw: object) -> tuple[int, int]:
    """Return (latitude, longitude) in 1e-7 degrees, halves away from zero."""
    if isinstance(raw, Mapping):
        latitude = next((raw[key] for key in ("latitude", "lat") if key in raw), None)
        longitude = next((raw[key] for key in ("longitude", "lng", "lon", "long") if key in raw), None)
    elif isinstance(raw, list) and len(raw) == 2:
        latitude, longitude = raw
    else:
        raise ValueError("no place")
    return _degrees(latitude, 90), _degrees(longitude, 180)


def _degrees(raw: object, most: int) -> int:
    degrees = _fraction(raw)
    if abs(degrees) > most:
        raise ValueError("not on this globe")
    units = floor(abs(degrees) * 10**7 + Fraction(1, 2))
    return units if degrees > 0 else -units


_READERS: dict[ValueType, Callable[[object], Value]] = {
    ValueType.CATEGORY: _category,
    ValueType.BOOLEAN: _boolean,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
    ValueType.DURATION: _duration,
    ValueType.PLACE: _place,
}
