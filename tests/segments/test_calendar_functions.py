"""Seasons, holidays and anniversaries in segments: they flip at local midnights, by time alone, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import pytest
from tests.features.harness import schema_of
from tests.language import slow_calendar as slow
from tests.segments.generated import BEGIN, LENGTH, Drawn, events
from tests.segments.naive import Naive
from tests.segments.test_history_oracle import FIRST, LAST, pool_of
from tests.segments.workbench import SCHEMA, Bench, at, day, event, section, stated

from onefold.core.calendar import Calendar, Period, stretch_of
from onefold.core.errors import UserError
from onefold.core.instant import DAY, format_instant
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.aggregates import Result
from onefold.features.definitions import Derived, Feature, FeatureSet
from onefold.features.reading import read_features
from onefold.features.scope import genome_scope
from onefold.language.ast import Kind
from onefold.language.parse import parse
from onefold.profiles.words import times_of
from onefold.segments.intervals import at as holds
from onefold.segments.reading import compile_predicate, read_segments
from onefold.segments.why import explain

PERIODS = {
    "summer": [("07-01", "08-31")],
    "spring": [("03-28", "04-02")],
    "fools": [("04-01", "04-01")],
    "most_of_it": [("04-05", "03-26")],
    "easter": [("2026-04-03", "2026-04-06")],
    "gone": [("2025-11-28", "2025-12-01"), ("2026-03-27", "2026-03-30")],
    "old_year": [("12-30", "12-30")],
}
CALENDAR = Calendar("CZ", {name: Period(name, tuple(stretch_of(*one) for one in of)) for name, of in PERIODS.items()})
FEATURES: dict[str, Any] = {
    "views": {"count": "view"},
    "views_2d": {"count": "view", "within": "2d"},
    "due": {"last": "paid.due"},
    "since_view": {"since_last": "view"},
}
EXPRESSIONS = {
    "season": "CASE WHEN days_to('spring') = 0 THEN 'in' WHEN days_to('spring') < 3 THEN 'near' ELSE 'off' END",
    "left": "days_to('easter') - since_view",
    "closed": "holiday() OR days_to('fools') = 0",
}
TYPES = {Kind.NUMBER: ValueType.NUMBER, Kind.BOOLEAN: ValueType.BOOLEAN, Kind.CATEGORY: ValueType.CATEGORY}
LEAVES = (
    "days_to('spring') <= {n}", "days_to('spring') = 0", "days_to('fools') BETWEEN 1 AND {n}", "days_to('gone') < {n}",
    "days_to('gone') IS NULL", "days_to('most_of_it') > 0", "days_to('easter') * 2 <= {n}", "holiday()",
    "days_to('summer') = 9{n}", "anniversary_within(birth_date, {n})", "anniversary_within(due, 36{n})",
    "anniversary_within(due - 365, {n})", "season = 'near'", "season <> 'off'", "left < {n}", "closed",
    "since_view > days_to('easter') / 2", "anniversary_within(birth_date, 0) IS NULL", "views_2d > {n}", "views > 1",
    "CASE WHEN holiday() THEN views_2d ELSE days_to('fools') END <= {n}",
)  # fmt: skip


@lru_cache(maxsize=1)
def features() -> FeatureSet:
    file = section("features", FEATURES, "features/all.yaml")
    found = read_features([file], replace(schema_of(SCHEMA), calendar=CALENDAR))
    file.problems.raise_if_any()
    derived = {}
    for name, text in EXPRESSIONS.items():
        node = parse(text, genome_scope(found))
        derived[name] = Feature(name, Derived(node, Result(TYPES[node.kind], exact=False)))
    return found.with_more(derived)


def bench(segments: dict[str, Any], zone_name: str = "UTC") -> Bench:
    file = section("segments", segments, "segments/all.yaml")
    found = read_segments([file], features())
    file.problems.raise_if_any()
    return Bench(features(), found, zone(zone_name))


def drawn(seed: int) -> Drawn:
    random = Random(seed)
    segments: dict[str, Any] = {}
    for name in ("a", "b", "c"):
        leaves = [random.choice(LEAVES).format(n=random.randrange(1, 7)) for _ in range(random.randrange(1, 4))]
        if segments and random.random() < 0.3:
            leaves.append(f"in_segment('{random.choice(list(segments))}')")
        negated = [f"NOT ({leaf})" if random.random() < 0.3 else f"({leaf})" for leaf in leaves]
        segments[name] = {"when": random.choice([" AND ", " OR "]).join(negated)}
        if random.random() < 0.3:
            segments[name]["hold"] = random.choice(["6h", "24h", "2d"])
        if random.random() < 0.3:
            segments[name]["dimension"] = "d"
    where = random.choice(["UTC", "Europe/Prague", "America/New_York", "Pacific/Auckland"])
    return Drawn(bench(segments, where), events(random), segments, 1 << 62)


def check(seed: int) -> None:
    case, random = drawn(seed), Random(seed)
    rows = case.bench.rows(case.events)
    found = case.bench.history.spans(rows, FIRST, LAST)
    naive = Naive(case.bench, rows, pool_of(case, sorted(set(times_of(rows).tolist())), found), case.known)
    starts = [case.bench.zone.start_of_day(one) for one in range(FIRST // DAY + 2, LAST // DAY - 1)]
    edges = {edge for spans in found.inside.values() for span in spans for edge in span}
    some = {one + by for one in (*starts, *edges) for by in (-1, 0)} | {
        random.randrange(FIRST, LAST) for _ in range(20)
    }
    for instant in sorted(one for one in some if FIRST <= one <= LAST):
        members = {name for name in case.segments if naive.inside(name, instant)}
        assert {name for name, spans in found.inside.items() if holds(spans, instant)} == members, (seed, instant)
    now = BEGIN + random.randrange(LENGTH)
    past = rows[times_of(rows) <= now]
    later = case.bench.history.changes(past, now, now + 40 * DAY)
    flip = case.bench.history.next_flip(rows, now)
    assert later == [] or flip.changes == tuple(one for one in later if one.at == flip.at), (seed, now)
    for instant in (now, *random.sample(starts, 3)):
        members = {name for name in case.segments if naive.inside(name, instant)}
        assert set(case.bench.members(rows, instant).names(0)) == members, (seed, instant)


@pytest.mark.parametrize("block", range(8))
def test_spans_flips_and_members_equal_a_naive_scan(block: int) -> None:
    for seed in range(block * 5, block * 5 + 5):
        check(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(40))
def test_many_more(block: int) -> None:
    for seed in range(5_000 + block * 10, 5_010 + block * 10):
        check(seed)


def changes(made: Bench, rows: Iterable[Any], begin: str, end: str) -> list[tuple[str, str, str, str]]:
    found = made.history.changes(made.rows(rows), at(begin), at(end))
    return [(one.segment, str(one.change), str(one.cause), format_instant(one.at)) for one in found]


@pytest.mark.parametrize(
    ("where", "soon", "on", "over"),
    [
        ("UTC", "2026-06-03T00:00:00Z", "2026-07-01T00:00:00Z", "2026-09-01T00:00:00Z"),
        ("Europe/Prague", "2026-06-02T22:00:00Z", "2026-06-30T22:00:00Z", "2026-08-31T22:00:00Z"),
    ],
)
def test_a_season_begins_and_ends_at_local_midnight(where: str, soon: str, on: str, over: str) -> None:
    season = {"soon": {"when": "days_to('summer') <= 28"}, "on": {"when": "days_to('summer') = 0 AND views > 0"}}
    assert changes(bench(season, where), [event("view", "2026-01-01")], "2026-01-02", "2026-12-31") == [
        ("soon", "entered", "time", soon),
        ("on", "entered", "time", on),
        ("on", "left", "time", over),
        ("soon", "left", "time", over),
    ]


def test_holidays_by_the_day() -> None:
    made = bench({"closed": {"when": "holiday()"}}, "Europe/Prague")
    assert changes(made, [event("view", "2026-01-01T12:00:00Z")], "2026-03-01", "2026-05-02") == [
        ("closed", change, "time", instant)
        for change, instant in (
            ("entered", "2026-04-02T22:00:00Z"), ("left", "2026-04-03T22:00:00Z"),  # Good Friday
            ("entered", "2026-04-05T22:00:00Z"), ("left", "2026-04-06T22:00:00Z"),
            ("entered", "2026-04-30T22:00:00Z"), ("left", "2026-05-01T22:00:00Z"),
        )
    ]  # fmt: skip


def test_a_week_before_a_birthday_on_29_february() -> None:
    made = bench({"gift": {"when": "anniversary_within(birth_date, 7)"}}, "America/New_York")
    born = [stated("birth_date", day("2000-02-29"), "2020-01-01"), event("view", "2026-01-01")]
    assert changes(made, born, "2026-02-01", "2028-12-31") == [
        ("gift", change, "time", instant)
        for change, instant in (
            ("entered", "2026-02-21T05:00:00Z"), ("left", "2026-03-01T05:00:00Z"),
            ("entered", "2027-02-21T05:00:00Z"), ("left", "2027-03-01T05:00:00Z"),
            ("entered", "2028-02-22T05:00:00Z"), ("left", "2028-03-01T05:00:00Z"),
        )
    ]  # fmt: skip
    assert changes(made, [event("view", "2026-01-01")], "2026-02-01", "2028-12-31") == []  # unknown is no member


def test_days_that_begin_late_and_days_that_never_come() -> None:
    """In Sao Paulo the 4th began at one o'clock; in Samoa the 30th was left out."""
    viewed = [event("view", "2011-01-01")]
    late = bench({"x": {"when": "days_to('summer') = 239"}}, "America/Sao_Paulo")
    assert changes(late, viewed, "2018-10-01", "2018-12-01") == [
        ("x", "entered", "time", "2018-11-04T03:00:00Z"), ("x", "left", "time", "2018-11-05T02:00:00Z"),
    ]  # fmt: skip
    gone = bench(
        {"on": {"when": "days_to('old_year') = 0"}, "near": {"when": "days_to('old_year') = 1"}}, "Pacific/Apia"
    )
    assert changes(gone, viewed, "2011-12-20", "2012-01-10") == [
        ("near", "entered", "time", "2011-12-29T10:00:00Z"), ("near", "left", "time", "2011-12-30T10:00:00Z"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(PERIODS))
def test_spans_are_those_of_a_walk_over_the_days(name: str) -> None:
    made = bench({"x": {"when": f"days_to('{name}') <= 3 OR views < 0"}}, "Europe/Prague")
    rows = made.rows([event("view", "2024-01-01")])
    begin, end = at("2025-01-15"), at("2027-01-15")
    found = made.history.spans(rows, begin, end).inside["x"]
    for ahead in range(1, (end - begin) // DAY):
        instant = made.zone.start_of_day(begin // DAY + ahead) + 5
        today = made.zone.date(instant)
        expected = any(slow.inside(*one, today + timedelta(days=by)) for one in PERIODS[name] for by in range(4))
        assert holds(found, instant) == expected, today


def test_the_next_flip_lies_seasons_ahead() -> None:
    made = bench({"on": {"when": "days_to('summer') = 0"}})
    flip = made.history.next_flip(made.rows([event("view", "2026-09-01")]), at("2026-09-01T12:00:00Z"))
    assert flip.at == at("2027-07-01")


def test_a_genome_that_reads_the_calendar_changes_at_midnight() -> None:
    made = bench({"x": {"when": "views > 0"}}, "Europe/Prague")
    rows = made.rows([event("view", "2026-01-01")])
    found = made.engine.read(rows, np.array([0, len(rows)], np.int64), now=at("2026-03-25T12:00:00Z"))
    assert (found.value("season", 0), found.value("closed", 0)) == ("off", False)
    assert int(found.changes[0]) == at("2026-03-25T23:00:00Z")
    found = made.engine.read(rows, np.array([0, len(rows)], np.int64), now=at("2026-03-25T23:00:00Z"))
    assert found.value("season", 0) == "near"


def test_why() -> None:
    made = bench({"soon": {"when": "days_to('summer') <= 28 AND NOT holiday() AND views > 0"}}, "Europe/Prague")
    found = explain(made.membership, "soon", made.rows([event("view", "2026-01-01")]), now=at("2026-06-02T21:00:00Z"))
    assert [(one.text, one.sentence, one.truth) for one in found.leaves] == [
        ("days_to('summer') <= 28", "there are at most 28 days to summer", False),
        ("NOT holiday()", "it is not so that today is a public holiday (CZ)", True),
        ("views > 0", "the views is more than 0", True),
    ]
    assert (found.member, found.until) == (False, at("2026-06-02T22:00:00Z") - 1)


def test_the_calendar_alone_is_a_condition_and_the_date_alone_is_none() -> None:
    none = compile_predicate("days_to('summer') = 0", features(), bench({"x": {"when": "views > 0"}}).segments)
    assert none.kind is Kind.BOOLEAN
    with pytest.raises(UserError, match="says the same of everybody"):
        bench({"x": {"when": "CURRENT_DATE > DATE '2026-01-01'"}})


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("days_to('sommer') < 3", "Did you mean `summer`?"),
        ("anniversary_within(due + since_view, 3)", "it takes ROUND of `since_view`"),
        ("since_view / days_to('spring') > 1 AND since_view * left > 1", "both of which move"),  # steps may be factors
    ],
)
def test_what_is_refused(when: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        bench({"x": {"when": when}})
    (found,) = caught.value.problems
    assert words in str(found)
