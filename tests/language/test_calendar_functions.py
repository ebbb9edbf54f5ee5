"""days_to, holiday and anniversary_within: all backends against walking from day to day; refusals, texts, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language import slow_calendar as slow
from tests.language.backends import plain, typed

from onefold.core.calendar import Calendar, Period, stretch_of
from onefold.core.errors import UserError
from onefold.core.instant import date_of, days_of
from onefold.language.ast import Call, Kind, Literal, Node, Today
from onefold.language.columns import Floats
from onefold.language.lineage import names_of, uses_calendar, uses_today
from onefold.language.normal import push_not
from onefold.language.parse import parse
from onefold.language.scope import GENOME, Scope
from onefold.language.sentence import sentence
from onefold.language.to_duckdb import to_duckdb
from onefold.language.to_numpy import to_numpy
from onefold.language.to_python import to_python
from onefold.language.values import Value
from onefold.segments.frames import dated
from onefold.segments.written import written

PERIODS = {
    "summer": [("07-01", "08-31")],
    "winter": [("12-01", "02-28")],
    "leap": [("02-29", "03-01")],
    "up_to_leap": [("11-15", "02-29")],
    "one_day": [("02-29", "02-29")],
    "always": [("03-01", "02-29")],
    "black_friday": [("2026-11-27", "2026-11-30"), ("2027-11-26", "2027-11-29")],
    "mixed": [("2026-06-01", "2026-06-02"), ("12-20", "01-06"), ("04-01", "04-10"), ("2026-06-02", "2026-06-20")],
}
CALENDAR = Calendar("CZ", {name: Period(name, tuple(stretch_of(*one) for one in of)) for name, of in PERIODS.items()})
NAMES = {"birth_date": Kind.DATE, "n": Kind.NUMBER}
SCOPE = Scope(NAMES, functions=GENOME, calendar=CALENDAR)
TODAYS = st.dates(date(2023, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [
        date(year, month, day)
        for year in (2024, 2026, 2028)
        for month, day in ((2, 28), (3, 1), (7, 1), (8, 31), (12, 31))
    ]
    + [date(2024, 2, 29), date(2028, 2, 29), date(2026, 11, 30), date(2026, 12, 1), date(2027, 11, 29)]
)


def tree(text: str) -> Node:
    return parse(text, SCOPE)


def on_all(node: Node, today: date, births: Sequence[date | None] = (None,)) -> list[Value]:
    """Evaluate by all backends and with today as a column, insist that they agree, and return the values."""
    day = days_of(today)
    values = [None if birth is None else float(days_of(birth)) for birth in births]
    run = to_python(node)
    found = [run({"birth_date": value}, day) for value in values]
    column = Floats(np.array([np.nan if value is None else value for value in values]))
    assert typed(plain(to_numpy(node)({"birth_date": column}, day, len(values)), node.kind)) == typed(found)
    days = {"birth_date": column, "CURRENT_DATE": Floats(np.full(len(values), float(day)))}
    assert typed(plain(to_numpy(dated(node))(days, 0, len(values)), node.kind)) == typed(found)
    rows = ", ".join(f"({'NULL' if value is None else value}::DOUBLE)" for value in values)
    query = f"SELECT {to_duckdb(node, today=day)} FROM (VALUES {rows}) AS t(birth_date)"
    assert typed([value for (value,) in in_duckdb(query)]) == typed(found)
    return found


@lru_cache(maxsize=1)
def connected() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def in_duckdb(query: str) -> list[tuple[Value, ...]]:
    found: list[tuple[Value, ...]] = connected().execute(query).fetchall()
    return found


@settings(deadline=None, max_examples=150)
@given(TODAYS, st.sampled_from(sorted(PERIODS)))
def test_days_to_a_period(today: date, name: str) -> None:
    expected = slow.days_to(PERIODS[name], today)
    assert on_all(tree(f"days_to('{name}')"), today) == [None if expected is None else float(expected)]


@pytest.mark.parametrize(
    ("name", "today", "days"),
    [
        ("summer", "2026-06-02", 29), ("summer", "2026-06-03", 28), ("summer", "2026-07-01", 0),
        ("summer", "2026-08-31", 0), ("summer", "2026-09-01", 303), ("winter", "2027-02-28", 0),
        ("winter", "2028-02-29", 276), ("winter", "2026-11-30", 1), ("winter", "2026-12-31", 0),
        ("leap", "2026-02-27", 1), ("leap", "2026-02-28", 0), ("leap", "2028-02-28", 1), ("one_day", "2027-03-01", 365),
        ("one_day", "2026-03-01", 364), ("always", "2028-02-29", 0), ("black_friday", "2026-11-30", 0),
        ("black_friday", "2026-12-01", 360), ("black_friday", "2027-11-30", None),
    ],
)  # fmt: skip
def test_days_to_by_hand(name: str, today: str, days: int | None) -> None:
    assert on_all(tree(f"days_to('{name}')"), date.fromisoformat(today)) == [days]


BIRTHS = st.dates(date(1900, 1, 1), date(2035, 12, 31)) | st.sampled_from([date(2000, 2, 29), date(2028, 2, 29)])


@settings(deadline=None, max_examples=150)
@given(TODAYS, st.lists(BIRTHS | st.none(), min_size=1, max_size=5), st.integers(0, 366))
def test_anniversaries(today: date, births: list[date | None], most: int) -> None:
    near = [today + timedelta(days=by) for by in (-366, -365, -1, 0, 1)]
    every = [*births, *near]
    found = on_all(tree(f"anniversary_within(birth_date, {most})"), today, every)
    assert found == [None if one is None else slow.anniversary_within(one, most, today) for one in every]


@pytest.mark.parametrize(
    ("birth", "most", "today", "within"),
    [
        ("2000-02-29", 0, "2026-02-28", True), ("2000-02-29", 0, "2028-02-28", False),
        ("2000-02-29", 0, "2028-02-29", True), ("2000-02-29", 1, "2028-02-28", True),
        ("2000-05-04", 7, "2026-04-26", False), ("2000-05-04", 7, "2026-04-27", True),
        ("2000-05-04", 0, "2026-05-04", True), ("2000-05-04", 364, "2026-05-05", True),
        ("2000-05-04", 363, "2026-05-05", False), ("2000-01-02", 3, "2026-12-30", True),
        ("2026-05-04", 7, "2026-05-04", False), ("2026-05-05", 7, "2026-05-04", False),  # a start is no anniversary
        ("2026-05-04", 0, "2027-05-04", True), ("2026-05-04", 365, "2026-05-04", True),
        ("2027-05-04", 366, "2026-05-04", False),
    ],
)  # fmt: skip
def test_anniversaries_by_hand(birth: str, most: int, today: str, within: bool) -> None:
    node = tree(f"anniversary_within(birth_date, {most})")
    assert on_all(node, date.fromisoformat(today), [date.fromisoformat(birth)]) == [within]


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 2, 28), date(2026, 12, 30), date(2150, 5, 4)])
def test_anniversaries_of_many_at_once(today: date) -> None:
    """Many rows are looked up in a table; each must be what it is alone, also outside the table's years."""
    day, node = days_of(today), tree("anniversary_within(birth_date, 3)")
    days = np.concatenate(
        [np.arange(-35_000.0, 40_000.0, 7.0), np.arange(day - 800.0, day + 800.0), [np.nan, -8e5, 3e6]]
    )
    run = to_python(node)
    expected = [run({"birth_date": None if value != value else value}, day) for value in days.tolist()]
    assert plain(to_numpy(node)({"birth_date": Floats(days)}, day, len(days)), Kind.BOOLEAN) == expected
    assert {True, False, None} == set(expected)


