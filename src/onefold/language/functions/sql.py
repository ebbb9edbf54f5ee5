"""Pieces of DuckDB SQL that functions share. Each mentions its operand once, so that texts stay linear."""

from __future__ import annotations


def double(value: float) -> str:
    """Write a double so that DuckDB reads back the very same one.

    >>> double(0.1), double(-5.0)
    ('0.1e0', '(-5.0e0)')
    """
    text = repr(float(value))
    text = text if "e" in text else f"{text}e0"
    return f"({text})" if text.startswith("-") else text


def read_double(written: str) -> float:
    """Read back what :func:`double` wrote.

    >>> read_double(double(-5.0))
    -5.0
    """
    return float(written.strip("()"))


def text(value: str) -> str:
    """Write a text constant.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def finite(expression: str) -> str:
    """NULL in place of NaN and the infinities."""
    return f"list_filter([{expression}], lambda v: isfinite(v))[1]"


def applied(expression: str, body: str) -> str:
    """Compute ``body``, an expression over ``v``, of an operand that is written once."""
    return f"list_transform([{expression}], lambda v: {body})[1]"
