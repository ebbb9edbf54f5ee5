"""NUMBER: a text as a number; NULL unless it is a plain decimal (no blanks, no exponent)."""

from __future__ import annotations

import re

from onefold.language.ast import Kind
from onefold.language.columns import gather, texts_of
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, register
from onefold.language.functions.texts import one_text, per_row
from onefold.language.values import finite

_PATTERN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_PLAIN_DECIMAL = re.compile(_PATTERN)


def number(text: str) -> float | None:
    """Read a plain decimal; None for anything else, and for what no double can hold.

    >>> number("-12.50"), number("1e3"), number(" 1")
    (-12.5, None, None)
    """
    return finite(float(text)) if _PLAIN_DECIMAL.fullmatch(text) else None


register(
    Function(
        name="NUMBER",
        reach=Reach.MAPPING,
        typed=lambda arguments, _: one_text(arguments, "NUMBER(text)", Kind.NUMBER),
        python=lambda _, arguments: per_row(arguments[0], number),
        numpy=lambda _, arguments: gather(texts_of(arguments[0]), number),
        sql=lambda _, arguments: sql.finite(f"TRY_CAST(regexp_extract({arguments[0]}, '^{_PATTERN}$') AS DOUBLE)"),
        sentence=lambda arguments: f"{arguments[0]} as a number",
    )
)
