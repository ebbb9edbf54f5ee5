"""What literals are in a row: doubles, texts, booleans or nothing."""

from __future__ import annotations

from datetime import date

from onefold.core.instant import days_of
from onefold.language.ast import Literal
from onefold.language.values import Value


def value_of(literal: Literal) -> Value:
    """Return a literal as a value of a row: a date in days, everything else numeric as a double.

    >>> from onefold.language.ast import Kind
    >>> value_of(Literal(date(1970, 1, 3), Kind.DATE))
    2.0
    """
    value = literal.value
    if value is None or isinstance(value, (str, bool)):
        return value
    return float(days_of(value)) if isinstance(value, date) else float(value)
