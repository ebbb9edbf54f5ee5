"""The cases in which Python, NumPy and DuckDB differ of themselves, each pinned to one meaning."""

from __future__ import annotations

import pytest
from tests.language.backends import on_all
from tests.language.generators import SCOPE

from onefold.language.parse import parse
from onefold.language.values import Value

NULL = None


def values(text: str, *rows: dict[str, Value]) -> list[Value]:
    """Evaluate a text over rows by all three backends; the names are n, m, c, b, d, t, u."""
    short = {
        "n": "number",
        "m": "money",
        "c": "category",
        "b": "boolean",
        "d": "date",
        "t": "instant",
        "u": "duration",
    }
    node = parse(text, SCOPE)
    return on_all(node, [{f"{short[name[0]]}{name[1]}": value for name, value in row.items()} for row in rows or ({},)])


def value(text: str, **row: Value) -> Value:
    (found,) = values(text, row)
    return found


TRUTH: tuple[Value, ...] = (True, False, None)


def test_and_or_not_of_unknown() -> None:
    pairs = [{"b1": left, "b2": right} for left in TRUTH for right in TRUTH]
    assert values("boolean1 AND boolean2", *pairs) == [
        True,
        False,
        NULL,
        False,
        False,
        False,
        NULL,
        False,
        NULL,
    ]
    assert values("boolean1 OR boolean2", *pairs) == [True, True, True, True, False, NULL, True, NULL, NULL]
    assert values("NOT boolean1", *({"b1": truth} for truth in TRUTH)) == [False, True, NULL]


def test_not_in_with_null_is_never_true() -> None:
    rows: list[dict[str, Value]] = [{"n1": 1.0}, {"n1": 2.0}, {"n1": NULL}]
    assert values("number1 IN (1, NULL)", *rows) == [True, NULL, NULL]
    assert values("number1 NOT IN (1, NULL)", *rows) == [False, NULL, NULL]
    assert values("number1 NOT IN (1)", *rows) == [False, True, NULL]
    assert values("category1 NOT IN ('a', NULL)", {"c1": "a"}, {"c1": "b"}) == [False, NULL]


def test_unequal_to_null_is_unknown() -> None:
    assert values("number1 <> 1", {"n1": NULL}, {"n1": 2.0}) == [NULL, True]
    assert values("number1 <> number2", {"n1": 1.0, "n2": NULL}) == [NULL]
    assert values("category1 <> category2", {"c1": "a", "c2": NULL}, {"c1": NULL, "c2": NULL}) == [NULL, NULL]


def test_nan_never_compares_equal_to_itself_for_there_is_none() -> None:
    """0/0 is NULL, so x = x is unknown; DuckDB's own NaN would equal itself and exceed everything."""
    zero: dict[str, Value] = {"n1": 0.0}
    assert values("number1 / number1 = number1 / number1", zero) == [NULL]
    assert values("number1 / number1 > 1e300", zero) == [NULL]
    assert values("number1 / number1 IS NULL", zero) == [True]


def test_integer_division_gives_a_fraction() -> None:
    assert value("7 / 2") == 3.5
    assert value("-7 / 2") == -3.5
    assert value("1 / 3 * 3 = 1") is True


def test_division_by_zero_is_null() -> None:
    assert values("1 / number1", {"n1": 0.0}, {"n1": -0.0}, {"n1": 4.0}) == [NULL, NULL, 0.25]
    assert value("MOD(5, 0)") is NULL


def test_overflow_is_null_and_never_infinity() -> None:
    big: dict[str, Value] = {"n1": 1e308}
    assert values("number1 * 10", big) == [NULL]
    assert values("number1 + number1", big) == [NULL]
    assert values("-number1 - number1", big) == [NULL]
    assert values("1 / (number1 * 10)", big) == [NULL]
    assert values("number1 * 10 - number1 * 10", big) == [NULL]
    assert values("number1 / 5e-324", big) == [NULL]


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        (0.5, 1.0),
        (1.5, 2.0),
        (2.5, 3.0),
        (-0.5, -1.0),
        (-2.5, -3.0),
        (0.49999999999999994, 0.0),
        (1e300, 1e300),
    ],
)
def test_round_takes_halves_away_from_zero(number: float, rounded: float) -> None:
    assert value("ROUND(number1)", n1=number) == rounded


def test_round_with_digits() -> None:
    assert value("ROUND(number1, 2)", n1=2.675) == 2.68
    assert value("ROUND(number1, 2)", n1=1.005) == 1.0
    assert value("ROUND(number1, -2)", n1=-150.0) == -200.0
    assert value("ROUND(number1, 2)", n1=1e308) == 1e308
    assert value("ROUND(money1)", m1=12_350.0) == 12_400.0
    assert value("ROUND(money1, 1)", m1=-12_345.0) == -12_350.0
    assert value("ROUND(money1 / 7, 2)", m1=100.0) == 14.0


