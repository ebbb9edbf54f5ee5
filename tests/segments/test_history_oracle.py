"""Memberships over time equal those worked out from scratch, instant by instant."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from tests.segments.generated import BEGIN, LENGTH, Drawn, drawn
from tests.segments.naive import Naive

from onefold.core.instant import DAY
from onefold.profiles.words import times_of
from onefold.segments.dependencies import asked_for
from onefold.segments.history import Memberships
from onefold.segments.intervals import at
from onefold.segments.journal import Cause, Change

FIRST, LAST = BEGIN - DAY, BEGIN + LENGTH + 4 * DAY
THRESHOLDS = (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6)


def pool_of(case: Drawn, times: list[int], found: Memberships) -> set[int]:
    """Return the instants at which something may happen, with their neighbours: more than can matter."""
    zone = case.bench.zone
    marks = set(times)
    marks |= {time + int(share * DAY) for time in times for share in THRESHOLDS}
    told = [e.properties.get(name) for e in case.events for name in ("expires", "at")]
    marks |= {one for one in told if isinstance(one, int) and one}
    marks |= {mark - int(share * DAY) for mark in list(marks) for share in THRESHOLDS[:6]} if len(times) < 9 else set()
    days = [zone.start_of_day(one) for one in range(FIRST // DAY - 8, LAST // DAY + 8)]
    marks |= {start - int(share * DAY) for start in days for share in (0, 0.25, *THRESHOLDS[:6])}
    marks |= {edge for part in (found.inside, found.held) for spans in part.values() for span in spans for edge in span}
    return {mark + by for mark in marks for by in (-1, 0, 1)}


def check(seed: int) -> None:
    case, random = drawn(seed), Random(seed)
    rows = case.bench.rows(case.events, known=case.known)
    found = case.bench.history.spans(rows, FIRST, LAST, known=case.known)
    times = sorted(set(times_of(rows).tolist()))
    pool = pool_of(case, times, found)
    naive = Naive(case.bench, rows, pool, case.known)
    holds = {one.hold for one in case.bench.segments.segments.values()}
    tried = {one + hold + by for one in pool for hold in holds for by in (0, 1)} | pool
    inner = sorted(one for one in tried if FIRST <= one <= LAST)
    edges = {edge for spans in found.inside.values() for span in spans for edge in span}
    some = set(random.sample(inner, min(len(inner), 100))) | {random.randrange(FIRST, LAST) for _ in range(20)}
    some |= {one for edge in edges for one in (edge - 1, edge) if FIRST <= one <= LAST}
    for instant in sorted(some):
        members = {name for name in case.segments if naive.inside(name, instant)}
        held = {name for name in case.segments if naive.held(name, instant)}
        about = (seed, instant, case.segments)
        assert {name for name, spans in found.inside.items() if at(spans, instant)} == members, about
        assert {name for name, spans in found.held.items() if at(spans, instant)} == held, about
    for instant in random.sample(sorted(some), min(len(some), 8)):
        batch = case.bench.members(rows, instant, known=case.known)
        assert batch.names(0) == tuple(sorted(name for name in case.segments if naive.inside(name, instant)))
        assert {name for name, held in batch.held.items() if held[0]} == {
            name for name in case.segments if naive.held(name, instant)
        }


def only_consent(case: Drawn, found: Memberships, name: str, instant: int) -> bool:
    """Whether nothing but a gate changed: this segment's own, or that of one below which flipped at the instant."""
    held = found.held[name]
    if at(held, instant) == at(held, instant - 1):
        return True
    below = asked_for(case.bench.segments.segments[name])
    flipped = [one for one in below if at(found.inside[one], instant) != at(found.inside[one], instant - 1)]
    return any(only_consent(case, found, one, instant) for one in flipped)


def check_changes(seed: int) -> None:
    case = drawn(seed)
    rows = case.bench.rows(case.events, known=case.known)
    found = case.bench.history.spans(rows, FIRST, LAST, known=case.known)
    changes = case.bench.history.changes(rows, FIRST, LAST, known=case.known)
    assert changes == sorted(changes)
    for change in changes:
        spans = found.inside[change.segment]
        assert at(spans, change.at) is (change.change is Change.ENTERED) is not at(spans, change.at - 1)
        same = only_consent(case, found, change.segment, change.at)
        assert (change.cause is Cause.CONSENT) == same
        known = rows[np.ascontiguousarray(rows[:, 3]).view(np.int64) <= case.known]
        if not same:
            assert (change.cause is Cause.EVENT) == (change.at in times_of(known).tolist())
    for name, spans in found.inside.items():
        edges = [edge for span in spans for edge in span if FIRST < edge <= LAST]
        assert edges == [change.at for change in changes if change.segment == name]


def check_next_flip(seed: int) -> None:
    case, random = drawn(seed), Random(seed)
    now = BEGIN + random.randrange(LENGTH)
    rows = case.bench.rows(case.events, known=case.known)
    past = rows[times_of(rows) <= now]
    later = case.bench.history.changes(past, now, now + 40 * DAY, known=case.known)
    flip = case.bench.history.next_flip(rows, now, known=case.known)
    assert flip.checked_until >= now + 40 * DAY or flip.at is not None
    if later:
        assert flip.at == later[0].at, (seed, case.segments)
        assert list(flip.changes) == [one for one in later if one.at == later[0].at]
    else:
        assert flip.at is None or flip.at > now + 40 * DAY
    for name in case.segments:
        before = case.bench.history.changes(rows, FIRST, now, known=case.known, segments=[name])
        expected = before[-1].at if before else None
        assert case.bench.history.since(rows, now, name, known=case.known) == expected, (seed, name)


@pytest.mark.parametrize("block", range(20))
def test_spans_equal_a_naive_scan(block: int) -> None:
    for seed in range(block * 10, block * 10 + 10):
        check(seed)


@pytest.mark.parametrize("block", range(10))
def test_changes_and_the_next_flip_follow_from_spans(block: int) -> None:
    for seed in range(block * 10, block * 10 + 10):
        check_changes(seed)
        check_next_flip(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(60))
def test_many_more(block: int) -> None:
    for seed in range(10_000 + block * 10, 10_010 + block * 10):
        check(seed)
        check_changes(seed)
        check_next_flip(seed)
