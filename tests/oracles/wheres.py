"""Conditions in SQL text, each beside a Python function that says what it means: three-valued, term by term.

Values as the language has them: money in minor units, numbers as IEEE doubles, dates as days since 1970,
None for what is absent. Nothing here reads the SQL text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from tests.oracles.calendar import EPOCH_DATE
from tests.oracles.genome import Condition, Properties, Value

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Where:
    """A condition: the SQL text and what it means."""

    text: str
    holds: Condition


@dataclass(frozen=True)
class Operand:
    """A property, a constant or arithmetic over them: the SQL text and its value in a row."""

    text: str
    get: Callable[[Properties], Value]


def name(property_: str) -> Operand:
    """Return a property; numbers become doubles."""

    def get(row: Properties) -> Value:
        found = row.get(property_)
        return float(found) if isinstance(found, Fraction) else found

    return Operand(property_, get)


def constant(value: Value, type_: str) -> Operand:
    """Return a constant of a type: money in minor units of 2 decimals, a date in days since 1970.

    >>> [constant(*pair).text for pair in [(-1205, "money"), (Fraction(5, 4), "number"), ("o'k", "category")]]
    ['-12.05', '1.25', "'o''k'"]
    """
    return Operand(_text_of(value, type_), lambda _: float(value) if isinstance(value, Fraction) else value)


def _text_of(value: Value, type_: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if type_ == "date":
        assert isinstance(value, int)
        return f"DATE '{EPOCH_DATE + timedelta(days=value)}'"
    assert not isinstance(value, tuple)
    number = Fraction(value) / (100 if type_ == "money" else 1)
    return f"{float(number):.2f}" if type_ == "money" else f"{float(number):.6f}".rstrip("0").rstrip(".")


def arithmetic(op: str, left: Operand, right: Operand) -> Operand:
    """Return ``left op right`` for + - * /; NULL with a NULL, and by zero."""

    def get(row: Properties) -> Value:
        a, b = left.get(row), right.get(row)
        if not isinstance(a, int | float) or not isinstance(b, int | float):
            return None
        match op:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
        return None if b == 0 else float(a) / float(b)

    return Operand(f"{left.text} {op} {right.text}", get)


def compare(left: Operand, op: str, right: Operand) -> Where:
    """Return ``left op right``, unknown with a NULL."""

    def holds(row: Properties) -> bool | None:
        a, b = left.get(row), right.get(row)
        return None if a is None or b is None else COMPARISONS[op](a, b)

    return Where(f"{left.text} {op} {right.text}", holds)


def between(operand: Operand, low: Operand, high: Operand) -> Where:
    """Return ``operand BETWEEN low AND high``, both ends included."""
    both = all_of(compare(operand, ">=", low), compare(operand, "<=", high))
    return Where(f"{operand.text} BETWEEN {low.text} AND {high.text}", both.holds)


def one_of(operand: Operand, items: Sequence[Operand]) -> Where:
    """Return ``operand IN (items)``: with a NULL among them, what is not found is unknown."""
    any_equal = any_of(*(compare(operand, "=", item) for item in items))
    return Where(f"{operand.text} IN ({', '.join(item.text for item in items)})", any_equal.holds)


def like(operand: Operand, pattern: str) -> Where:
    """Return ``operand LIKE pattern``: % is any run, _ any one code point, nothing else is special."""
    parts = [{"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern]
    shape = re.compile("".join(parts), re.DOTALL)

    def holds(row: Properties) -> bool | None:
        found = operand.get(row)
        return None if found is None else shape.fullmatch(str(found)) is not None

    return Where(f"{operand.text} LIKE {_text_of(pattern, 'category')}", holds)


def is_null(operand: Operand) -> Where:
    """Return ``operand IS NULL``."""
    return Where(f"{operand.text} IS NULL", lambda row: operand.get(row) is None)


def is_true(operand: Operand) -> Where:
    """Return a boolean property as a condition."""

    def holds(row: Properties) -> bool | None:
        found = operand.get(row)
        return None if found is None else found is True

    return Where(operand.text, holds)


def negation(where: Where) -> Where:
    """Return ``NOT (where)``; unknown stays unknown."""

    def holds(row: Properties) -> bool | None:
        truth = where.holds(row)
        return None if truth is None else not truth

    return Where(f"NOT ({where.text})", holds)


def all_of(*wheres: Where) -> Where:
    """Return the conditions joined by AND: false beats unknown."""

    def holds(row: Properties) -> bool | None:
        truths = [where.holds(row) for where in wheres]
        return False if False in truths else None if None in truths else True

    return Where(" AND ".join(f"({where.text})" for where in wheres), holds)


def any_of(*wheres: Where) -> Where:
    """Return the conditions joined by OR: true beats unknown."""

    def holds(row: Properties) -> bool | None:
        truths = [where.holds(row) for where in wheres]
        return True if True in truths else None if None in truths else False

    return Where(" OR ".join(f"({where.text})" for where in wheres), holds)


def written_not(where: Where, word: str, instead: str) -> Where:
    """Return a condition negated inside its text, such as ``NOT IN`` for ``IN`` or ``IS NOT NULL`` for ``IS
    NULL``.

    >>> written_not(is_null(name("a")), " IS NULL", " IS NOT NULL").text
    'a IS NOT NULL'
    """
    assert word in where.text
    return Where(where.text.replace(word, instead, 1), negation(where).holds)
