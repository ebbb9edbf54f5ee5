"""Declared values: raw JSON value <-> the 64-bit words of a timeline slot (SEMANTICS section 2, "Types").

Nothing is cast silently: text is no number, a number is no category. ``money`` and ``number`` are exact
decimals; ``date`` is ``YYYY-MM-DD``; ``instant`` ISO 8601 with its offset; ``duration`` ISO 8601 (``PT5M``)
or ``30m``, ``5d``; ``place`` an object of latitude and longitude or ``[latitude, longitude]``, kept to 1e-7
degrees (about a centimetre).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from onefold.core.ids import NULL, text_code
from onefold.core.instant import (
    DAY,
    EARLIEST,
    HOUR,
    LATEST,
    MINUTE,
    SECOND,
    Span,
    date_of,
    days_of,
    from_datetime,
    parse_iso,
    to_datetime,
)
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.sources.rejections import shown

LARGEST = 2**53 - 1
MAX_CATEGORY_BYTES = 200
PLACE_SCALE = 7

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN, traps=[])
_TOLERANCE = Decimal("1e-9")
_ISO_DURATION = re.compile(
    r"([+-]?)P(?=[\dT])(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,6}))?S)?)?"
)
_LATITUDES = ("latitude", "lat")
_LONGITUDES = ("longitude", "lng", "lon", "long")

Value = Decimal | str | bool | date | datetime | timedelta | tuple[Decimal, Decimal] | None


class BadValue(ValueError):  # noqa: N818 - a verdict, not a fault of ours
    """A raw value that its declaration does not allow; ``code`` for programs, ``reason`` for people."""

    def __init__(self, code: str, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


def encode(prop: Property, raw: Any) -> tuple[int, ...]:
    """Return the slot words of a raw JSON value (never None): one, two for a place, none for text and list.

    Raises :class:`BadValue`.

    >>> encode(Property("amount", ValueType.MONEY, scale=2), Decimal("12.34"))
    (1234,)
    >>> encode(Property("matures_on", ValueType.DATE), "1970-01-02")
    (1,)
    """
    return encoder(prop)(raw)


def encoder(prop: Property) -> Callable[[Any], tuple[int, ...]]:
    """Return the function that encodes the values of one property: what :func:`encode` does, made ready once."""
    if prop.type not in (ValueType.MONEY, ValueType.NUMBER):
        return _ENCODERS[prop.type]
    scale, what = prop.scale, "an amount" if prop.type is ValueType.MONEY else "a number"

    def number(raw: Any) -> tuple[int, ...]:
        return (scaled(raw, scale, what),)

    return number


def decode(prop: Property, words: tuple[int, ...], *, text: str | None = None) -> Value:
    """Return what slot words mean: the inverse of :func:`encode`, for display; a category's text is the
    caller's.

    >>> decode(Property("amount", ValueType.MONEY, scale=2), (1234,))
    Decimal('12.34')
    """
    if not words or words[0] == NULL:
        return None
    word = words[0]
    if prop.type in (ValueType.MONEY, ValueType.NUMBER):
        return Decimal(word).scaleb(-prop.scale)
    if prop.type is ValueType.BOOLEAN:
        return word != 0
    if prop.type is ValueType.DATE:
        return date_of(word)
    if prop.type is ValueType.INSTANT:
        return to_datetime(word)
    if prop.type is ValueType.DURATION:
        return timedelta(microseconds=word)
    if prop.type is ValueType.PLACE:
        return Decimal(word).scaleb(-PLACE_SCALE), Decimal(words[1]).scaleb(-PLACE_SCALE)
    return text


def _decimal(raw: object, what: str) -> Decimal:
    if isinstance(raw, Decimal):
        number = raw
    elif type(raw) is int:
        number = Decimal(raw)
    elif isinstance(raw, float):
        number = Decimal(repr(raw))
    else:
        hint = "; write it without quotes" if isinstance(raw, str) else ""
        raise BadValue("wrong_type", f"{shown(raw)} is not {what}{hint}")
    if not number.is_finite():
        raise BadValue("wrong_type", f"{number} is not {what}")
    return number


def scaled(raw: object, scale: int, what: str = "a number") -> int:
    """Return a number as an integer of 10**-scale; raises :class:`BadValue` for finer digits and overflow.

    More digits than allowed are an error unless the number lies within 1e-9 of a legal value.

    >>> scaled(Decimal("0.3000000000001"), 2), scaled(5, 2)
    (30, 500)
    """
    if type(raw) is Decimal and raw.adjusted() < 15 - scale and raw.is_finite():
        number = raw.scaleb(scale, _EXACT)  # the common case, without the care that odd ones need
        word = int(number)
        if word == number:
            return word
    if type(raw) is int:
        word = raw * 10**scale if -LARGEST <= raw <= LARGEST else LARGEST + 1
    else:
        number = _decimal(raw, what)
        if number.adjusted() + scale > 16:
            word = LARGEST + 1 if number else 0
        else:
            exact = number.scaleb(scale, _EXACT)
            word = int(exact.to_integral_value(ROUND_HALF_EVEN, _EXACT))
            if word != exact and abs(exact - word).scaleb(-scale, _EXACT) > _TOLERANCE:
                digits = f"at most {scale} decimals" if scale else "a whole number"
                raise BadValue("too_precise", f"{shown(number)} has more decimals than are kept ({digits})")
    if not -LARGEST <= word <= LARGEST:
        limit = Decimal(LARGEST).scaleb(-scale)
        raise BadValue("overflow", f"{shown(raw)} is beyond the largest number that is kept exactly ({limit:,})")
    return word


def category_bytes(raw: object) -> int:
    """Return the size of a category's text in UTF-8; raise :class:`BadValue` where it cannot be one."""
    if type(raw) is not str:
        raise BadValue("wrong_type", f"{shown(raw)} is not text")
    try:
        size = len(raw) if raw.isascii() else len(raw.encode())
    except UnicodeEncodeError:
        raise BadValue("malformed", "the text holds half of a character (a lone surrogate)") from None
    if size > MAX_CATEGORY_BYTES:
        raise BadValue("too_long", f"the text has {size:,} bytes, more than {MAX_CATEGORY_BYTES}")
    return size


