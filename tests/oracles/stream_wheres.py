"""Hypothesis strategies for schemas, values and conditions over them, each condition as SQL and as Python."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from hypothesis import strategies as st
from tests.oracles.definitions import SchemaText, Types
from tests.oracles.genome import Value
from tests.oracles.wheres import (
    COMPARISONS,
    Operand,
    Where,
    all_of,
    any_of,
    arithmetic,
    between,
    compare,
    constant,
    is_null,
    is_true,
    like,
    name,
    negation,
    one_of,
    written_not,
)

EVENTS = ("purchase", "viewed", "opened")
PROPERTIES: dict[str, tuple[str, int]] = {
    "amount": ("money", 2),
    "fee": ("money", 2),
    "rate": ("number", 3),
    "points": ("number", 0),
    "category": ("category", 0),
    "path": ("category", 0),
    "coupon": ("boolean", 0),
    "due": ("date", 0),
}
TRAITS: dict[str, tuple[str, int]] = {
    "region": ("category", 0),
    "income": ("money", 2),
    "score": ("number", 2),
    "vip": ("boolean", 0),
    "valid_until": ("date", 0),
}
TEXTS = ("travel", "Travel", "travel/hotel", "food", "a_b", "50%", "o'clock", "čaj", "\U0001f600", "z\nz")
PATTERNS = ("travel%", "%a%", "_ravel", "%/%", "a_b", "50%", "%", "_", "T%l", "o'%", "(.*)", "z_z")


@st.composite
def schemas(draw: st.DrawFn) -> SchemaText:
    """Draw 2 or 3 event types with 1 to 5 properties each, and 1 or 2 traits."""
    schema: dict[str, Types] = {}
    for event in EVENTS[: draw(st.integers(2, 3))]:
        names = draw(st.lists(st.sampled_from(sorted(PROPERTIES)), min_size=1, max_size=5, unique=True))
        schema[event] = {name: PROPERTIES[name] for name in sorted(names)}
    for trait in draw(st.lists(st.sampled_from(sorted(TRAITS)), min_size=1, max_size=2, unique=True)):
        schema[f"traits.{trait}"] = {"value": TRAITS[trait]}
    return schema


@lru_cache(maxsize=4096)
def values(type_: str, scale: int, today: int) -> st.SearchStrategy[Value]:
    """Return a strategy of values of a type, few enough that they meet; dates lie about today.

    Strategies are kept, because making them costs more than drawing from them.
    """
    match type_:
        case "money":
            return st.sampled_from([0, 1, -1, 1250, -300, 999]) | st.integers(-(10**9), 10**9)
        case "number":
            words = st.sampled_from([0, 1, -1, 5, 1000, 2500]) | st.integers(-(10**9), 10**9)
            return words.map(lambda word: Fraction(word, 10**scale))
        case "category":
            return st.sampled_from(TEXTS)
        case "boolean":
            return st.booleans()
        case "date":
            return st.sampled_from([-400, -31, -1, 0, 1, 2, 31, 400]).map(lambda ahead: today + ahead)
    raise ValueError(type_)


def wheres(types: Types, today: int) -> st.SearchStrategy[Where]:
    """Return a strategy of conditions over the properties of one source."""
    return _wheres(tuple(types.items()), today)


@lru_cache(maxsize=4096)
def _wheres(types: tuple[tuple[str, tuple[str, int]], ...], today: int) -> st.SearchStrategy[Where]:
    leaves = st.one_of([leaf for property_, _ in types for leaf in _leaves(dict(types), property_, today)])
    return st.one_of(
        leaves,
        st.recursive(
            leaves,
            lambda inner: st.one_of(
                inner.map(negation),
                st.lists(inner, min_size=2, max_size=3).map(lambda some: all_of(*some)),
                st.lists(inner, min_size=2, max_size=3).map(lambda some: any_of(*some)),
            ),
            max_leaves=4,
        ),
    )


def _leaves(types: Types, property_: str, today: int) -> list[st.SearchStrategy[Where]]:
    """Return strategies of conditions on one property without AND, OR or NOT in front."""
    type_, scale = types[property_]
    operand = name(property_)
    forms = [_compared(operand, type_, scale, today), _null(operand)]
    if type_ in ("category", "money", "number", "date"):
        forms += [_listed(operand, type_, scale, today), _ranged(operand, type_, scale, today)]
    if type_ == "category":
        forms.append(_liked(operand))
    if type_ == "boolean":
        forms.append(st.just(is_true(operand)))
    if type_ in ("money", "number"):
        forms.append(_computed(types, property_))
    return forms


def constants(type_: str, scale: int, today: int) -> st.SearchStrategy[Operand]:
    """Return a strategy of literals."""
    return values(type_, scale, today).map(lambda value: constant(value, type_))


def _compared(operand: Operand, type_: str, scale: int, today: int) -> st.SearchStrategy[Where]:
    ops = ["=", "<>"] if type_ == "boolean" else sorted(COMPARISONS)
    literals = constants(type_, scale, today)
    return st.builds(lambda op, literal: compare(operand, op, literal), st.sampled_from(ops), literals)


def _null(operand: Operand) -> st.SearchStrategy[Where]:
    null = is_null(operand)
    return st.sampled_from([null, written_not(null, " IS NULL", " IS NOT NULL")])


@st.composite
def _listed(draw: st.DrawFn, operand: Operand, type_: str, scale: int, today: int) -> Where:
    items = draw(st.lists(constants(type_, scale, today), min_size=1, max_size=3))
    if draw(st.integers(0, 5)) == 5:
        items.append(constant(None, type_))
    where = one_of(operand, items)
    return written_not(where, " IN ", " NOT IN ") if draw(st.booleans()) else where


@st.composite
def _ranged(draw: st.DrawFn, operand: Operand, type_: str, scale: int, today: int) -> Where:
    literals = constants(type_, scale, today)
    where = between(operand, draw(literals), draw(literals))
    return written_not(where, " BETWEEN ", " NOT BETWEEN ") if draw(st.booleans()) else where


@st.composite
def _liked(draw: st.DrawFn, operand: Operand) -> Where:
    where = like(operand, draw(st.sampled_from(PATTERNS)))
    return written_not(where, " LIKE ", " NOT LIKE ") if draw(st.booleans()) else where


@st.composite
def _computed(draw: st.DrawFn, types: Types, property_: str) -> Where:
    """Draw arithmetic between two properties of one type (or one and a number), against a constant."""
    type_, scale = types[property_]
    other = draw(st.sampled_from(sorted(known for known, (kind, _) in types.items() if kind == type_)))
    op = draw(st.sampled_from(["+", "-", "*", "/"]))
    right = constant(Fraction(2), "number") if op == "*" else name(other)
    result = "number" if op == "/" else type_
    literal = draw(constants(result, 1 if op == "/" else scale, 0))
    ops = st.sampled_from(["<", "<=", ">", ">="])
    return compare(arithmetic(op, name(property_), right), draw(ops), literal)
