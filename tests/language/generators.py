"""Hypothesis strategies: well-typed trees as the parser would make them, and rows with everything awkward."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from onefold.language import rules
from onefold.language.ast import (
    And,
    Call,
    Case,
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
from onefold.language.functions import MAPPING, REGISTRY
from onefold.language.literals import negated
from onefold.language.scope import Scope
from onefold.language.values import Value

KINDS = (Kind.NUMBER, Kind.MONEY, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATE, Kind.INSTANT, Kind.DURATION)
NAMES = {f"{kind.value}{at}": kind for kind in KINDS for at in (1, 2)} | {"context.page": Kind.CATEGORY}
SCOPE = Scope(NAMES, money_scale=2, functions=MAPPING)
SCALE = SCOPE.money_scale

AWKWARD_TEXTS = (
    *("", " ", "a", "A", "a ", " a", "aa", "ab", "İ", "ß", "é", "e\u0301", "😀", "a😀b", "%", "_", "\\"),
    *("a\\_b", "a\nb", "\n", "it's", "''", "NULL", "null", "travel", "Travel", "12", "-1.50", "+.5", "1e3"),
    *(" 7", "٣", "NaN", "inf", "970101", "680229", "690229", "31.12.1999", "1/2/2003", "a\x00b", "abab"),
    *("1996-02-29 03:04:05.678", "z" * 40),
)
AWKWARD_NUMBERS = (
    *(0.0, -0.0, 0.49999999999999994, 0.5, 1.5, 2.5, -2.5, -0.5, 1.005, 2.675, 1.0, -1.0, 3.0, 0.1, 0.2),
    *(1e15, 4503599627370495.5, 4503599627370496.0, 9007199254740992.0, 1e16, 1e300, -1e300, 5e-324),
    *(1.7976931348623157e308, 12.0, 1996.0, 2000.0, 2023.0, 29.0, 2.0, -3.7, 1e-300, 100.0),
)
DAY_RANGE = (-30_000, 60_000)

texts = st.one_of(st.sampled_from(AWKWARD_TEXTS), st.text(st.sampled_from("aAbé\u0301İß😀%_\\ \n'1."), max_size=6))
doubles = st.one_of(
    st.sampled_from(AWKWARD_NUMBERS),
    st.integers(-5, 40).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)
days = st.one_of(
    st.sampled_from([-1.0, 0.0, 58.0, 59.0, 60.0, 789.0, 11_015.0, 11_016.0, 19_782.0, 20_000.0]),
    st.integers(*DAY_RANGE).map(float),
)
instants = st.integers(-(10**15), 4 * 10**15).map(float)
VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.NUMBER: doubles,
    Kind.MONEY: st.one_of(st.integers(-(10**7), 10**7).map(float), st.integers(1 - 2**53, 2**53 - 1).map(float)),
    Kind.CATEGORY: texts,
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: days,
    Kind.INSTANT: instants,
    Kind.DURATION: st.one_of(st.sampled_from([0.0, 86_400e6, 3_600e6]), instants),
}
rows = st.lists(
    st.fixed_dictionaries({name: st.one_of(st.none(), VALUES[kind]) for name, kind in NAMES.items()}),
    min_size=1,
    max_size=12,
)

FORMATS = ("%y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S.%f", "%y%m%d %H:%M:%S", "%Y%m%d", "%d|%m(%y")
_COMPARISONS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
_EQUALITIES = st.sampled_from(["=", "<>"])


@st.composite
def literals(draw: st.DrawFn, kind: Kind) -> Literal:
    """Return a constant; for money a number, which the rules turn into money where it stands beside some."""
    if kind in (Kind.NUMBER, Kind.MONEY):
        value = draw(st.sampled_from(["0", "1", "2.5", "0.1", "100", "1e3", "1.005", "0.49999999999999994"]))
        number = Literal(Decimal(value), Kind.NUMBER)
        return negated(number) if draw(st.booleans()) else number
    if kind is Kind.CATEGORY:
        return Literal(draw(texts.filter(lambda text: "\x00" not in text)), kind)
    if kind is Kind.BOOLEAN:
        return Literal(draw(st.booleans()), kind)
    if kind is Kind.DATE:
        return Literal(date(1970, 1, 1) + timedelta(days=draw(st.integers(*DAY_RANGE))), kind)
    return Literal(draw(st.integers(-(10**15), 10**15)), kind)


@cache
def nodes(kind: Kind, depth: int) -> st.SearchStrategy[Node]:
    """Return trees of a kind, at most so deep; a bare money constant does not occur: no text can say it."""
    names: list[Node] = [Name(name, known) for name, known in NAMES.items() if known is kind]
    leaves: list[st.SearchStrategy[Node]] = [st.sampled_from(names)]
    if kind is not Kind.MONEY:
        leaves.append(literals(kind))
    if kind is Kind.DATE:
        leaves.append(st.just(Today()))
    if depth == 0:
        return st.one_of(leaves)
    inner = _BY_KIND[kind](depth - 1)
    return st.one_of(*leaves, inner, inner, inner, shared(kind, depth - 1))


@st.composite
def beside(draw: st.DrawFn, kind: Kind, depth: int, most: int) -> list[Node]:
    """Return two or more values of a kind of which one says the kind (a number may stand for money)."""
    first = draw(nodes(kind, depth))
    null: st.SearchStrategy[Node] = st.just(Literal(None, Kind.NULL))
    others = st.one_of(nodes(kind, depth), literals(kind), null)
    found = [first, *draw(st.lists(others, min_size=1, max_size=most - 1))]
    return draw(st.permutations(found))


@st.composite
def shared(draw: st.DrawFn, kind: Kind, depth: int) -> Node:
    """Return what exists for every kind: CASE, COALESCE, NULLIF, LEAST, GREATEST."""
    form = draw(st.sampled_from(["CASE", "COALESCE", "NULLIF", "LEAST", "GREATEST"]))
    values = draw(beside(kind, depth, 2 if form == "NULLIF" else 3))
    if form == "CASE" or (kind is Kind.BOOLEAN and form in ("LEAST", "GREATEST")):
        fitted, found = rules.fitted(values, SCALE)
        conditions = [draw(nodes(Kind.BOOLEAN, depth)) for _ in fitted[1:]]
        return Case(tuple(zip(conditions, fitted[1:], strict=True)), fitted[0], found)
    return called(form, *values)


def called(name: str, *arguments: Node) -> Node:
    """Return a call, typed as the parser types it."""
    typed, kind = REGISTRY[name].typed(arguments, SCALE)
    return Call(name, typed, kind)


def _negate(node: Node) -> Node:
    return Negate(node, node.kind)


def _no_literal(node: Node) -> bool:
    return not isinstance(node, Literal)


def arithmetic(op: str, left: Node, right: Node) -> Node:
    return rules.arithmetic(op, left, right, SCALE)


def _numbers(depth: int) -> st.SearchStrategy[Node]:
    number, money = nodes(Kind.NUMBER, depth), nodes(Kind.MONEY, depth)
    same = [nodes(kind, depth) for kind in (Kind.DURATION, Kind.MONEY)]
    return st.one_of(
        st.builds(arithmetic, st.sampled_from("+-*/"), number, number),
        st.builds(arithmetic, st.just("/"), money, money),
        st.builds(arithmetic, st.just("/"), same[0], same[0]),
        st.builds(arithmetic, st.just("-"), nodes(Kind.DATE, depth), nodes(Kind.DATE, depth)),
        number.filter(_no_literal).map(_negate),
        st.builds(called, st.just("ABS"), number),
        st.builds(called, st.just("ROUND"), number),
        st.builds(called, st.just("ROUND"), number, whole(-3, 3)),
        st.builds(called, st.just("MOD"), number, number),
        st.builds(called, st.sampled_from(["LENGTH", "NUMBER"]), nodes(Kind.CATEGORY, depth)),
    )


def whole(low: int, high: int) -> st.SearchStrategy[Literal]:
    return st.integers(low, high).map(lambda value: Literal(Decimal(value), Kind.NUMBER))


def _money(depth: int) -> st.SearchStrategy[Node]:
    number, money = nodes(Kind.NUMBER, depth), nodes(Kind.MONEY, depth)
    either = st.one_of(money, literals(Kind.MONEY))
    return st.one_of(
        st.builds(arithmetic, st.sampled_from("+-"), money, either),
        st.builds(arithmetic, st.sampled_from("*/"), money, number),
        st.builds(arithmetic, st.just("*"), number, money),
        money.map(_negate),
        st.builds(called, st.just("ABS"), money),
        st.builds(called, st.just("ROUND"), money),
        st.builds(called, st.just("ROUND"), money, whole(-2, 3)),
    )


def _texts(depth: int) -> st.SearchStrategy[Node]:
    text = nodes(Kind.CATEGORY, depth)
    return st.one_of(
        st.builds(called, st.sampled_from(["LOWER", "UPPER", "TRIM"]), text),
        st.builds(called, st.just("SUBSTRING"), text, whole(1, 4), whole(0, 3)),
        st.builds(called, st.just("CONCAT"), text, text),
        st.builds(called, st.just("CONCAT"), text, text, text),
    )


@st.composite
def _conditions(draw: st.DrawFn, depth: int) -> Node:
    condition = nodes(Kind.BOOLEAN, depth)
    form = draw(st.sampled_from(["AND", "OR", "NOT", "NULL", "LIKE", "IN", "compare", "compare", "compare"]))
    if form == "NOT":
        return Not(draw(condition))
    if form in ("AND", "OR"):
        made = And if form == "AND" else Or
        null: st.SearchStrategy[Node] = st.just(Literal(None, Kind.NULL))
        parts = draw(st.lists(st.one_of(condition, condition, condition, null), min_size=2, max_size=4))
        flat = [x for part in parts for x in (part.operands if isinstance(part, made) else (part,))]
        return made(tuple(flat))
    if form == "LIKE":
        return Like(draw(nodes(Kind.CATEGORY, depth)), str(draw(literals(Kind.CATEGORY)).value))
    kind = draw(st.sampled_from(KINDS))
    if form == "NULL":
        return IsNull(draw(nodes(kind, depth)))
    if form == "IN":
        operand = draw(nodes(kind, depth))
        null_item: st.SearchStrategy[Literal] = st.just(Literal(None, Kind.NULL))
        items = draw(st.lists(st.one_of(literals(kind), literals(kind), null_item), min_size=1, max_size=3))
        fitted, _ = rules.fitted((operand, *items), SCALE)
        return In(operand, tuple(item for item in fitted[1:] if isinstance(item, Literal)))
    left = draw(nodes(kind, depth))
    right = draw(st.one_of(nodes(kind, depth), literals(kind)))
    return rules.compare(draw(_EQUALITIES if kind is Kind.BOOLEAN else _COMPARISONS), left, right, SCALE)


def _dates(depth: int) -> st.SearchStrategy[Node]:
    day, text = nodes(Kind.DATE, depth), nodes(Kind.CATEGORY, depth)
    number = nodes(Kind.NUMBER, depth)
    formats = st.sampled_from(FORMATS).map(lambda text: Literal(text, Kind.CATEGORY))
    return st.one_of(
        st.builds(arithmetic, st.sampled_from("+-"), day, number),
        st.builds(lambda node, n: Call("ADD_MONTHS", (node, n), Kind.DATE), day, whole(-30, 30)),
        st.builds(called, st.just("TO_DATE"), text, formats),
        st.builds(called, st.just("MAKE_DATE"), number, number, number),
    )


def _instants(depth: int) -> st.SearchStrategy[Node]:
    formats = st.sampled_from(FORMATS).map(lambda text: Literal(text, Kind.CATEGORY))
    duration, instant = nodes(Kind.DURATION, depth), nodes(Kind.INSTANT, depth)
    return st.one_of(
        st.builds(arithmetic, st.sampled_from("+-"), instant, duration),
        st.builds(called, st.just("TO_INSTANT"), nodes(Kind.CATEGORY, depth), formats),
    )


def _durations(depth: int) -> st.SearchStrategy[Node]:
    duration, instant = nodes(Kind.DURATION, depth), nodes(Kind.INSTANT, depth)
    number = nodes(Kind.NUMBER, depth)
    return st.one_of(
        st.builds(arithmetic, st.just("-"), instant, instant),
        st.builds(arithmetic, st.sampled_from("+-"), duration, duration),
        st.builds(arithmetic, st.sampled_from("*/"), duration, number),
        st.builds(arithmetic, st.just("*"), number, duration),
        st.builds(called, st.just("ABS"), duration),
        duration.filter(_no_literal).map(_negate),
    )


_BY_KIND = {
    Kind.NUMBER: _numbers,
    Kind.MONEY: _money,
    Kind.CATEGORY: _texts,
    Kind.BOOLEAN: _conditions,
    Kind.DATE: _dates,
    Kind.INSTANT: _instants,
    Kind.DURATION: _durations,
}


@cache
def roots(kind: Kind, depth: int) -> st.SearchStrategy[Node]:
    """Return trees of a kind that are no mere leaves."""
    return st.one_of(_BY_KIND[kind](depth), shared(kind, depth))


_ROOT_KINDS = st.sampled_from((*KINDS, *(Kind.BOOLEAN,) * 5))
any_node = _ROOT_KINDS.flatmap(lambda kind: roots(kind, 3))
condition_nodes = roots(Kind.BOOLEAN, 3)
