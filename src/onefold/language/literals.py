"""Constants of the language: what they may look like and what they mean."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from onefold.core.instant import DAY, HOUR, MINUTE, SECOND, from_datetime, parse_iso
from onefold.language.ast import Kind, Literal
from onefold.language.refusal import Refusal

LARGEST_DURATION = 2**53 - 1  # microseconds; beyond it doubles are no longer exact
LARGEST_MONTHS = 12 * 400

_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,16}", re.ASCII)
_UNITS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1000,
    "SECOND": SECOND,
    "MINUTE": MINUTE,
    "HOUR": HOUR,
    "DAY": DAY,
    "WEEK": 7 * DAY,
}
_MONTHS = {"MONTH": 1, "YEAR": 12}


def number(text: str) -> Literal:
    """Read a plain decimal number, such as ``12``, ``0.5`` or ``1e3``.

    >>> number("0.50")
    Literal(value=Decimal('0.50'), kind=<Kind.NUMBER: 'number'>)
    """
    if _NUMBER.fullmatch(text) is None:
        raise Refusal("this is not a plain decimal number", "Write it with digits and a point, such as 1234.5.")
    return finite_literal(Decimal(text), Kind.NUMBER)


def finite_literal(value: Decimal, kind: Kind) -> Literal:
    """Return a literal, refusing what no double can hold."""
    if not math.isfinite(float(value)):
        raise Refusal("the number is too large", "Use a number below 1e308.")
    return Literal(value, kind)


def in_minor_units(literal: Literal, money_scale: int) -> Literal:
    """Return a number literal, which stands in major units beside money, as money in minor units.

    >>> in_minor_units(number("12.345"), 2)
    Literal(value=Decimal('1234.5'), kind=<Kind.MONEY: 'money'>)
    """
    assert isinstance(literal.value, Decimal)
    return finite_literal(shifted(literal.value, money_scale), Kind.MONEY)


def shifted(value: Decimal, places: int) -> Decimal:
    """Multiply by a power of ten without rounding, whatever the number of digits."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return Decimal((sign, digits, exponent + places))


def calendar_date(text: str) -> Literal:
    """Read the text of ``DATE '2026-01-31'``."""
    try:
        day = parse_iso(text)
    except ValueError:
        day = None
    if day is None or isinstance(day, datetime) or text != text.strip():
        raise Refusal("this is not a date", "Write DATE 'YYYY-MM-DD', such as DATE '2026-01-31'.")
    assert isinstance(day, date)
    return Literal(day, Kind.DATE)


def instant(text: str) -> Literal:
    """Read the text of ``TIMESTAMP '2026-01-31T09:00:00Z'``; without an offset it names no instant."""
    try:
        moment = parse_iso(text)
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return Literal(from_datetime(moment), Kind.INSTANT)
    except (ValueError, OverflowError):
        pass
    raise Refusal(
        "this is not an instant with its offset from UTC",
        "Write TIMESTAMP '2026-01-31T09:00:00Z', or an offset such as +01:00 in place of Z.",
    )


def interval(amount: str, unit: str) -> tuple[Literal | None, int]:
    """Read ``INTERVAL amount unit``: a duration literal, or (None, months) for MONTH and YEAR.

    >>> interval("2", "days")[0]
    Literal(value=172800000000, kind=<Kind.DURATION: 'duration'>)
    >>> interval("1", "YEAR")
    (None, 12)
    """
    name = unit.upper().removesuffix("S")
    if _WHOLE.fullmatch(amount) is None:
        raise Refusal("the amount of an interval is a whole number", "Write INTERVAL '3' DAY or INTERVAL 3 DAY.")
    count = int(amount)
    if name in _MONTHS:
        months = count * _MONTHS[name]
        if abs(months) > LARGEST_MONTHS:
            raise Refusal("the interval is longer than 400 years", "Use a shorter one.")
        return None, months
    if name not in _UNITS:
        known = ", ".join((*reversed(_UNITS), *_MONTHS))
        raise Refusal(f"`{unit[:40]}` is no unit of time", f"Use one of {known}.")
    if abs(count * _UNITS[name]) > LARGEST_DURATION:
        raise Refusal("the interval is longer than 285 years", "Use a shorter one.")
    return Literal(count * _UNITS[name], Kind.DURATION), 0


def negated(literal: Literal) -> Literal:
    """Return a numeric literal with its sign turned, without rounding."""
    if isinstance(literal.value, int):
        return replace(literal, value=-literal.value)
    assert isinstance(literal.value, Decimal)
    return replace(literal, value=literal.value.copy_negate())