@pytest.mark.parametrize("days", [-719_163.0, 2_932_897.0, 1e300])
def test_no_anniversary_of_what_is_no_date(days: float) -> None:
    node, today = tree("anniversary_within(birth_date, 366)"), 20_000
    assert to_python(node)({"birth_date": days}, today) is None
    column = to_numpy(node)({"birth_date": Floats(np.array([days, 2_932_896.0]))}, today, 2)
    assert plain(column, Kind.BOOLEAN) == [None, False]
    query = f"SELECT {to_duckdb(node, today=today)} FROM (VALUES ({days}::DOUBLE), (2932896.0)) AS t(birth_date)"
    assert in_duckdb(query) == [(None,), (False,)]


def test_czech_holidays_by_the_law() -> None:
    node = tree("holiday()")
    run = to_python(node)
    days = np.arange(days_of(date(2016, 1, 1)), days_of(date(2076, 1, 1)))
    expected = [slow.czech_holiday(date_of(int(day))) for day in days]
    assert [run({}, int(day)) for day in days] == expected
    column = to_numpy(dated(node))({"CURRENT_DATE": Floats(days.astype(np.float64))}, 0, len(days))
    assert plain(column, Kind.BOOLEAN) == expected
    assert sum(expected) > 60 * 12


@settings(deadline=None, max_examples=60)
@given(TODAYS, st.sampled_from(["CZ", "DE-BY", "US", "AT", "GB-SCT"]))
def test_holidays_agree(today: date, region: str) -> None:
    scope = Scope({}, functions=GENOME, calendar=Calendar(region))
    on_all(parse("holiday()", scope), today)


def test_holidays_of_regions_and_those_that_are_moved() -> None:
    def holiday(region: str, today: str) -> Value:
        node = parse("holiday()", Scope({}, functions=GENOME, calendar=Calendar(region)))
        return on_all(node, date.fromisoformat(today))[0]

    assert (holiday("DE", "2026-06-04"), holiday("DE-BY", "2026-06-04")) == (False, True)  # Corpus Christi
    assert holiday("US", "2021-12-31") is True  # for New Year's Day 2022, a Saturday
    assert (holiday("CZ", "1701-01-01"), holiday("CZ", "2026-12-24")) == (False, True)  # long before any data
    assert (holiday("IN", "2026-01-26"), holiday("IN", "2150-01-26")) == (True, False)  # known from 2001 to 2035


