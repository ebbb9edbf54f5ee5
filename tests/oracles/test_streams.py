"""The generated cases: conditions mean what their SQL says, and the oracle keeps its laws on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import duckdb
import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st
from tests.oracles.calendar import EPOCH_DATE, days, next_start_of, shown, zone_named
from tests.oracles.definitions import Types
from tests.oracles.genome import (
    Properties,
    Reading,
    Since,
    Value,
    chosen_date,
    events_that_exist,
    retention_name,
)
from tests.oracles.stream_wheres import PROPERTIES, values, wheres
from tests.oracles.streams import Case, cases
from tests.oracles.wheres import Where

from onefold.core.instant import Span

TODAY = days(EPOCH_DATE.replace(year=2026, month=5, day=4))
SQL_TYPES = {
    "money": "DECIMAL(18, 2)",
    "number": "DOUBLE",
    "category": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


def sql_value(value: Value, type_: str) -> object:
    if value is None or type_ in ("category", "boolean"):
        return value
    assert isinstance(value, int | Fraction)
    if type_ == "date":
        return str(EPOCH_DATE.fromordinal(EPOCH_DATE.toordinal() + int(value)))
    return f"{int(value) / 100:.2f}" if type_ == "money" else float(value)


def by_sql(where: Where, types: Types, rows: Sequence[Properties]) -> list[bool | None]:
    with duckdb.connect() as bank:
        columns = ", ".join(f"{name} {SQL_TYPES[type_]}" for name, (type_, _) in types.items())
        bank.execute(f"CREATE TABLE events (place INTEGER, {columns})")
        for place, row in enumerate(rows):
            cells = [sql_value(row[name], type_) for name, (type_, _) in types.items()]
            bank.execute(f"INSERT INTO events VALUES ({', '.join('?' * (len(cells) + 1))})", [place, *cells])
        return [row[0] for row in bank.execute(f"SELECT ({where.text}) FROM events ORDER BY place").fetchall()]


def row_of(types: Types) -> st.SearchStrategy[Properties]:
    return st.fixed_dictionaries(
        {name: st.none() | values(type_, scale, TODAY) for name, (type_, scale) in types.items()}
    )


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_conditions_mean_what_their_sql_says(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(PROPERTIES)), min_size=1, max_size=4, unique=True))
    types = {name: PROPERTIES[name] for name in names}
    where = data.draw(wheres(types, TODAY))
    assume(" / " not in where.text)  # ratios of money are of minor units here, of major ones there
    rows = data.draw(st.lists(row_of(types), min_size=1, max_size=5))
    assert by_sql(where, types, rows) == [where.holds(row) for row in rows]


def readings(case: Case, now: int) -> list[Reading]:
    existing = events_that_exist(case.events, case.known)
    kept = {source: Span.parse(span) for source, span in case.retention.items()}
    return [
        Reading(
            feature,
            now,
            case.zone,
            kept.get(retention_name(feature.source)),
            tuple(event for event in existing if event.source == feature.source),
        )
        for feature in case.features
    ]


def signature(case: Case, now: int) -> list[object]:
    """Return all that may change at next_change: who is inside each window, and each boundary in use."""
    found: list[object] = []
    for reading in readings(case, now):
        feature = reading.feature
        every = feature.aggregate == "share"
        window = [event for event in reading.events if reading.in_window(event)]
        inside = {event.message_id for event in window if every or reading.passes(event)}
        unit = feature.window.unit if isinstance(feature.window, Since) else None
        boundary = next_start_of(unit, now, zone_named(case.zone)) if unit else None
        chosen = chosen_date(reading) if feature.aggregate == "until" else None
        found.append((inside, boundary, chosen))
    return found


@settings(deadline=None, max_examples=100)
@given(cases(), st.data())
def test_next_change_is_the_first_change_and_a_change(case: Case, data: st.DataObject) -> None:
    _, change = case.genome()
    now = signature(case, case.now)
    if change is None:
        assert signature(case, case.now + data.draw(st.integers(0, 10**15))) == now
        return
    assert change > case.now
    assert signature(case, change - 1) == now
    assert signature(case, data.draw(st.integers(case.now, change - 1))) == now
    assert signature(case, change) != now
    assert case.genome(change - 1)[1] == change


@settings(deadline=None, max_examples=50)
@given(cases())
def test_values_hold_until_next_change_but_for_durations(case: Case) -> None:
    before, change = case.genome()
    assume(change is not None and change - 1 > case.now)
    assert change is not None
    after, _ = case.genome(change - 1)
    for feature in case.features:
        if feature.aggregate not in ("since_first", "since_last", "until"):
            assert after[feature.name] == before[feature.name]


@settings(deadline=None, max_examples=50)
@given(cases(), st.data())
def test_order_and_repeats_are_of_no_account(case: Case, data: st.DataObject) -> None:
    once = {event.message_id: event for event in reversed(case.events)}
    shuffled = data.draw(st.permutations(list(once.values())))
    assert replace(case, events=tuple(shuffled)).genome() == case.genome()


def an_edge(case: Case) -> bool:
    return case.genome()[1] == case.now + 1


def equal_instants(case: Case) -> bool:
    return len({event.time for event in case.events}) < len({event.message_id for event in case.events})


def a_second_pass(case: Case) -> bool:
    return shown(case.now, zone_named(case.zone)).fold == 1


@pytest.mark.parametrize("wanted", [an_edge, equal_instants, a_second_pass])
def test_cases_reach_what_they_are_for(wanted: Callable[[Case], bool]) -> None:
    only = settings(deadline=None, max_examples=1000, database=None, phases=(Phase.generate,))
    assert wanted(find(cases(), wanted, settings=only, random=Random(1)))
