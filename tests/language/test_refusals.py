"""What lies outside the language is refused, at its exact place and with something to do about it."""

from __future__ import annotations

import pytest

from onefold.core.errors import Place, UserError
from onefold.language.ast import Kind
from onefold.language.parse import parse, parse_predicate
from onefold.language.scope import MAPPING, Scope

NAMES = {
    "amount": Kind.MONEY,
    "n": Kind.NUMBER,
    "c": Kind.CATEGORY,
    "b": Kind.BOOLEAN,
    "d": Kind.DATE,
    "t": Kind.INSTANT,
    "u": Kind.DURATION,
    "context.page": Kind.CATEGORY,
}
SCOPE = Scope(NAMES)

REFUSED = [
    # text, column, a part of the reason or remedy
    ("amout > 3", 1, "Did you mean `amount`?"),
    ("n = 1 AND contxt.page = 'x'", 11, "Did you mean `context.page`?"),
    ("N = 1", 1, "Did you mean `n`?"),
    ("amount + n > 1", 10, "has no meaning"),
    ("1 / amount > 1", 5, "has no meaning"),
    ("amount * amount > 1", 10, "has no meaning"),
    ("amount > n", 10, "do not go together"),
    ("amount > 2 * 50", 10, "one plain number"),
    ("c = 3", 5, "Write texts in quotes"),
    ("d = '2026-01-31'", 5, "DATE '2026-01-31'"),
    ("t > '2026-01-31'", 5, "TIMESTAMP"),
    ("t > d", 5, "do not go together"),
    ("u > 3", 5, "INTERVAL 3 DAY"),
    ("d + u > d", 5, "whole days"),
    ("d + INTERVAL '5' HOUR > d", 5, "whole days"),
    ("t + INTERVAL 1 MONTH > t", 1, "dates only"),
    ("u = INTERVAL 1 MONTH", 5, "no fixed length"),
    ("u = INTERVAL 1 FORTNIGHT", 5, "no unit of time"),
    ("u = INTERVAL '3 days'", 5, "INTERVAL '3' DAY"),
    ("u = INTERVAL '1.5' DAY", 5, "whole number"),
    ("u = INTERVAL 9999999 DAY", 5, "285 years"),
    ("d = DATE '2026-02-30'", 5, "not a date"),
    ("d = DATE '2026-1-3'", 5, "not a date"),
    ("t = TIMESTAMP '2026-01-01'", 5, "offset"),
    ("t = TIMESTAMP '2026-01-01T00:00:00'", 5, "offset"),
    ("n = NULL", 5, "IS NULL"),
    ("n <> NULL", 6, "IS NOT NULL"),
    ("n BETWEEN NULL AND 2", 11, "IS NULL"),
    ("n + NULL > 1", 5, "always NULL"),
    ("b > TRUE", 1, "no order"),
    ("b = 1", 5, "TRUE or FALSE"),
    ("n AND b", 1, "a condition belongs here"),
    ("NOT n", 5, "a condition belongs here"),
    ("-c = 'x'", 2, "a minus cannot stand"),
    ("- d > d", 3, "a minus cannot stand"),
    ("+n > 1", 1, "a plus"),
    ("n == 3", 3, "Write ="),
    ("n > 1 > 0", 7, "two comparisons"),
    ("n = 1 = b", 7, "two comparisons"),
    ("n > 1 IS NULL", 7, "two comparisons"),
    ("b = NOT b", 5, "NOT cannot stand here"),
    ("b IS TRUE", 6, "NOT NULL"),
    ("b IS NOT TRUE", 6, "NOT"),
    ("n IS DISTINCT FROM n", 6, "only NULL"),
    ("c ILIKE 'x'", 3, "LOWER"),
    ("c SIMILAR TO 'x'", 3, "LIKE"),
    ("c LIKE 'x' ESCAPE '!'", 12, "no ESCAPE"),
    ("c LIKE c", 8, "constant"),
    ("c LIKE 3", 8, "compares texts"),
    ("n LIKE 'x'", 1, "compares texts"),
    ("c = 'a' COLLATE nocase", 9, "COLLATE"),
    ("COUNT(DISTINCT n) > 1", 16, "not expected"),
    ("c REGEXP 'x'", 3, "LIKE"),
    ("n ISNULL", 3, "IS NULL"),
    ("n NOTNULL", 3, "IS NOT NULL"),
    ("foo(n) > 1", 1, "no function FOO"),
    ("COALSCE(n, 1) > 1", 1, "Did you mean COALESCE?"),
    ("SUBSTRING(c, 1, 2) = 'x'", 1, "no function SUBSTRING"),
    ("ADD_MONTHS(d, 1) > d", 1, "no function ADD_MONTHS"),
    ("COALESCE(n) > 1", 1, "COALESCE(value, value)"),
    ("COALESCE(n, 'x') > 1", 13, "do not go together"),
    ("COALESCE(NULL, NULL) IS NULL", 1, "every argument is NULL"),
    ("ABS(c) > 1", 5, "belongs here"),
    ("ABS(NULL) > 1", 5, "belongs here"),
    ("ABS(n, n) > 1", 1, "ABS(number)"),
    ("ROUND(n, n) > 1", 10, "written out"),
    ("ROUND(n, 99) > 1", 10, "from -15 to 15"),
    ("GREATEST(b, b)", 10, "no order"),
    ("CASE WHEN b THEN NULL END IS NULL", 11, "every result"),
    ("CASE WHEN n THEN 1 END > 0", 11, "a condition belongs here"),
    ("CASE WHEN b THEN 1 ELSE 'x' END > 0", 25, "do not go together"),
    ("CASE n WHEN 'x' THEN 1 END > 0", 13, "do not go together"),
    ("CASE WHEN b THEN 1", 1, "Close it with END"),
    ("CASE WHEN b ELSE 1 END > 0", 13, "not expected"),
    ("CASE b END", 8, "not expected"),
    ("n IN (n)", 7, "constants only"),
    ("n IN (1, 'x')", 10, "do not go together"),
    ("n IN ()", 7, "missing"),
    ("n IN 1", 6, "IN takes a list"),
    ("(n, n) IN ((1, 2))", 2, "not part of the language"),
    ("n IN (SELECT 1)", 14, "not expected"),
    ("(SELECT 1) > n", 9, "not expected"),
    ("EXISTS (n)", 1, "no function EXISTS"),
    ("CAST(n AS INT) = 1", 8, "not expected"),
    ("n::int = 1", 2, "casts"),
    ("n = ?", 5, "parameters"),
    ("n = $1", 5, "parameters"),
    ("n = :x", 5, "parameters"),
    ("n = @x", 5, "parameters"),
    ("n -- a comment", 3, "comments"),
    ("n > 1 /* a comment */ AND b", 7, "comments"),
    ("n > 1; DROP TABLE x", 6, "semicolon"),
    ('"n" = 1', 1, "quoted names"),
    ("`n` = 1", 1, "quoted names"),
    ("n[1] = 1", 2, "brackets"),
    ("{n} = 1", 1, "braces"),
    ("n % 2 = 1", 3, "%"),
    ("n // 2 = 1", 4, "missing"),
    ("n DIV 2 = 1", 3, "Write /"),
    ("n ^ 2 = 1", 3, "not part"),
    ("n & 2 = 1", 3, "not part"),
    ("! b", 1, "not part"),
    ("~n = 1", 1, "not part"),
    ("c || 'x' = 'y'", 3, "not part"),
    ("SUM(n) OVER (ORDER BY n) > 1", 8, "Window"),
    ("x -> x", 4, "missing"),
    ("lambda x: x", 9, "parameters"),
    ("n * *", 5, "missing"),
    ("COUNT(*) > 1", 7, "missing"),
    ("n.__class__ = 1", 1, "__"),
    ("__import__('os')", 1, "__"),
    ("n. x = 1", 2, "must follow the point"),
    ("n .x = 1", 3, "must follow the point"),
    ("0x1F = n", 1, "plain decimal"),
    ("1_000 = n", 1, "plain decimal"),
    ("1e = n", 1, "plain decimal"),
    ("1.2.3 = n", 1, "plain decimal"),
    ("1e999 = n", 1, "too large"),
    ("amount < 1e308", 10, "too large"),
    ("E'a' = c", 1, "prefix"),
    ("x'41' = c", 1, "prefix"),
    ("'a' 'b' = c", 5, "not expected"),
    ("'abc", 1, "never closed"),
    ("c = 'it''s", 5, "never closed"),
    ("(n > 1", 1, "never closed"),
    ("n > 1)", 6, "closes nothing"),
    ("COALESCE(n,) > 1", 12, "missing"),
    ("COALESCE(,n) > 1", 10, "missing"),
    ("n > ", 3, "nothing follows"),
    ("AND b", 1, "missing"),
    ("b b", 3, "operator"),
    ("n BETWEEN 1", 11, "not expected"),
    ("n BETWEEN 1 OR 2", 13, "not expected"),
    ("n NOT 1", 3, "NOT cannot stand here"),
    ("n, n", 2, "cannot stand here"),
    ("\x00n", 1, "control character"),
    ("c = 'a\x07'", 7, "control character"),
    ("c = '\ud800'", 6, "control character"),
    ("n = ٣", 5, "plain decimal"),
    ("é = 1", 1, "not part of the language"),
    ("n\u00a0= 1", 2, "cannot stand"),
    ("", 1, "empty"),
    ("  \n ", 1, "empty"),
    ("-- only a comment", 1, "comments"),
]


