"""Ages, birthdays and midnights, against walking day by day and minute by minute."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.instant import DAY
from onefold.oracle.calendar import (
    age,
    birthday_in,
    instant,
    local_date,
    next_birthday,
    next_date_change,
    start_of_date,
    zone_named,
)

PRAGUE = zone_named("Europe/Prague")
DATES = st.dates(date(1900, 1, 1), date(2090, 12, 31))


@given(DATES, DATES)
def test_age_counts_birthdays(born: date, today: date) -> None:
    years = [year for year in range(born.year + 1, today.year + 1) if birthday_in(year, born) <= today]
    assert age(born, today) == (len(years) if born <= today else None)


@settings(max_examples=100)
@given(DATES, st.integers(-30 * 365, 90 * 365))
def test_the_next_birthday_is_the_next_day_on_which_the_age_differs(born: date, later: int) -> None:
    now = start_of_date(born, PRAGUE) + later * DAY + DAY // 2
    day = today = local_date(now, PRAGUE)
    while age(born, day) == age(born, today):
        day += timedelta(days=1)
    assert next_birthday(born, now, PRAGUE) == start_of_date(day, PRAGUE)


@pytest.mark.parametrize(
    ("zone", "now", "then"),
    [
        ("UTC", "2026-05-04T00:00:00Z", "2026-05-05T00:00:00Z"),
        ("UTC", "2026-05-04T23:59:59.999999Z", "2026-05-05T00:00:00Z"),
        ("Europe/Prague", "2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z"),
        # 23:59:59 is followed by 23:00 of the same day
        ("America/Sao_Paulo", "2018-02-18T01:30:00Z", "2018-02-18T03:00:00Z"),
        # one minute of the 7th, then an hour of the 6th again
        ("America/St_Johns", "2010-11-07T02:00:00Z", "2010-11-07T02:30:00Z"),
        ("America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-07T02:31:00Z"),
        ("America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-07T03:30:00Z"),
    ],
)
def test_the_date_changes_next(zone: str, now: str, then: str) -> None:
    assert next_date_change(instant(now), zone_named(zone)) == instant(then)
