"""A tree to a function of whole columns; NULL is NaN (or index -1), and nothing loops over rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

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
from onefold.language.columns import (
    BoolArray,
    Column,
    FloatArray,
    Floats,
    Texts,
    aligned,
    as_truth,
    choose,
    constant,
    finite_or_null,
    floats_of,
    gather,
    null_mask,
    texts_of,
    true_mask,
)
from onefold.language.constants import value_of
from onefold.language.functions import REGISTRY
from onefold.language.like import matcher

Compute = Callable[[Mapping[str, Column], int, int], Column]
"""(columns, today in days since 1970-01-01, number of rows) to one column of that many rows."""

_COMPARISONS: dict[str, Callable[..., BoolArray]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARITHMETIC: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


@dataclass(frozen=True, slots=True)
class _Frame:
    columns: Mapping[str, Column]
    today: int
    rows: int


_Step = Callable[[_Frame], Column]


def to_numpy(node: Node) -> Compute:
    """Compile to a function of columns; a name missing among them is NULL in every row.

    The column that comes out may share memory with those that went in, and may be read-only.

    >>> from onefold.language.ast import Kind
    >>> more = to_numpy(Compare(">", Name("x", Kind.NUMBER), Name("y", Kind.NUMBER)))
    >>> columns = {"x": Floats(np.array([1.0, 2.0])), "y": Floats(np.array([0.0, np.nan]))}
    >>> true_mask(more(columns, 0, 2)).tolist()
    [True, False]
    """
    step = _compiled(node)

    def compute(columns: Mapping[str, Column], today: int, rows: int) -> Column:
        with np.errstate(all="ignore"):
            return step(_Frame(columns, today, rows))

    return compute


@singledispatch
def _compiled(node: object) -> _Step:
    raise TypeError(f"{node!r} is no node of the language")


@_compiled.register
def _literal(node: Literal) -> _Step:
    value = value_of(node)
    return lambda frame: constant(value, frame.rows)


@_compiled.register
def _name(node: Name) -> _Step:
    name, is_text = node.name, node.kind is Kind.CATEGORY

    def column(frame: _Frame) -> Column:
        found = frame.columns.get(name)
        if found is not None:
            return found
        empty = constant(None, frame.rows)
        return texts_of(empty) if is_text else empty

    return column


@_compiled.register
def _today(_: Today) -> _Step:
    return lambda frame: constant(float(frame.today), frame.rows)


@_compiled.register
def _not(node: Not) -> _Step:
    operand = _compiled(node.operand)
    return lambda frame: Floats(1.0 - floats_of(operand(frame)))


@_compiled.register
def _and(node: And) -> _Step:
    return _junction(node.operands, np.minimum, 0.0)


@_compiled.register
def _or(node: Or) -> _Step:
    return _junction(node.operands, np.maximum, 1.0)


def _junction(nodes: Sequence[Node], combine: Callable[[FloatArray, FloatArray], FloatArray], decisive: float) -> _Step:
    """Combine so that unknown spreads, and let the decisive value, where an operand has it, win over it."""
    operands = [_compiled(node) for node in nodes]

    def junction(frame: _Frame) -> Column:
        result = floats_of(operands[0](frame))
        decided = result == decisive
        for operand in operands[1:]:
            values = floats_of(operand(frame))
            result = combine(result, values)
            decided |= values == decisive
        return Floats(np.where(decided, decisive, result))

    return junction


@_compiled.register
def _compare(node: Compare) -> _Step:
    left, right, op = _compiled(node.left), _compiled(node.right), node.op

    def comparison(frame: _Frame) -> Column:
        return compared(op, left(frame), right(frame))

    return comparison


def compared(op: str, left: Column, right: Column) -> Floats:
    """Compare columns of one kind; texts by code point, over the dictionary where one side is constant."""
    holds = _COMPARISONS[op]
    if isinstance(left, Floats) and isinstance(right, Floats):
        unknown = np.isnan(left.values) | np.isnan(right.values)
        return as_truth(holds(left.values, right.values), unknown)
    left, right = texts_of(left), texts_of(right)
    if len(left.texts) == 1:
        left, right, holds = right, left, _COMPARISONS[_MIRRORED[op]]
    if len(right.texts) == 1:
        text = right.texts[0]
        truth = gather(left, lambda known: float(bool(holds(known, text))))
        return Floats(np.where(right.indices < 0, np.nan, truth.values))
    (first, second), _ = aligned((left, right))
    return as_truth(holds(first, second), (first < 0) | (second < 0))


@_compiled.register
def _in(node: In) -> _Step:
    operand = _compiled(node.operand)
    values = [value_of(item) for item in node.items]
    otherwise = np.nan if None in values else 0.0
    texts = frozenset(value for value in values if isinstance(value, str))
    numbers = np.array([value for value in values if isinstance(value, (float, bool))], np.float64)

    def membership(frame: _Frame) -> Column:
        column = operand(frame)
        if isinstance(column, Texts):
            return gather(column, lambda text: 1.0 if text in texts else otherwise)
        found = np.where(np.isin(column.values, numbers), 1.0, otherwise)
        return Floats(np.where(np.isnan(column.values), np.nan, found))

    return membership


@_compiled.register
def _like(node: Like) -> _Step:
    operand, matches = _compiled(node.operand), matcher(node.pattern)
    return lambda frame: gather(texts_of(operand(frame)), lambda text: float(matches(text)))


@_compiled.register
def _is_null(node: IsNull) -> _Step:
    operand = _compiled(node.operand)
    return lambda frame: Floats(null_mask(operand(frame)).astype(np.float64))


@_compiled.register
def _arithmetic(node: Arithmetic) -> _Step:
    left, right, combine = _compiled(node.left), _compiled(node.right), _ARITHMETIC[node.op]
    return lambda frame: Floats(finite_or_null(combine(floats_of(left(frame)), floats_of(right(frame)))))


@_compiled.register
def _negate(node: Negate) -> _Step:
    operand = _compiled(node.operand)
    return lambda frame: Floats(-floats_of(operand(frame)))


@_compiled.register
def _case(node: Case) -> _Step:
    branches = [(_compiled(condition), _compiled(value)) for condition, value in node.branches]
    default = _compiled(node.default)

    def case(frame: _Frame) -> Column:
        masks = [true_mask(condition(frame)) for condition, _ in branches]
        return choose(masks, [value(frame) for _, value in branches], default(frame))

    return case


@_compiled.register
def _call(node: Call) -> _Step:
    function = REGISTRY[node.function].numpy
    arguments = [_compiled(argument) for argument in node.arguments]
    return lambda frame: function(node, [argument(frame) for argument in arguments])
