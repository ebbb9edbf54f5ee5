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
    value,
    watched,
)
from tests.oracles.stream_wheres import PROPERTIES, value_by, where_by
from tests.oracles.streams import Case, cases
from tests.oracles.wheres import Where

from onefold.oracle import sequence

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


DICE = st.randoms(use_true_random=False)


@settings(deadline=None, max_examples=100)
@given(DICE)
def test_conditions_mean_what_their_sql_says(rng: Random) -> None:
    names = [name for name, (type_, _) in PROPERTIES.items() if type_ in SQL_TYPES]
    types = {name: PROPERTIES[name] for name in rng.sample(names, rng.randint(1, 4))}
    where = where_by(rng, types, TODAY)
    assume(" / " not in where.text)  # ratios of money are of minor units here, of major ones there
    rows = [
        {name: None if rng.random() < 0.2 else value_by(rng, *of, TODAY) for name, of in types.items()}
        for _ in range(rng.randint(1, 5))
    ]
    assert by_sql(where, types, rows) == [where.holds(row) for row in rows]


def signature(case: Case, now: int) -> list[object]:
    """Return all that may change at next_change: who is inside each window, each boundary in use, values that turn."""
    found: list[object] = []
    for reading in case.readings(now):
        feature = reading.feature
        steps = sequence.steps(reading) if feature.aggregate == "sequence" else ()
        inside = {
            event.message_id
            for event in reading.events
            if reading.in_window(event) and (watched(reading, event) or any(step.holds(event) for step in steps))
        }
        unit = feature.window.unit if isinstance(feature.window, Since) else None
        boundary = next_start_of(unit, now, zone_named(case.zone)) if unit else None
        found.append((inside, boundary, _turning(reading)))
    return found


def _turning(reading: Reading) -> object:
    """Return what changes by itself, other than by steps and events in the window."""
    match reading.feature.aggregate:
        case "until":
            return chosen_date(reading)
        case "recurring":
            return value(reading)
        case "sequence":
            against = [one for one in reading.events if any(it.holds(one) for it in sequence.unwanted(reading))]
            turns = [at for one in against for at in (one.time, sequence.ceases(reading, one)) if at is not None]
            return value(reading), sum(at <= reading.now for at in turns)
    return None


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
        if feature.aggregate not in ("since_first", "since_last", "until"):  # these grow steadily
            assert after[feature.name] == before[feature.name]


@settings(deadline=None, max_examples=50)
@given(cases(), st.data())
def test_order_and_repeats_are_of_no_account(case: Case, data: st.DataObject) -> None:
    once = {(event.message_id, event.source, event.part): event for event in reversed(case.events)}
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