def test_lower_folds_ascii_only() -> None:
    assert value("LOWER(category1)", c1="ABZİÉẞ") == "abzİÉẞ"
    assert value("UPPER(category1)", c1="abzßé") == "ABZßé"


def test_length_counts_code_points() -> None:
    assert value("LENGTH(category1)", c1="😀e\u0301İ") == 4.0
    assert value("LENGTH(category1)", c1="") == 0.0


def test_the_empty_text_is_not_null() -> None:
    assert value("category1 IS NULL", c1="") is False
    assert value("category1 = ''", c1="") is True
    assert value("category1 || 'x'", c1="") == "x"


def test_trailing_blanks_count() -> None:
    assert value("category1 = 'a'", c1="a ") is False
    assert value("category1 LIKE 'a'", c1="a ") is False


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a_c", "a😀c", True),
        ("a_c", "ae\u0301c", False),
        ("a%c", "a\n\nc", True),
        ("%", "", True),
        ("_", "", False),
        ("a\\%", "a\\bc", True),
        ("a\\%", "a%", False),
        ("%.%", "abc", False),
        ("[a]", "a", False),
        ("%ab%ab%", "xabyabz", True),
        ("%ab%ab%", "xaby", False),
        ("ab%ba", "aba", False),
        ("A%", "abc", False),
        ("%a_", "aab", True),
        ("_%_", "ab", True),
        ("a'b", "a'b", True),
    ],
)
def test_like_special_characters(pattern: str, text: str, found: bool) -> None:
    quoted = pattern.replace("'", "''")
    assert value(f"category1 LIKE '{quoted}'", c1=text) is found
    assert value(f"category1 NOT LIKE '{quoted}'", c1=text) is not found
    assert value(f"category1 LIKE '{quoted}'") is NULL


def test_texts_are_ordered_by_code_point() -> None:
    """Not by a locale (a < B) and not by UTF-16 units (😀 before U+FF5E)."""
    assert value("category1 < category2", c1="B", c2="a") is True
    assert value("category1 < category2", c1="～", c2="😀") is True
    assert value("category1 < category2", c1="", c2=" ") is True
    assert value("category1 = category2", c1="é", c2="e\u0301") is False
    pairs: list[dict[str, Value]] = [{"c1": "～", "c2": "😀"}, {"c1": "b", "c2": "B"}, {"c1": "a", "c2": "aa"}]
    assert values("category1 < category2", *pairs) == [True, False, True]


def test_negative_zero_equals_zero() -> None:
    assert value("number1 = 0", n1=-0.0) is True
    assert value("number1 IN (0)", n1=-0.0) is True
    assert value("NULLIF(number1, 0)", n1=-0.0) is NULL
    assert value("number1 < 0", n1=-0.0) is False


def test_least_and_greatest_pass_over_null() -> None:
    assert value("LEAST(number1, 3, number2)", n2=2.0) == 2.0
    assert value("GREATEST(category1, 'b')") == "b"
    assert value("GREATEST(number1, number2)") is NULL


def test_mod_has_the_sign_of_the_dividend() -> None:
    assert value("MOD(-7, 3)") == -1.0
    assert value("MOD(7, -3)") == 1.0
    assert value("MOD(number1, number2)", n1=1.5, n2=0.49999999999999994) == 1.6653345369377348e-16


def test_concat_of_null_is_null() -> None:
    assert value("CONCAT(category1, 'x')") is NULL
    assert value("category1 || category2", c1="a") is NULL


def test_case_takes_the_first_that_is_true() -> None:
    text = "CASE WHEN number1 > 1 THEN 'a' WHEN number1 > 0 THEN 'b' END"
    assert values(text, {"n1": 2.0}, {"n1": 1.0}, {"n1": 0.0}, {"n1": NULL}) == ["a", "b", NULL, NULL]
    assert values("CASE number1 WHEN 1 THEN 'a' ELSE 'z' END", {"n1": 1.0}, {"n1": NULL}) == ["a", "z"]


def test_money_is_written_in_major_units() -> None:
    assert values("money1 > 12.345", {"m1": 1234.0}, {"m1": 1235.0}) == [False, True]
    assert value("money1 / 4 + 0.01", m1=100.0) == 26.0
    assert value("money1 / money2", m1=100.0, m2=400.0) == 0.25
    assert value("COALESCE(money1, 5)") == 500.0
    assert value("money1 IN (1, 2)", m1=200.0) is True


