"""LENGTH (in code points), LOWER, UPPER (A to Z alone) and TRIM (spaces alone): functions of one text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase

from onefold.language.ast import Call, Kind, Node
from onefold.language.columns import Column, gather, texts_of, transform
from onefold.language.functions import sql
from onefold.language.functions.base import Function, Reach, Typed, expect_count, expect_kind, register
from onefold.language.values import Evaluate, Row, Value

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)


def _lower(text: str) -> str:
    return text.translate(_LOWER)


def _upper(text: str) -> str:
    return text.translate(_UPPER)


def _trim(text: str) -> str:
    return text.strip(" ")


def one_text(arguments: Sequence[Node], usage: str, kind: Kind) -> Typed:
    """Type a function of one text."""
    expect_count(arguments, 1, 1, usage=usage)
    expect_kind(arguments, 0, Kind.CATEGORY)
    return tuple(arguments), kind


def per_row(operand: Evaluate, change: Callable[[str], Value]) -> Evaluate:
    """Return the function of a row that changes a text, passing NULL on."""

    def changed(row: Row, today: int) -> Value:
        value = operand(row, today)
        return change(value) if isinstance(value, str) else None

    return changed


def _length(text: str) -> float:
    return float(len(text))


def _register_change(name: str, reach: Reach, change: Callable[[str], str], template: str) -> None:
    def numpy(_: Call, arguments: Sequence[Column]) -> Column:
        return transform(texts_of(arguments[0]), change)

    register(
        Function(
            name=name,
            reach=reach,
            typed=lambda arguments, _: one_text(arguments, f"{name}(text)", Kind.CATEGORY),
            python=lambda _, arguments: per_row(arguments[0], change),
            numpy=numpy,
            sql=lambda _, arguments: template.format(arguments[0]),
            sentence=lambda arguments: f"{arguments[0]} {_PHRASES[name]}",
        )
    )


_PHRASES = {"LOWER": "in lower case", "UPPER": "in upper case", "TRIM": "without blanks around it"}
_FOLD = "translate({{0}}, {0}, {1})"
_register_change("LOWER", Reach.STANDARD, _lower, _FOLD.format(sql.text(ascii_uppercase), sql.text(ascii_lowercase)))
_register_change("UPPER", Reach.MAPPING, _upper, _FOLD.format(sql.text(ascii_lowercase), sql.text(ascii_uppercase)))
_register_change("TRIM", Reach.MAPPING, _trim, "trim({0}, ' ')")
register(
    Function(
        name="LENGTH",
        reach=Reach.STANDARD,
        typed=lambda arguments, _: one_text(arguments, "LENGTH(text)", Kind.NUMBER),
        python=lambda _, arguments: per_row(arguments[0], _length),
        numpy=lambda _, arguments: gather(texts_of(arguments[0]), _length),
        sql=lambda _, arguments: f"CAST(length({arguments[0]}) AS DOUBLE)",
        sentence=lambda arguments: f"the length of {arguments[0]}",
    )
)
