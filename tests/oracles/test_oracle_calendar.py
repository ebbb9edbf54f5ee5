"""The oracle's calendar against SEMANTICS, against itself and against the zones of ``onefold.core``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.calendar import (
    UNITS,
    instant,
    months_before,
    next_start_of,
    resolve,
    shown,
    start_of,
    zone_named,
)
from tests.oracles.streams import DAYS, moments

from onefold.core import zone as core_zone
from onefold.core.instant import DAY, HOUR, from_datetime

ZONES = st.sampled_from(sorted(DAYS))


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-03-31T17:00:00Z", 1, "2026-03-01T00:00:00Z"),
        ("2026-03-29T00:00:00Z", 1, "2026-03-01T00:00:00Z"),
        ("2026-03-28T23:59:59.999999Z", 1, "2026-02-28T23:59:59.999999Z"),
        ("2024-03-31T17:00:00Z", 1, "2024-03-01T00:00:00Z"),
        ("2024-03-29T17:00:00Z", 1, "2024-02-29T17:00:00Z"),
        ("2024-02-29T17:00:00Z", 12, "2023-03-01T00:00:00Z"),
        ("2024-02-29T17:00:00Z", 48, "2020-02-29T17:00:00Z"),
        ("2026-05-31T08:00:00Z", 1, "2026-05-01T00:00:00Z"),
        ("2026-01-15T08:00:00Z", 1, "2025-12-15T08:00:00Z"),
        ("2026-12-31T08:00:00Z", 25, "2024-12-01T00:00:00Z"),
    ],
)
def test_months_before(now: str, months: int, then: str) -> None:
    assert months_before(instant(now), months, zone_named("UTC")) == instant(then)


@settings(deadline=None)
@given(st.data(), st.integers(0, 30))
def test_starts_never_move_back_and_are_never_ahead(data: st.DataObject, months: int) -> None:
    name = data.draw(ZONES)
    zone = zone_named(name)
    now = data.draw(moments(name))
    later = now + data.draw(st.sampled_from([1, HOUR // 2, HOUR, DAY]) | st.integers(0, 40 * DAY))
    assert months_before(now, months, zone) <= now
    assert months_before(now, months, zone) <= months_before(later, months, zone)
    for unit in UNITS:
        following = next_start_of(unit, now, zone)
        assert start_of(unit, now, zone) <= now < following
        assert start_of(unit, now, zone) <= start_of(unit, later, zone)
        assert start_of(unit, following, zone) == following
        assert start_of(unit, following - 1, zone) == start_of(unit, now, zone)


@settings(deadline=None)
@given(st.data())
def test_wall_clocks_resolve_as_in_core(data: st.DataObject) -> None:
    name = data.draw(ZONES)
    around = shown(data.draw(moments(name)), zone_named(name)).replace(tzinfo=None, fold=0)
    wall = around + timedelta(microseconds=data.draw(st.integers(-2 * DAY, 2 * DAY)))
    assert resolve(wall, zone_named(name)) == core_zone.zone(name).resolve(from_datetime(wall.replace(tzinfo=UTC)))


def test_a_day_that_does_not_exist_gives_the_first_instant_of_the_next() -> None:
    apia = zone_named("Pacific/Apia")  # it had no 30 December 2011
    assert resolve(datetime(2011, 12, 30, 9, 0), apia) == instant("2011-12-31T00:00:00+14:00")  # noqa: DTZ001
