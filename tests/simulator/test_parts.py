"""The vectorised helpers against what a loop would do."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.core.instant import date_of, days_of
from onefold.simulator.arrays import ordinals, pick, repeated
from onefold.simulator.period import Period, as_dates, as_times, draw_days, month_of_year, weekday, working_day
from onefold.simulator.rows import cents
from onefold.simulator.spending import day_weights

DAYS = st.dates(date(1900, 1, 1), date(2150, 1, 1))


@given(st.lists(st.integers(0, 5), max_size=30).map(sorted))
def test_ordinals_count_within_each_owner(owners: list[int]) -> None:
    seen: Counter[int] = Counter()
    expected = []
    for owner in owners:
        expected.append(seen[owner])
        seen[owner] += 1
    assert ordinals(np.array(owners, np.int64)).tolist() == expected


@given(st.lists(st.integers(0, 4), max_size=20))
def test_repeated(counts: list[int]) -> None:
    assert repeated(np.array(counts, np.int64)).tolist() == [
        at for at, count in enumerate(counts) for _ in range(count)
    ]


def test_pick_follows_the_weights_and_never_takes_a_weight_of_nothing() -> None:
    dice = np.random.default_rng(1)
    found = Counter(pick(dice, np.tile([0.0, 3.0, 0.0, 1.0, 0.0], (20_000, 1))).tolist())
    assert set(found) == {1, 3}
    assert found[1] / 20_000 == pytest.approx(0.75, abs=0.02)


@given(DAYS)
def test_the_calendar(day: date) -> None:
    number = np.array([days_of(day)])
    assert weekday(number)[0] == day.weekday()
    assert month_of_year(number)[0] == day.month - 1
    paid = date_of(int(working_day(number)[0]))
    expected = day
    while expected.weekday() > 4:
        expected -= timedelta(days=1)
    assert paid == expected
    assert as_dates(number) == [day.isoformat()]
    assert as_times(number * 86_400 + 3_661) == [f"{day.isoformat()}T01:01:01"]


@given(DAYS, st.integers(7, 800))
def test_months_of_a_period(last: date, days: int) -> None:
    period = Period.ending(last, days=days)
    every = [last - timedelta(days=back) for back in range(days)][::-1]
    assert (period.first, period.after) == (every[0], last + timedelta(days=1))
    starts, lengths = period.months()
    expected = sorted({day.replace(day=1) for day in every})
    assert [date_of(int(start)) for start in starts] == expected
    ends = [date_of(int(start + length)) for start, length in zip(starts, lengths, strict=True)]
    assert all(end.day == 1 for end in ends)
    assert ends[:-1] == expected[1:]
    assert period.holds(period.calendar()).all()
    assert not period.holds(np.array([period.start - 1, period.end])).any()


def test_days_are_drawn_by_their_weights() -> None:
    period = Period.ending(date(2026, 6, 30), days=10)
    dice = np.random.default_rng(1)
    found = Counter(
        (draw_days(dice, 30_000, period, np.array([0.0, 1, 0, 0, 0, 0, 0, 0, 3, 0])) - period.start).tolist()
    )
    assert set(found) == {1, 8}
    assert found[8] / 30_000 == pytest.approx(0.75, abs=0.02)
    assert set((draw_days(dice, 1_000, period) - period.start).tolist()) == set(range(10))


@given(st.integers(0, 10**12))
def test_cents(amount: int) -> None:
    text = cents(np.array([amount]))[0]
    whole, _, rest = text.partition(".")
    assert (int(whole) * 100 + int(rest), len(rest)) == (amount, 2)


def test_every_day_weighs_something() -> None:
    period = Period.ending(date(2026, 12, 31), days=365)
    for category in range(9):
        weights = day_weights(category, period)
        assert weights.shape == (365,)
        assert (weights > 0).all()
        assert weights.mean() == pytest.approx(1.0, abs=0.12)
