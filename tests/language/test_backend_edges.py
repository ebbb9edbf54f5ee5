"""What each backend does at its own edges: foreign value types, missing names, quoting, NULL constants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import numpy as np
import pytest

from onefold.language.ast import And, Call, Case, Compare, IsNull, Kind, Like, Literal, Name, Node, Today
from onefold.language.columns import Column, Floats, Texts, aligned, choose, constant, texts_from, true_mask
from onefold.language.lineage import names_of, uses_today
from onefold.language.parse import parse
from onefold.language.scope import Scope
from onefold.language.to_duckdb import quote_identifier, to_duckdb
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python
from onefold.language.tree import Size, measured, walk
from onefold.language.values import Value

SCOPE = Scope({"n": Kind.NUMBER, "c": Kind.CATEGORY, "b": Kind.BOOLEAN, 'we"ird': Kind.NUMBER})
NULL = Literal(None, Kind.NULL)


@pytest.mark.parametrize("value", [True, 1, 1.0, np.float64(1), np.bool_(True)])
def test_python_takes_truth_in_every_spelling(value: bool) -> None:
    for text, expected in (("b", True), ("NOT b", False), ("b = TRUE", True), ("b AND b", True)):
        assert to_python(parse(text, SCOPE))({"b": value}, 0) is expected


def test_python_takes_ints_as_doubles_and_nan_as_null() -> None:
    double = to_python(parse("n * n", SCOPE))
    assert double({"n": 2**53 - 1}, 0) == float(2**53 - 1) ** 2
    assert double({"n": float("nan")}, 0) is None
    assert double({"n": None}, 0) is None
    assert double({}, 0) is None
    assert to_python(parse("b", SCOPE))({"b": float("nan")}, 0) is None
    assert isinstance(to_python(parse("n", SCOPE))({"n": 3}, 0), float)


def test_columns_that_are_missing_are_null() -> None:
    for text in ("n = 1", "c = 'x'", "c LIKE '%'", "LENGTH(c) > 0", "c IN ('x')", "b"):
        column = to_numpy(parse(text, SCOPE))({}, 0, 3)
        assert true_mask(column).tolist() == [False] * 3
    missing = to_numpy(parse("c", SCOPE))({}, 0, 2)
    assert isinstance(missing, Texts)
    assert missing.indices.tolist() == [-1, -1]


def test_no_rows_and_inputs_left_alone() -> None:
    values = np.array([1.0, np.nan])
    values.flags.writeable = False
    node = parse("COALESCE(n, 0) + 1 > 1 OR n IS NULL AND c IS NULL", SCOPE)
    assert true_mask(to_numpy(node)({"n": Floats(values)}, 0, 2)).tolist() == [True, True]
    for text in ("n > 1", "c = 'x'", "CASE WHEN b THEN c END", "LOWER(c)", "n IN (1)"):
        empty: dict[str, Column] = {
            "n": Floats(np.zeros(0)),
            "b": Floats(np.zeros(0)),
            "c": Texts(np.zeros(0, np.int32), ()),
        }
        assert len(true_mask(to_numpy(parse(text, SCOPE))(empty, 0, 0))) == 0


def test_a_dictionary_may_repeat_a_text() -> None:
    column = Texts(np.array([0, 1, 2, -1], np.int32), ("a", "b", "a"))
    other = texts_from(["a", "a", "a", "a"])
    found = to_numpy(Compare("=", Name("c", Kind.CATEGORY), Name("e", Kind.CATEGORY)))({"c": column, "e": other}, 0, 4)
    assert true_mask(found).tolist() == [True, False, True, False]
    (first, second), texts = aligned((column, texts_from(["b", None, "c", None])))
    assert texts == ("a", "b", "c")
    assert (first.tolist(), second.tolist()) == ([0, 1, 0, -1], [1, -1, 2, -1])


def test_choose_takes_the_first_mask() -> None:
    masks = [np.array([True, False, False]), np.array([True, True, False])]
    chosen = choose(masks, [constant(1.0, 3), constant(2.0, 3)], constant(None, 3))
    assert isinstance(chosen, Floats)
    assert chosen.values.tolist()[:2] == [1.0, 2.0]
    assert np.isnan(chosen.values[2])


def test_duckdb_text_quotes_names_and_constants() -> None:
    node = Compare("=", Name('we"ird', Kind.CATEGORY), Literal("'; DROP TABLE x; --", Kind.CATEGORY))
    written = to_duckdb(node)
    assert written == "(\"we\"\"ird\" = '''; DROP TABLE x; --')"
    row = duckdb.execute(f"SELECT {written} FROM (SELECT '''; DROP TABLE x; --' AS \"we\"\"ird\")").fetchone()
    assert row == (True,)
    assert to_duckdb(node, column=lambda name: f"t.{quote_identifier(name)}").startswith('(t."we""ird"')


def test_duckdb_needs_today_only_where_it_is_used() -> None:
    assert to_duckdb(Today(), today=3) == "3.0e0"
    with pytest.raises(ValueError, match="CURRENT_DATE"):
        to_duckdb(Today())


@pytest.mark.parametrize(
    "value", [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, 1e22, 123456789.123456789, -2.5e-7]
)
def test_duckdb_reads_doubles_back_exactly(value: float) -> None:
    literal = Literal(Decimal(value), Kind.NUMBER)
    assert duckdb.execute(f"SELECT {to_duckdb(literal)}").fetchone() == (value,)


def test_constants_of_every_kind() -> None:
    found: list[Value] = [
        to_python(Literal(value, kind))({}, 0)
        for value, kind in (
            (Decimal("1.5"), Kind.NUMBER),
            (Decimal(150), Kind.MONEY),
            ("x", Kind.CATEGORY),
            (True, Kind.BOOLEAN),
            (date(1970, 1, 2), Kind.DATE),
            (7, Kind.DURATION),
            (None, Kind.NULL),
        )
    ]
    assert found == [1.5, 150.0, "x", True, 1.0, 7.0, None]


@pytest.mark.parametrize("compiler", [to_python, to_numpy, to_duckdb])
def test_what_is_no_node_is_a_fault(compiler: object) -> None:
    assert callable(compiler)
    with pytest.raises(TypeError, match="no node"):
        compiler("DROP TABLE")


def test_lineage() -> None:
    node = parse("CASE WHEN b THEN n ELSE LENGTH(c) END > 1 OR c IN ('x')", SCOPE)
    assert names_of(node) == {"b", "n", "c"}
    assert not uses_today(node)
    assert uses_today(IsNull(Today()))
    assert names_of(Today()) == frozenset()


def test_size_counts_what_is_written_out() -> None:
    leaf: Node = Name("b", Kind.BOOLEAN)
    node: Node = leaf
    for _ in range(40):
        node = And((node, node))
    assert measured(node) == Size(2**41 - 1, 41)
    assert [type(part).__name__ for part in walk(Like(Name("c", Kind.CATEGORY), "x"))] == ["Like", "Name"]


def test_null_constants_among_texts() -> None:
    node = Case(((Name("b", Kind.BOOLEAN), NULL),), Literal("x", Kind.CATEGORY), Kind.CATEGORY)
    column = to_numpy(node)({"b": Floats(np.array([1.0, 0.0]))}, 0, 2)
    assert isinstance(column, Texts)
    assert [column.texts[index] if index >= 0 else None for index in column.indices] == [None, "x"]
    call = Call("COALESCE", (NULL, Literal("x", Kind.CATEGORY)), Kind.CATEGORY)
    assert to_python(call)({}, 0) == "x"


def test_a_column_may_have_the_name_of_the_lambda_parameter() -> None:
    scope = Scope({"v": Kind.NUMBER, "isfinite": Kind.NUMBER})
    written = to_duckdb(parse("v / NULLIF(ROUND(v + isfinite, -1), v)", scope))
    row = duckdb.execute(f"SELECT {written} FROM (SELECT 5e0 AS v, 1e0 AS isfinite)").fetchone()
    assert row == (0.5,)
