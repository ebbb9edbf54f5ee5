"""What texts become: precedence, the forms that are written with others, and literals in their units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

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
from onefold.language.parse import parse
from onefold.language.scope import Scope

SCOPE = Scope(
    {
        "m": Kind.MONEY,
        "n": Kind.NUMBER,
        "c": Kind.CATEGORY,
        "b": Kind.BOOLEAN,
        "d": Kind.DATE,
        "t": Kind.INSTANT,
        "date": Kind.DATE,
        "order": Kind.NUMBER,
        "show": Kind.BOOLEAN,
        "context.page": Kind.CATEGORY,
    }
)
N, M, C, B, D = (Name(name, SCOPE.names[name]) for name in "nmcbd")


def num(text: str) -> Literal:
    return Literal(Decimal(text), Kind.NUMBER)


def money(minor: str) -> Literal:
    return Literal(Decimal(minor), Kind.MONEY)


def text(value: str) -> Literal:
    return Literal(value, Kind.CATEGORY)


NULL = Literal(None, Kind.NULL)

TREES: list[tuple[str, Node]] = [
    ("b", B),
    ("  ( b )\n", B),
    ("not b AND b or b", Or((And((Not(B), B)), B))),
    ("b AND (b AND b) AND b", And((B, B, B, B))),
    ("b AND (b OR b)", And((B, Or((B, B))))),
    ("NOT n = 1", Not(Compare("=", N, num("1")))),
    ("n != 1", Compare("<>", N, num("1"))),
    (
        "n + 1 * 2 > 0",
        Compare(">", Arithmetic("+", N, Arithmetic("*", num("1"), num("2"), N.kind), N.kind), num("0")),
    ),
    ("n - 1 - 2", Arithmetic("-", Arithmetic("-", N, num("1"), N.kind), num("2"), N.kind)),
    ("n / n * n", Arithmetic("*", Arithmetic("/", N, N, N.kind), N, N.kind)),
    ("-n * 2", Arithmetic("*", Negate(N, N.kind), num("2"), N.kind)),
    ("n - -5", Arithmetic("-", N, num("-5"), N.kind)),
    ("- - 5", num("5")),
    (".5", num("0.5")),
    ("1e3", num("1000")),
    ("n BETWEEN 1 AND 2 AND b", And((Compare(">=", N, num("1")), Compare("<=", N, num("2")), B))),
    ("n NOT BETWEEN 1 AND 2", Not(And((Compare(">=", N, num("1")), Compare("<=", N, num("2")))))),
    ("c IN ('a', 'it''s', NULL)", In(C, (text("a"), text("it's"), NULL))),
    ("c NOT IN ('a')", Not(In(C, (text("a"),)))),
    ("c LIKE '/mort%'", Like(C, "/mort%")),
    ("c NOT LIKE '--;/*'", Not(Like(C, "--;/*"))),
    ("c IS NULL", IsNull(C)),
    ("c IS NOT NULL", Not(IsNull(C))),
    ("n + 1 IS NULL", IsNull(Arithmetic("+", N, num("1"), N.kind))),
    ("m > 12.5", Compare(">", M, money("1250"))),
    ("0.001 < m", Compare("<", money("0.1"), M)),
    ("m + 1 = m", Compare("=", Arithmetic("+", M, money("100"), Kind.MONEY), M)),
    ("m * 2", Arithmetic("*", M, num("2"), Kind.MONEY)),
    ("m / 2", Arithmetic("/", M, num("2"), Kind.MONEY)),
    ("m IN (-1)", In(M, (money("-100"),))),
    ("ROUND(m)", Call("ROUND", (M, num("-2")), Kind.MONEY)),
    ("round(m, 2)", Call("ROUND", (M, num("0")), Kind.MONEY)),
    ("ROUND(n)", Call("ROUND", (N,), Kind.NUMBER)),
    ("COALESCE(NULL, 1, m)", Call("COALESCE", (NULL, money("100"), M), Kind.MONEY)),
    ("CASE WHEN b THEN 1 WHEN NULL THEN m END", Case(((B, money("100")), (NULL, M)), NULL, Kind.MONEY)),
    (
        "CASE c WHEN 'a' THEN 1 ELSE 2 END",
        Case(((Compare("=", C, text("a")), num("1")),), num("2"), Kind.NUMBER),
    ),
    ("CURRENT_DATE", Today()),
    ("d - CURRENT_DATE", Arithmetic("-", D, Today(), Kind.NUMBER)),
    ("d + 3", Arithmetic("+", D, num("3"), Kind.DATE)),
    ("3 + d", Arithmetic("+", D, num("3"), Kind.DATE)),
    ("d - n", Arithmetic("-", D, Call("ROUND", (N,), Kind.NUMBER), Kind.DATE)),
    ("d + ROUND(n)", Arithmetic("+", D, Call("ROUND", (N,), Kind.NUMBER), Kind.DATE)),
    ("d + INTERVAL 2 WEEKS", Arithmetic("+", D, num("14"), Kind.DATE)),
    ("d - INTERVAL '2' YEAR", Call("ADD_MONTHS", (D, num("-24")), Kind.DATE)),
    ("DATE '2024-02-29'", Literal(date(2024, 2, 29), Kind.DATE)),
    (
        "date = date '2024-02-29'",
        Compare("=", Name("date", Kind.DATE), Literal(date(2024, 2, 29), Kind.DATE)),
    ),
    ("TIMESTAMP '1970-01-01 00:00:01.5+00:00'", Literal(1_500_000, Kind.INSTANT)),
    ("INTERVAL '-3' MINUTES", Literal(-180_000_000, Kind.DURATION)),
    (
        "order > 1 AND show",
        And((Compare(">", Name("order", Kind.NUMBER), num("1")), Name("show", Kind.BOOLEAN))),
    ),
    ("context.page = 'é😀'", Compare("=", Name("context.page", Kind.CATEGORY), text("é😀"))),
    ("b = (n > 1)", Compare("=", B, Compare(">", N, num("1")))),
    ("b AND NULL", And((B, NULL))),
]


@pytest.mark.parametrize(("written", "tree"), TREES)
def test_the_tree_of_a_text(written: str, tree: Node) -> None:
    assert parse(written, SCOPE) == tree


def test_the_scale_of_the_currency_rules_money() -> None:
    yen = Scope({"m": Kind.MONEY}, money_scale=0)
    assert parse("m > 12.5", yen) == Compare(">", M, money("12.5"))
    assert parse("ROUND(m)", yen) == Call("ROUND", (M,), Kind.MONEY)


def test_equal_texts_have_equal_hashable_trees() -> None:
    assert len({parse(written, SCOPE) for written, _ in TREES * 2}) <= len(TREES)