def test_dates_around_leap_days() -> None:
    day = parse("DATE '2024-02-29' + INTERVAL 1 YEAR = DATE '2025-02-28'", SCOPE)
    assert on_all(day, [{}]) == [True]
    assert value("DATE '2024-01-31' + INTERVAL 1 MONTH = DATE '2024-02-29'") is True
    assert value("DATE '2024-03-31' - INTERVAL '1' MONTH = DATE '2024-02-29'") is True
    assert value("DATE '2024-03-01' - DATE '2024-02-28'") == 2.0
    assert value("DATE '2024-02-28' + 1.5 = DATE '2024-03-01'") is True
    assert value("2 + DATE '2024-02-28' = DATE '2024-03-01'") is True
    assert value("DATE '2024-03-01' - INTERVAL 1 WEEK = DATE '2024-02-23'") is True
    assert value("CURRENT_DATE = DATE '2024-02-29'") is True
    assert value("DATE '9999-12-31' + INTERVAL 1 MONTH") is NULL


def test_instants_and_durations() -> None:
    assert value("TIMESTAMP '2026-01-01T01:00:00+01:00' = TIMESTAMP '2026-01-01T00:00:00Z'") is True
    assert value("(TIMESTAMP '2026-01-02T00:00:00Z' - TIMESTAMP '2026-01-01T00:00:00Z') / INTERVAL 12 HOUR") == 2.0
    assert value("INTERVAL 1 WEEK = 7 * INTERVAL 1 DAY") is True
    assert value("-INTERVAL 1 DAY < INTERVAL 0 SECOND") is True


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", 12.0), ("-1.50", -1.5), ("+.5", 0.5), ("5.", 5.0), ("0.1", 0.1), ("", NULL), (" 1", NULL)),
        *(
            ("1e3", NULL),
            ("1,5", NULL),
            ("--1", NULL),
            (".", NULL),
            ("٣", NULL),
            ("inf", NULL),
            ("NaN", NULL),
        ),
        *(("1\n", NULL), ("9" * 400, NULL), ("0.1000000000000000055511151231257827", 0.1), ("1_0", NULL)),
    ],
)
def test_number_reads_plain_decimals_only(text: str, number: float | None) -> None:
    assert value("NUMBER(category1)", c1=text) == number


@pytest.mark.parametrize(
    ("text", "template", "iso"),
    [
        ("930105", "%y%m%d", "1993-01-05"),
        ("690101", "%y%m%d", "1969-01-01"),
        ("681231", "%y%m%d", "2068-12-31"),
        ("1.2.1999", "%d.%m.%Y", "1999-02-01"),
        ("29.02.2023", "%d.%m.%Y", NULL),
        ("29.02.2024", "%d.%m.%Y", "2024-02-29"),
        ("1x2x1999", "%d.%m.%Y", NULL),
        ("931107 00:00:00", "%y%m%d %H:%M:%S", "1993-11-07"),
        ("931107 24:00:00", "%y%m%d %H:%M:%S", NULL),
        ("0000-01-01", "%Y-%m-%d", NULL),
        ("0001-01-01", "%Y-%m-%d", "0001-01-01"),
        ("1999-01-01\n", "%Y-%m-%d", NULL),
        ("1999-01-01", "%Y-%m-%d%%", NULL),
        ("1999-01-01%", "%Y-%m-%d%%", "1999-01-01"),
    ],
)
def test_to_date_reads_what_matches_and_exists(text: str, template: str, iso: str | None) -> None:
    expected = value(f"DATE '{iso}' - DATE '1970-01-01'") if iso else NULL
    assert value(f"TO_DATE(category1, '{template}')", c1=text) == expected


def test_to_instant_reads_fractions() -> None:
    text = "TO_INSTANT(category1, '%Y-%m-%d %H:%M:%S.%f') = TIMESTAMP '1996-02-29T03:04:05.678Z'"
    assert value(text, c1="1996-02-29 03:04:05.678") is True
    assert value("TO_INSTANT(category1, '%d/%m/%Y %H.%M')", c1="2/1/1970 0.01") == 86_460e6


def test_make_date_and_its_pieces() -> None:
    birth = (
        "MAKE_DATE(1900 + NUMBER(SUBSTRING(category1, 1, 2)), "
        "MOD(NUMBER(SUBSTRING(category1, 3, 2)), 50), NUMBER(SUBSTRING(category1, 5, 2))) = DATE '1945-02-04'"
    )
    assert values(birth, {"c1": "455204"}, {"c1": "450204"}, {"c1": "451304"}, {"c1": NULL}) == [
        True,
        True,
        NULL,
        NULL,
    ]
    for year, month, day in ((2023.0, 2.0, 29.0), (0.0, 1.0, 1.0), (2023.5, 1.0, 1.0), (1e300, 1.0, 1.0)):
        assert value(f"MAKE_DATE(number1, number2, number1 - number1 + {day})", n1=year, n2=month) is NULL


def test_trim_takes_spaces_only() -> None:
    assert value("TRIM(category1)", c1="  \ta \u00a0 ") == "\ta \u00a0"
