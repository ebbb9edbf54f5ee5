"""Timers are never late: no membership flips by time alone before the instant that they name."""

from __future__ import annotations

import numpy as np
import pytest
from tests.segments.generated import BEGIN, LENGTH, drawn

from onefold.core.instant import DAY
from onefold.features.tables import NEVER
from onefold.profiles.words import times_of
from onefold.segments.timers import Timers

CASES, NIGHTLY = 100, 1_500


def moments(seed: int, times: list[int]) -> list[int]:
    """Return instants at which a case is asked: about its events, and amid nowhere."""
    random = np.random.default_rng(seed)
    near = [time + int(random.choice([-1, 0, 1, DAY // 4])) for time in times]
    drawn_at: list[int] = random.integers(BEGIN, BEGIN + LENGTH, 2).tolist()
    some: list[int] = random.choice(near, min(len(near), 3), replace=False).tolist() if near else []
    return sorted(some + drawn_at)


def check(seed: int) -> tuple[int, int]:
    """Compare timers with the next flips of a case; return how many there were, and how many were exact."""
    case = drawn(seed)
    bench = case.bench
    rows = bench.rows(case.events, known=case.known)
    timers = Timers(bench.segments, bench.engine, bench.membership)
    told = exact = 0
    for now in moments(seed, sorted(set(times_of(rows).tolist()))):
        mine = rows[times_of(rows) <= now]
        due = int(timers.due(mine, np.array([0, len(mine)], np.int64), now=now)[0])
        flip = bench.history.next_flip(mine, now)
        assert due > now
        if flip.at is None:
            assert due == NEVER or due > now
        else:
            assert due <= flip.at, (seed, now, due, flip, case.segments)
            told, exact = told + 1, exact + (due == flip.at)
    return told, exact


@pytest.mark.parametrize("first", range(0, CASES, 25))
def test_timers_are_never_late(first: int) -> None:
    found = [check(seed) for seed in range(first, first + 25)]
    told, exact = (sum(column) for column in zip(*found, strict=True))
    assert told > 10
    assert exact >= 0.6 * told  # a timer that goes off for nothing costs a look


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(CASES, NIGHTLY, 100))
def test_timers_are_never_late_in_many_cases(first: int) -> None:
    for seed in range(first, first + 100):
        check(seed)
