"""Hostile texts are refused (or read) in bounded time, whatever their size, and never by RecursionError."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.errors import UserError
from onefold.language.ast import Kind
from onefold.language.lexer import MAX_CHARACTERS
from onefold.language.parse import parse
from onefold.language.scope import MAPPING, Scope
from onefold.language.to_duckdb import to_duckdb
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python

NAMES = {"n": Kind.NUMBER, "b": Kind.BOOLEAN, "c": Kind.CATEGORY, "d": Kind.DATE}
SCOPE = Scope(NAMES, functions=MAPPING)
DEEP = 10_000
FULL = MAX_CHARACTERS


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("a hostile text took more than 5 seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


NESTINGS = {
    "parentheses": ("(", "b", ")"),
    "not": ("NOT ", "b", ""),
    "minus": ("- ", "n", ""),
    "call": ("ABS(", "n", ")"),
    "case": ("CASE WHEN ", "b", " THEN b END"),
    "case in else": ("CASE WHEN b THEN b ELSE ", "b", " END"),
    "simple case": ("CASE ", "n", " WHEN 1 THEN n END"),
    "in": ("c IN (", "'x'", ")"),
    "between": ("n BETWEEN 1 AND ", "2", ""),
    "between not": ("n BETWEEN 1 AND NOT ", "b", ""),
    "brackets": ("[", "n", "]"),
    "nullif": ("NULLIF(", "n", ", 1)"),
    "right minus": ("n - (", "n", ")"),
}


@pytest.mark.parametrize("count", [25, 150, DEEP])
@pytest.mark.parametrize("kind", NESTINGS)
def test_deep_nesting_is_refused(kind: str, count: int) -> None:
    opening, core, closing = NESTINGS[kind]
    with pytest.raises(UserError):
        parse(opening * count + core + closing * count, SCOPE)
    with pytest.raises(UserError):
        parse(opening * count, SCOPE)


LARGE = {
    "a megabyte of AND": "b AND " * 180_000 + "b",
    "a megabyte of text": "c = '" + "a" * 1_000_000 + "'",
    "quotes": "'" * (FULL - 1),
    "double quotes": '"' * (FULL - 1),
    "dashes": "-" * FULL,
    "spaces": " " * FULL,
    "a chain of plus": "+".join("n" * 1500) + " > 1",
    "a chain of times": "*".join("n" * 61) + " > 1",
    "digits": "9" * FULL,
    "dots": "n" + ".n" * (FULL // 2 - 1),
    "arguments": "COALESCE(" + ",".join("n" * 1900) + ") > 1",
    "betweens": "n BETWEEN 1 AND 2 AND " * 900 + "b",
    "exponent": "1e" + "9" * 1000 + " > n",
    "comments": "/*" * (FULL // 2),
    "semicolons": "b;" * (FULL // 2),
    "dunder": "n.__class__.__mro__",
    "stacked": "b; DELETE FROM customers",
    "attribute": "''.join(c)",
    "format": "c = '{0.__class__}'.format(n)",
    "function of the host": "getattr(n, 'x')",
    "function of the database": "read_csv('/etc/passwd')",
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_and_foreign_texts_are_refused(kind: str) -> None:
    with pytest.raises(UserError):
        parse(LARGE[kind], SCOPE)


ACCEPTED = {
    "flat AND": " AND ".join(["b"] * 1500),
    "flat OR": " OR ".join(["n > 1"] * 900),
    "long list": "n IN (" + ",".join(["1"] * 1900) + ")",
    "nested parentheses": "(" * 18 + "b" + ")" * 18,
    "nested calls": "ABS(" * 18 + "n" + ")" * 18 + " > 1",
    "nested nullif": "NULLIF(" * 18 + "n" + ", 1)" * 18 + " > 1",
    "nested divisors": "n / (" * 18 + "n" + ")" * 18 + " > 1",
    "nested case": "CASE WHEN " * 18 + "b" + " THEN b ELSE b END" * 18,
    "percent signs": "c LIKE '" + "%a" * 4000 + "%'",
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_large_texts_within_the_bounds_work_in_every_backend(kind: str) -> None:
    import duckdb

    node = parse(ACCEPTED[kind], SCOPE)
    assert to_python(node)({"n": 3.0, "b": True, "c": "a" * 1000}, 0) in (True, False, None)
    to_numpy(node)({}, 0, 3)
    written = to_duckdb(node)
    assert len(written) < 60 * len(ACCEPTED[kind])
    duckdb.connect().execute(f"SELECT {written} FROM (SELECT 3e0 AS n, TRUE AS b, 'a' AS c)").fetchall()


def test_repeated_subjects_do_not_explode() -> None:
    """BETWEEN and CASE repeat their subject: what grows beyond the bound is refused by its written size."""
    text = "n"
    for _ in range(18):
        text = f"CASE {text} WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END"
    with pytest.raises(UserError, match="larger than"):
        parse(f"{text} > 1", SCOPE)


PIECES = st.sampled_from(
    [
        *(
            "n",
            "b",
            "c",
            "d",
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "=",
            "<>",
            "<",
            ">=",
            "+",
            "-",
            "*",
            "/",
            ",",
            "'x'",
        ),
        *(
            "1",
            "2.5",
            "IN",
            "LIKE",
            "BETWEEN",
            "IS",
            "NULL",
            "CASE",
            "WHEN",
            "THEN",
            "ELSE",
            "END",
            "DATE",
            "||",
        ),
        *(
            "'2026-01-01'",
            "INTERVAL",
            "DAY",
            "MONTH",
            "ABS",
            "COALESCE",
            "TRUE",
            ".",
            "CURRENT_DATE",
            "TIMESTAMP",
        ),
        *(
            "--",
            "/*",
            "::",
            ";",
            '"',
            "'",
            "[",
            "?",
            "%",
            "\n",
            "é",
            "__x__",
            "1e9",
            "$1",
            ":x",
            "@",
            "#",
            "\\",
        ),
    ]
)


_SPACED = st.lists(PIECES, max_size=14).map(" ".join)
_JOINED = st.lists(PIECES, max_size=10).map("".join)


@settings(deadline=None, max_examples=600)
@given(st.one_of(_SPACED, _JOINED, st.text(max_size=30)))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        node = parse(text, SCOPE)
    except UserError as error:
        for problem in error.problems:
            assert problem.place.line is not None
            assert problem.place.column is not None
            line = text.split("\n")[problem.place.line - 1]
            assert 1 <= problem.place.column <= len(line) + 1
    else:
        to_python(node)({}, 0)
