"""Results of expressions -> the JSON values that an event carries, as if a message had brought them.

An expression's numbers are IEEE doubles (money in minor units, dates in days, instants and durations in
microseconds), so a value that is exact below 2**53 stays exact here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from onefold.core.instant import EARLIEST, LATEST, SECOND, date_of, format_instant
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.sources.rejections import Code, Rejected
from onefold.sources.values import LARGEST

Result = float | str | bool
"""What one expression gives for one row, NULL apart."""


def converter(prop: Property) -> Callable[[Any], Any]:
    """Return the function from an expression's result (never NULL) to the JSON value of a property.

    It raises :class:`Rejected` for dates and times that no calendar has.

    >>> converter(Property("amount", ValueType.MONEY, scale=2))(1384100.0)
    Decimal('13841.00')
    """
    if prop.type is ValueType.MONEY:
        return _money(prop.scale)
    return _CONVERTERS.get(prop.type, _as_it_is)


def _money(scale: int) -> Callable[[float], Decimal | int]:
    def money(minor: float) -> Decimal | int:
        return (Decimal(int(minor)) if minor.is_integer() else Decimal(repr(minor))).scaleb(-scale)

    return money


def number(value: float) -> Decimal | int:
    """Return a double as the number that people would write for it.

    >>> number(3.0), number(0.1)
    (3, Decimal('0.1'))
    """
    return int(value) if value.is_integer() and abs(value) <= LARGEST else Decimal(repr(value))


@lru_cache(maxsize=1 << 16)
def date_text(days: float) -> str:
    """Return a date as ISO 8601."""
    try:
        return date_of(int(days)).isoformat()
    except OverflowError:
        raise Rejected(Code.BAD_VALUE, f"the date {days:.0f} days after 1970 is in no calendar") from None


def _instant(micros: float) -> str:
    if not EARLIEST <= micros < LATEST:
        raise Rejected(Code.BAD_VALUE, "an instant lies outside the years 1700 to 2200")
    return format_instant(int(micros))


def _duration(micros: float) -> str:
    seconds, rest = divmod(abs(int(micros)), SECOND)
    fraction = f".{rest:06d}" if rest else ""
    return f"{'-' if micros < 0 else ''}PT{seconds}{fraction}S"


def _as_it_is(value: Any) -> Any:
    return value


_CONVERTERS: dict[ValueType, Callable[[Any], Any]] = {
    ValueType.NUMBER: number,
    ValueType.DATE: date_text,
    ValueType.INSTANT: _instant,
    ValueType.DURATION: _duration,
}
