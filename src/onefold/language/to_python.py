"""A tree to a Python function of one row: nested closures, no generated code."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import singledispatch

from onefold.language.ast import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    In,
    IsNull,
    Kind,
    Like,
    Literal,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Today,
)
from onefold.language.constants import value_of
from onefold.language.functions import REGISTRY
from onefold.language.like import matcher
from onefold.language.values import Evaluate, Row, Value

_COMPARISONS: dict[str, Callable[..., bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def to_python(node: Node) -> Evaluate:
    """Compile to a function of (row, today in days since 1970-01-01); a name missing in the row is NULL.

    Numbers come out as ``float``, conditions as ``bool``, texts as ``str``, NULL as None.

    >>> from onefold.language.ast import Kind
    >>> double = to_python(Arithmetic("+", Name("x", Kind.NUMBER), Name("x", Kind.NUMBER), Kind.NUMBER))
    >>> double({"x": 2.5}, 0), double({}, 0)
    (5.0, None)
    """
    return _compiled(node)


@singledispatch
def _compiled(node: object) -> Evaluate:
    raise TypeError(f"{node!r} is no node of the language")


@_compiled.register
def _literal(node: Literal) -> Evaluate:
    value = value_of(node)
    return lambda _row, _today: value


@_compiled.register
def _name(node: Name) -> Evaluate:
    name = node.name
    if node.kind is Kind.CATEGORY:
        return lambda row, _today: row.get(name)
    if node.kind is Kind.BOOLEAN:

        def truth(row: Row, _today: int) -> Value:
            value = row.get(name)
            # A plain bool even where the row holds NumPy's, for AND and OR tell by identity.
            return None if value is None or value != value else bool(value == 1)

        return truth

    def number(row: Row, _today: int) -> Value:
        value = row.get(name)
        if value is None or value != value:  # NaN is NULL too
            return None
        return value if type(value) is float else float(value)

    return number


@_compiled.register
def _today(_: Today) -> Evaluate:
    return lambda _row, today: float(today)


@_compiled.register
def _not(node: Not) -> Evaluate:
    operand = _compiled(node.operand)

    def negation(row: Row, today: int) -> Value:
        value = operand(row, today)
        return None if value is None else not value

    return negation


@_compiled.register
def _and(node: And) -> Evaluate:
    operands = tuple(_compiled(operand) for operand in node.operands)

    def conjunction(row: Row, today: int) -> Value:
        result: bool | None = True
        for operand in operands:
            value = operand(row, today)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return conjunction


@_compiled.register
def _or(node: Or) -> Evaluate:
    operands = tuple(_compiled(operand) for operand in node.operands)

    def disjunction(row: Row, today: int) -> Value:
        result: bool | None = False
        for operand in operands:
            value = operand(row, today)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return disjunction


@_compiled.register
def _compare(node: Compare) -> Evaluate:
    left, right, holds = _compiled(node.left), _compiled(node.right), _COMPARISONS[node.op]
    if isinstance(node.right, Literal):
        constant = value_of(node.right)
        if constant is None:
            return lambda _row, _today: None

        def with_constant(row: Row, today: int) -> Value:
            value = left(row, today)
            return None if value is None else holds(value, constant)

        return with_constant

    def comparison(row: Row, today: int) -> Value:
        first = left(row, today)
        if first is None:
            return None
        second = right(row, today)
        return None if second is None else holds(first, second)

    return comparison


@_compiled.register
def _in(node: In) -> Evaluate:
    operand = _compiled(node.operand)
    values = frozenset(value_of(item) for item in node.items)
    otherwise = None if None in values else False

    def membership(row: Row, today: int) -> Value:
        value = operand(row, today)
        if value is None:
            return None
        return True if value in values else otherwise

    return membership


@_compiled.register
def _like(node: Like) -> Evaluate:
    operand, matches = _compiled(node.operand), matcher(node.pattern)

    def likeness(row: Row, today: int) -> Value:
        value = operand(row, today)
        return matches(value) if isinstance(value, str) else None

    return likeness


@_compiled.register
def _is_null(node: IsNull) -> Evaluate:
    operand = _compiled(node.operand)
    return lambda row, today: operand(row, today) is None


@_compiled.register
def _arithmetic(node: Arithmetic) -> Evaluate:
    left, right, combine = _compiled(node.left), _compiled(node.right), _ARITHMETIC[node.op]
    divides = node.op == "/"

    def result(row: Row, today: int) -> Value:
        first = left(row, today)
        if first is None:
            return None
        second = right(row, today)
        if second is None or (divides and not second):
            return None
        value = combine(first, second)
        return value if value - value == 0.0 else None

    return result


@_compiled.register
def _negate(node: Negate) -> Evaluate:
    operand = _compiled(node.operand)

    def minus(row: Row, today: int) -> Value:
        value = operand(row, today)
        return None if value is None else -value  # type: ignore[operator]

    return minus


@_compiled.register
def _case(node: Case) -> Evaluate:
    branches = tuple((_compiled(condition), _compiled(value)) for condition, value in node.branches)
    default = _compiled(node.default)

    def case(row: Row, today: int) -> Value:
        for condition, value in branches:
            if condition(row, today):
                return value(row, today)
        return default(row, today)

    return case


@_compiled.register
def _call(node: Call) -> Evaluate:
    return REGISTRY[node.function].python(node, tuple(_compiled(argument) for argument in node.arguments))