@pytest.mark.parametrize(("text", "column", "words"), REFUSED)
def test_refused_at_its_column_with_a_remedy(text: str, column: int, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text, SCOPE)
    problem = caught.value.problems[0]
    assert (problem.place.line, problem.place.column) == (1, column), str(problem)
    assert words in f"{problem.why}. {problem.remedy}", str(problem)
    assert problem.remedy.endswith((".", "?"))


def test_every_independent_problem_is_told() -> None:
    with pytest.raises(UserError) as caught:
        parse("c = 3\n  AND amunt > 2 AND (n = 'x' OR foo(n, m) > 1)", SCOPE, place=Place("f.yaml", 10, 12))
    assert [str(problem.place) for problem in caught.value.problems] == [
        "f.yaml:10:16",
        "f.yaml:11:7",
        "f.yaml:11:26",
        "f.yaml:11:33",
    ]


def test_a_condition_is_demanded_where_one_belongs() -> None:
    assert parse_predicate("b", SCOPE) == parse("b", SCOPE)
    for text in (" n + 1", "NULL", "c", "CASE WHEN b THEN 1 END"):
        with pytest.raises(UserError, match="a condition belongs here") as caught:
            parse_predicate(text, SCOPE)
        assert caught.value.problems[0].place.column == 1 + len(text) - len(text.lstrip())


def test_concatenation_belongs_to_mappings() -> None:
    mapping = Scope(NAMES, functions=MAPPING)
    assert parse("c || 'x' || c", mapping).kind is Kind.CATEGORY
    with pytest.raises(UserError, match="belongs here"):
        parse("c || n", mapping)


def test_no_names_are_known() -> None:
    with pytest.raises(UserError, match="No names can be used here"):
        parse("n > 1", Scope({}))


@pytest.mark.parametrize("text", ["TO_DATE(c, '%Q')", "TO_DATE(c, '%Y')", "TO_DATE(c, c)", "TO_DATE(c, '%Y%y%m%d')"])
def test_formats_are_checked_when_read(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text, Scope(NAMES, functions=MAPPING))
    assert caught.value.problems[0].place.column == 12


@pytest.mark.parametrize(
    "text",
    ["SUBSTRING(c, 0, 2)", "SUBSTRING(c, n, 2)", "SUBSTRING(c, 1)", "SUBSTRING(c, 1, -1)", "MOD(amount, 2)"],
)
def test_mapping_functions_check_their_arguments(text: str) -> None:
    with pytest.raises(UserError):
        parse(text, Scope(NAMES, functions=MAPPING))
