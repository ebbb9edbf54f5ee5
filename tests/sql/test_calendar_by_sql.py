"""DuckDB's calendar, as the renderings use it, against the oracle's: odd moments of four zones."""

from __future__ import annotations

from random import Random

import pytest
from tests.oracles.calendar import UNITS, days, local_date, months_before, start_of, start_of_date, zone_named
from tests.oracles.moments import DAYS, moment_by
from tests.sql.calendar import connect

MONTHS = (1, 2, 12, 13)
MOMENTS = 300


@pytest.mark.parametrize("zone", sorted(DAYS))
def test_the_two_calendars_agree(zone: str) -> None:
    info, rng = zone_named(zone), Random(7)
    moments = sorted({moment_by(rng, zone) for _ in range(MOMENTS)})
    earlier = [f"months_before('{zone}', t, {months})" for months in MONTHS]
    starts = [f"start_of('{zone}', t, '{unit}')" for unit in UNITS]
    listed = ", ".join(f"({moment}, {days(local_date(moment, info))})" for moment in moments)
    asked = ", ".join([f"today('{zone}', t)", f"midnight('{zone}', d)", *earlier, *starts])
    found = connect().execute(f"SELECT t, {asked} FROM (VALUES {listed}) AS moments(t, d) ORDER BY t").fetchall()
    assert len(found) == len(moments) > MOMENTS // 4
    for now, *theirs in found:
        today = local_date(now, info)
        ours = [days(today), start_of_date(today, info)]
        ours += [months_before(now, months, info) for months in MONTHS]
        ours += [start_of(unit, now, info) for unit in UNITS]
        assert theirs == ours, (zone, now)
