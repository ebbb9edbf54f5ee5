"""The oracle's sequences, which take the earliest events, against trying all there are."""

from __future__ import annotations

from itertools import pairwise, product
from math import prod
from random import Random

import pytest
from tests.oracles.genome import Always, OracleEvent, Reading, bounds, value
from tests.oracles.stream_definitions import WINDOWS, Aim
from tests.oracles.streams import case_by

from onefold.oracle import sequence

MOST = 5_000
"""Choices that are tried."""


def choices_of(reading: Reading) -> list[list[OracleEvent]]:
    """Return the events in the window that each step may take."""
    inside = [one for one in reading.events if reading.in_window(one)]
    return [[one for one in inside if step.holds(one)] for step in sequence.steps(reading)]


def _matches(reading: Reading, chosen: tuple[OracleEvent, ...]) -> bool:
    times = [one.time for one in chosen]
    old_enough = reading.now - times[-1] >= reading.feature.number("after")
    return old_enough and all(a < b for a, b in pairwise(times)) and not any(
        times[0] < one.time and _exists(reading, one)
        for one in reading.events
        if any(stream.holds(one) for stream in sequence.unwanted(reading))
    )  # fmt: skip


def _exists(reading: Reading, event: OracleEvent) -> bool:
    start, end = bounds(Always(), reading.kept(event), reading.now, reading.zone)
    return (start is None or start <= event.time) and event.time < end


@pytest.mark.parametrize("window", WINDOWS)
def test_the_earliest_events_are_as_good_as_any(window: str) -> None:
    found = []
    for seed in range(200):
        reading = case_by(Random(seed), Aim("sequence", window)).readings()[0]
        choices = choices_of(reading)
        if prod(map(len, choices)) <= MOST:
            found.append(value(reading))
            assert value(reading) == any(_matches(reading, chosen) for chosen in product(*choices)), seed
    assert set(found) == {True, False}
    assert len(found) > 150