def test_the_tree_means_the_same_wherever_it_goes() -> None:
    node = tree("days_to('winter')")
    assert node == Call("DAYS_TO", (Literal("winter: 12-01..02-28", Kind.CATEGORY), Today()), Kind.NUMBER)
    assert tree("HOLIDAY()") == Call("HOLIDAY", (Literal("CZ", Kind.CATEGORY), Today()), Kind.BOOLEAN)


def test_they_change_at_midnight_and_name_what_they_read() -> None:
    for text, names in (("days_to('summer')", set()), ("holiday()", set()),
                        ("anniversary_within(birth_date, 7)", {"birth_date"})):  # fmt: skip
        node = tree(f"n > 1 OR {text} IS NULL")
        assert uses_today(node)
        assert uses_calendar(node)
        assert names_of(node) == {"n", *names}
    assert not uses_calendar(tree("birth_date < CURRENT_DATE AND ABS(n) > 1"))


WRITTEN = [
    "days_to('summer') <= 28",
    "NOT holiday() AND days_to('black_friday') IS NULL",
    "anniversary_within(birth_date, 7) OR days_to('mixed') + n > 3",
    "anniversary_within((birth_date + INTERVAL '18' MONTH), 0)",
    "CASE WHEN holiday() THEN 1 ELSE days_to('winter') END = 1",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_written_out_as_an_analyst_writes_them(text: str) -> None:
    node = tree(text)
    assert written(node) == text
    assert tree(written(push_not(node))) == push_not(node)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days_to('summer') <= 28", "there are at most 28 days to summer"),
        ("days_to('black_friday') = 1", "there is 1 day to black friday"),
        ("NOT days_to('summer') <= 28", "there are more than 28 days to summer"),
        ("days_to('summer') <> 3", "there are not 3 days to summer"),
        ("days_to('summer') > n", "the number of days to summer is more than the n"),
        ("days_to('black_friday') IS NOT NULL", "the number of days to black friday is known"),
        ("holiday()", "today is a public holiday (CZ)"),
        ("anniversary_within(birth_date, 7)", "the next anniversary of the birth date is at most 7 days away"),
        ("anniversary_within(birth_date, 1)", "the next anniversary of the birth date is at most 1 day away"),
        ("anniversary_within(birth_date, 0)", "today is an anniversary of the birth date"),
    ],
)
def test_sentences(text: str, said: str) -> None:
    assert sentence(tree(text)) == said


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("n > 1 AND days_to('sumer') < 3", 19, "no period of that name in the calendar. Did you mean `summer`?"),
        ("days_to('Summer') < 3", 9, "Did you mean `summer`?"),
        ("days_to('xyzzyx') < 3", 9, "Use one of always, black_friday, leap"),
        ("days_to('summer', 3) < 3", 1, "Write days_to('summer')"),
        ("days_to() < 3", 1, "Write days_to('summer')"),
        ("days_to(n) < 3", 9, "a text must be written out here"),
        ("days_to('summer') = 'x'", 21, "do not go together"),
        ("holiday('CZ')", 1, "Write holiday()"),
        ("holiday() > 1", 13, "do not go together"),
        ("anniversary_within(n, 7)", 20, "a date belongs here"),
        ("anniversary_within(birth_date, 367)", 32, "Use one from 0 to 366"),
        ("anniversary_within(birth_date, -1)", 33, "Use one from 0 to 366"),
        ("anniversary_within(birth_date, 1.5)", 32, "Use one from 0 to 366"),
        ("anniversary_within(birth_date, n)", 32, "a whole number must be written out"),
        ("anniversary_within(birth_date)", 1, "anniversary_within(birth_date, 7)"),
        ("anniversary_within('2000-01-01', 7)", 20, "a date belongs here"),
    ],
)
def test_refusals(text: str, column: int, words: str) -> None:
    with pytest.raises(UserError) as caught:
        tree(text)
    (found,) = caught.value.problems
    assert found.place.column == column
    assert words in str(found)


def test_refusals_of_a_bank_without_a_calendar() -> None:
    scope = Scope(NAMES, functions=GENOME)
    for text, words in (
        ("holiday()", "calendar: {holidays: CZ}"),
        ("days_to('summer') < 3", "calendar: {periods: {summer"),
    ):
        with pytest.raises(UserError, match="onefold") as caught:
            parse(text, scope)
        assert words in caught.value.problems[0].remedy
    with pytest.raises(UserError, match="no function HOLIDAY here"):
        parse("holiday()", Scope(NAMES))
