"""Values of single rows and the arithmetic that Python, NumPy and SQL must share to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Value = float | str | bool | None
"""A value of one row: numbers of every kind as IEEE double (money in minor units, dates in days, instants and
durations in microseconds), categories as text, booleans as ``bool``, NULL as None."""

Row = Mapping[str, Value]
Evaluate = Callable[[Row, int], Value]
"""A compiled expression: (row, today as days since 1970-01-01) to its value."""

FIRST_DAY = -719_162  # 0001-01-01
LAST_DAY = 2_932_896  # 9999-12-31
WHOLE_FROM = 2.0**52  # doubles of this size and more have no fraction


def finite(number: float) -> float | None:
    """Return the number, or None for NaN and the infinities.

    >>> finite(2.5), finite(float("inf")), finite(float("nan"))
    (2.5, None, None)
    """
    return number if number - number == 0.0 else None


def round_half_away(number: float) -> float:
    """Round to the nearest whole number, halves away from zero, exactly (no ``floor(x + 0.5)``).

    >>> round_half_away(2.5), round_half_away(-2.5), round_half_away(0.49999999999999994)
    (3.0, -3.0, 0.0)
    """
    if not -WHOLE_FROM < number < WHOLE_FROM:
        return number
    whole = float(int(number))
    rest = number - whole
    if rest >= 0.5:
        return whole + 1.0
    return whole - 1.0 if rest <= -0.5 else whole


def number_of(value: Value) -> float:
    """Return a value that is known to be numeric as a double."""
    assert isinstance(value, (float, int))
    return float(value)
