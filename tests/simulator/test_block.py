"""The shape of what is simulated: the same again, the same for fewer, well-formed, inside the period."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulator.bank import PERIOD, block, read

from onefold.simulator.block import BLOCK, FILES
from onefold.simulator.period import Period

TIMES = {name: header[2] for name, header in FILES.items() if name not in ("customers", "products")}
WHOLE = block(7)


def test_the_same_dice_give_the_same_customers() -> None:
    assert block(7) == WHOLE
    other = block(8)
    assert all(other.lines[name] != WHOLE.lines[name] for name in FILES)
    assert block(7, 1).truth.replace("c00501", "c00001").splitlines()[0] != WHOLE.truth.splitlines()[0]


@settings(max_examples=12, deadline=None)
@given(st.integers(1, BLOCK))
def test_a_customer_is_the_same_whoever_else_is_drawn(size: int) -> None:
    some = block(7, size=size)
    for name in FILES:
        assert WHOLE.lines[name].startswith(some.lines[name])
        assert some.lines[name].count("\n") == some.rows[name]
    assert WHOLE.truth.startswith(some.truth)
    assert some.truth.count("\n") == size
    inside = {f"c{number:05d}" for number in range(1, size + 1)}
    assert {line.split(",")[0] for name in FILES for line in some.lines[name].splitlines()} == inside
    assert some.fit == tuple(name for name in WHOLE.fit if name in inside)
    assert some.usable == tuple(name for name in WHOLE.usable if name in inside)
    assert set(some.fit) <= set(some.usable)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**64),
    days=st.integers(7, 400),
    end=st.dates(date(1990, 1, 1), date(2150, 1, 1)),
)
def test_any_period_gives_well_formed_rows_inside_it(seed: int, days: int, end: date) -> None:
    period = Period.ending(end, days=days)
    made = block(seed, period=period, size=60)
    assert set(made.lines) == set(FILES)
    for name, header in FILES.items():
        lines = made.lines[name].splitlines()
        assert all(line.count(",") == len(header) - 1 and '"' not in line for line in lines)
    for name in ("transactions", "web", "app", "crm", "contacts"):
        moments = [line.split(",")[2] for line in made.lines[name].splitlines()]
        assert all(str(period.first) <= moment < str(period.after) for moment in moments)


def test_rows_stand_by_customer_and_time_under_ids_of_their_own() -> None:
    for name, column in TIMES.items():
        rows = read().files[name]
        keys = [(row["customer_id"], row[column]) for row in rows]
        assert keys == sorted(keys)
        ids = [row[FILES[name][1]] for row in rows]
        assert len(set(ids)) == len(ids)


def test_nothing_happens_in_the_hours_that_change_with_summer_time() -> None:
    for name, column in TIMES.items():
        assert all("T04" <= row[column][10:13] <= "T23" for row in read().files[name])


@pytest.mark.parametrize("size", [0, BLOCK + 1])
def test_a_block_has_bounds(size: int) -> None:
    with pytest.raises(AssertionError):
        block(1, size=size)


def test_a_year_has_the_events_of_three_times_120_days() -> None:
    def each(days: int) -> float:
        rows = read(3, 1, days).files
        return sum(len(rows[name]) for name in ("transactions", "web", "app")) / BLOCK

    assert 2.4 < each(360) / each(PERIOD.days) < 3.6


@pytest.mark.parametrize("seed", range(8))
def test_a_hundred_customers_hold_one_for_a_demonstration(seed: int) -> None:
    assert block(seed, size=100).usable
    assert block(seed).fit
