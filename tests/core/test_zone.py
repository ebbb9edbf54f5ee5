"""Zones: the transitions of the tz database, and what happens to clocks at them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.calendar import zone_named

from onefold.core.instant import DAY, EARLIEST, HOUR, LATEST, format_instant, to_datetime
from onefold.core.zone import zone

NAMES = (
    "UTC",
    "Europe/Prague",
    "Europe/Dublin",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Pacific/Apia",
    "Australia/Lord_Howe",
)


@settings(max_examples=2_000, deadline=None)
@given(st.sampled_from(NAMES), st.integers(EARLIEST, LATEST - 1))
def test_offsets_are_those_of_the_tz_database(name: str, instant: int) -> None:
    theirs = to_datetime(instant).astimezone(zone_named(name)).utcoffset()
    assert theirs is not None
    assert zone(name).offset(instant) == round(theirs.total_seconds() * 1_000_000)


@pytest.mark.parametrize("name", NAMES)
def test_every_transition_stands_at_its_microsecond(name: str) -> None:
    place = zone(name)
    for start in place.starts[1:]:
        for instant in (start - 1, start):
            theirs = to_datetime(instant).astimezone(zone_named(name)).utcoffset()
            assert theirs is not None
            assert place.offset(instant) == round(theirs.total_seconds() * 1_000_000)


@settings(max_examples=1_000, deadline=None)
@given(st.sampled_from(NAMES), st.integers(-60 * 365, 80 * 365), st.integers(0, DAY - 1))
def test_resolve_gives_the_first_instant_that_shows_a_wall_clock(name: str, day: int, clock: int) -> None:
    place = zone(name)
    wall = day * DAY + clock
    instant = place.resolve(wall)
    if place.local(instant) == wall:
        earlier = [instant - shift for shift in (HOUR // 2, HOUR, 2 * HOUR, DAY)]
        assert all(place.local(before) != wall for before in earlier)
    else:  # a gap: the clock jumps over the wall time here
        assert place.local(instant - 1) < wall < place.local(instant)


def test_a_date_alone_and_a_time_without_offset_are_meant_in_the_zone() -> None:
    prague = zone("Europe/Prague")
    assert format_instant(prague.parse("1997-01-03")) == "1997-01-02T23:00:00Z"
    assert format_instant(prague.parse("2026-07-01T12:00:00")) == "2026-07-01T10:00:00Z"
    assert format_instant(prague.parse("2026-07-01T12:00:00+00:00")) == "2026-07-01T12:00:00Z"
    assert format_instant(prague.parse("2026-10-25T02:30:00")) == "2026-10-25T00:30:00Z"  # the first of two


def test_midnight_may_not_exist() -> None:
    sao_paulo = zone("America/Sao_Paulo")
    day = sao_paulo.day(sao_paulo.parse("2018-11-04T12:00:00"))
    assert format_instant(sao_paulo.start_of_day(day)) == "2018-11-04T03:00:00Z"  # 01:00 on the clock


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "2026-02-30", "20260101", "2026-01-01T25:00", "9999-01-01", "1699-12-31", "٢٠٢٦-01-01"],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        zone("UTC").parse(text)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "europe/../UTC", "Europe//Prague", "zone.tab"]
)
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone(name)