def _category(raw: object) -> tuple[int, ...]:
    if type(raw) is str:
        return _category_words(raw)
    category_bytes(raw)
    raise AssertionError("what is no text has no size")


@lru_cache(maxsize=1 << 14)
def _category_words(text: str) -> tuple[int, ...]:
    category_bytes(text)
    return (text_code(text),)


def _boolean(raw: object) -> tuple[int, ...]:
    if raw is True:
        return (1,)
    if raw is False:
        return (0,)
    raise BadValue("wrong_type", f"{shown(raw)} is neither true nor false")


def _date(raw: object) -> tuple[int, ...]:
    if type(raw) is str and len(raw) == 10 and raw[4] == "-" == raw[7] and raw.isascii():
        try:
            return (days_of(date.fromisoformat(raw)),)
        except ValueError:
            pass
    raise BadValue("malformed", f"{shown(raw)} is not a date such as 2026-05-04")


def _instant(raw: object) -> tuple[int, ...]:
    fault = f"{shown(raw)} is not a time with its offset such as 2026-05-04T09:00:00Z"
    if type(raw) is not str:
        raise BadValue("wrong_type", fault)
    try:
        moment = parse_iso(raw)
    except ValueError:
        raise BadValue("malformed", fault) from None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise BadValue("malformed", fault)
    instant = from_datetime(moment)
    if not EARLIEST <= instant < LATEST:
        raise BadValue("out_of_range", f"{shown(raw)} lies outside the years 1700 to 2200")
    return (instant,)


def _duration(raw: object) -> tuple[int, ...]:
    fault = f"{shown(raw)} is not a length of time such as PT5M, P1DT2H, 30m or 5d"
    if type(raw) is not str or len(raw) > 100 or not raw.isascii():
        raise BadValue("wrong_type" if type(raw) is not str else "malformed", fault)
    match = _ISO_DURATION.fullmatch(raw)
    if match:
        sign, weeks, days, hours, minutes, seconds, fraction = match.groups(default="0")
        whole = int(weeks) * 7 * DAY + int(days) * DAY + int(hours) * HOUR + int(minutes) * MINUTE
        word = whole + int(seconds) * SECOND + int(fraction.ljust(6, "0"))
        word = -word if sign == "-" else word
    else:
        try:
            span = Span.parse(raw)
        except ValueError:
            raise BadValue("malformed", fault) from None
        if span.months:
            raise BadValue("malformed", f"{shown(raw)} has no fixed length: months and years differ")
        word = span.fixed
    if not -LARGEST <= word <= LARGEST:
        raise BadValue("overflow", f"{shown(raw)} is longer than is kept (about 285 years)")
    return (word,)


def _place(raw: object) -> tuple[int, ...]:
    fault = f"{shown(raw)} is not a place such as {{latitude: 50.087, longitude: 14.421}}"
    if isinstance(raw, Mapping):
        latitude = next((raw[key] for key in _LATITUDES if key in raw), None)
        longitude = next((raw[key] for key in _LONGITUDES if key in raw), None)
    elif isinstance(raw, (list, tuple)) and len(raw) == 2:
        latitude, longitude = raw
    else:
        raise BadValue("wrong_type", fault)
    return _degrees(latitude, 90, fault), _degrees(longitude, 180, fault)


def _degrees(raw: object, limit: int, fault: str) -> int:
    if raw is None:
        raise BadValue("malformed", fault)
    number = _decimal(raw, "a number of degrees")
    if not -limit <= number <= limit:
        raise BadValue("out_of_range", f"{shown(number)} degrees lie outside {-limit} to {limit}")
    return int(number.scaleb(PLACE_SCALE, _EXACT).to_integral_value(ROUND_HALF_UP, _EXACT))


def _text(raw: object) -> tuple[int, ...]:
    if type(raw) is not str:
        raise BadValue("wrong_type", f"{shown(raw)} is not text")
    return ()


def _list(raw: object) -> tuple[int, ...]:
    if not isinstance(raw, (list, tuple)) or not all(isinstance(line, Mapping) for line in raw):
        raise BadValue("wrong_type", f"{shown(raw)} is not a list of objects")
    return ()


def number_of(text: str) -> Decimal:
    """Read the decimal text of a JSON number; raise ``ValueError`` where its exponent is beyond all sense."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number has an exponent beyond all sense") from None


_ENCODERS: dict[ValueType, Callable[[object], tuple[int, ...]]] = {
    ValueType.CATEGORY: _category,
    ValueType.BOOLEAN: _boolean,
    ValueType.DATE: _date,
    ValueType.INSTANT: _instant,
    ValueType.DURATION: _duration,
    ValueType.PLACE: _place,
    ValueType.TEXT: _text,
    ValueType.LIST: _list,
}
