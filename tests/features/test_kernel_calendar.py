"""The kernel's calendar equals plain datetime arithmetic, above all where clocks change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import calendar as plain

from onefold.core.instant import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, Span
from onefold.core.zone import Zone, zone
from onefold.features import kernel
from onefold.features.calendar import zone_arrays
from onefold.features.windows import Bound, Unit

ZONES = (
    "UTC",
    "Europe/Prague",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
MONTHS = (1, 2, 6, 12, 24)


@st.composite
def moments(draw: st.DrawFn) -> tuple[Zone, int]:
    """A zone, and an instant about one of its transitions, a month's end, or anywhere."""
    found = zone(draw(st.sampled_from(ZONES)))
    later = [start for start in found.starts if -DAY * 365 * 20 < start < DAY * 365 * 90]
    base = draw(st.sampled_from(later or [0]) | st.integers(0, 80 * 365).map(lambda days: days * DAY))
    shift = draw(st.sampled_from([0, *MONTHS])) * 30 * DAY
    jitter = draw(
        st.sampled_from([0, 1, -1, 30 * MINUTE, -30 * MINUTE, HOUR, HOUR - 1, -HOUR, 2 * HOUR])
        | st.integers(-3 * DAY, 3 * DAY)
    )
    return found, base + shift + jitter


@settings(max_examples=1_500, deadline=None)
@given(moments(), st.sampled_from(MONTHS))
def test_months_before(moment: tuple[Zone, int], months: int) -> None:
    place, now = moment
    arrays = zone_arrays(place)
    ours = kernel.months_before(now, months, arrays.starts, arrays.offsets, arrays.peaks)
    assert ours == plain.months_before(now, months, plain.zone_named(place.name))


@settings(max_examples=800, deadline=None)
@given(moments(), st.sampled_from(list(Unit)))
def test_start_of_unit(moment: tuple[Zone, int], unit: Unit) -> None:
    place, now = moment
    arrays = zone_arrays(place)
    name, tz = unit.name.lower(), plain.zone_named(place.name)
    start = kernel.start_of(now, int(unit), 0, arrays.starts, arrays.offsets, arrays.peaks)
    following = kernel.start_of(now, int(unit), 1, arrays.starts, arrays.offsets, arrays.peaks)
    assert (start, following) == (plain.start_of(name, now, tz), plain.next_start_of(name, now, tz))


@settings(max_examples=1_500, deadline=None)
@given(moments(), st.sampled_from(MONTHS))
def test_an_event_leaves_a_calendar_window_at_the_first_instant_that_excludes_it(
    moment: tuple[Zone, int], months: int
) -> None:
    place, time = moment
    arrays = zone_arrays(place)
    bound = np.array(Bound(Span(months=months)).row(), np.int64)
    leaves = kernel.passed_at(bound, time, arrays.starts, arrays.offsets, arrays.peaks)

    def edge(now: int) -> int:
        return int(kernel.edge(bound, now, arrays.starts, arrays.offsets, arrays.peaks))

    assert edge(leaves) > time >= edge(leaves - 1)


@pytest.mark.parametrize("name", ZONES)
def test_a_window_never_moves_back(name: str) -> None:
    place = zone(name)
    arrays = zone_arrays(place)
    for start in place.starts[-120:-100]:
        edges = [
            kernel.months_before(start + step * 10 * MINUTE, 1, arrays.starts, arrays.offsets, arrays.peaks)
            for step in range(-18, 18)
        ]
        assert edges == sorted(edges)


@settings(max_examples=500, deadline=None)
@given(st.integers(EARLIEST // DAY, LATEST // DAY))
def test_civil_days(days: int) -> None:
    year, month, day = kernel.civil_from_days(days)
    expected = np.datetime64(days, "D").astype(object)
    assert (year, month, day) == (expected.year, expected.month, expected.day)
    assert kernel.days_from_civil(year, month, day) == days


def test_microseconds_of_a_second() -> None:
    assert SECOND * 86_400 == DAY == kernel.DAY
