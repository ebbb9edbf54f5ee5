"""The laws of aggregates, over every one that is registered, on generated definitions and streams."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import numpy as np
import pytest
from tests.features.harness import engine_of, records_of, run, schema_of
from tests.features.parity import number_of
from tests.oracles.genome import OracleEvent
from tests.oracles.stream_definitions import ALL, WINDOWS, Aim
from tests.oracles.streams import Case, case_by

from onefold.core.instant import SECOND
from onefold.features.aggregates import REGISTRY
from onefold.features.aggregates.checks import LAWS, Sample, Seen, Subject, memory_grows_with_the_timeline_at_most
from onefold.features.engine import Engine
from onefold.features.genomes import Genomes
from onefold.profiles.timeline import in_order

ROUNDS = 4
"""Cases of each kind of window on which each law is tried."""
ZERO = ("count", "sum", "distinct", "active")
Law = Callable[[Subject[OracleEvent], Sample[OracleEvent]], None]


@dataclass(frozen=True, eq=False)
class Bench:
    """One generated feature with its engine."""

    case: Case
    engine: Engine

    def seen(self, found: Genomes) -> Seen:
        """Return the value; doubles as they are, not rounded for show, and 0 of whatever type as 0."""
        result = self.engine.plan.features.features["aim"].body.result
        if result.exact:
            value = found.value("aim", 0)
            return Seen(0 if value == 0 and not isinstance(value, bool) else value, found.next_change(0))
        number = number_of(found, "aim")
        return Seen(None if np.isnan(number) else number, found.next_change(0))

    def read(self, events: Sequence[OracleEvent], now: int, known: int) -> Seen:
        """Read one customer."""
        return self.seen(run(self.engine, events, now=now, known=known))

    def merged(self, own: Sequence[OracleEvent], others: Sequence[OracleEvent], now: int, known: int) -> Seen:
        """Read one customer of two names."""
        return self.seen(run(self.engine, own, now=now, known=known, elsewhere=others))

    def peak(self, events: Sequence[OracleEvent], now: int) -> int:
        """Return the most bytes that arrays of a reading take."""
        rows, _ = records_of(events, self.engine.plan.layout)
        timeline = in_order(np.stack(rows)) if rows else np.empty((0, self.engine.plan.layout.width), np.uint64)
        people = np.array([0, len(timeline)], np.int64)
        tracemalloc.start()
        self.engine.read(timeline, people, now=now)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    @property
    def subject(self) -> Subject[OracleEvent]:
        """Return what laws are tried on."""
        (feature,) = self.case.features
        counts = feature.aggregate in ZERO or dict(feature.options).get("stat") == "count"
        empty = False if feature.aggregate == "sequence" else 0 if counts else None
        pace = {"since_first": 1, "since_last": 1, "until": -1}.get(feature.aggregate, 0)
        return Subject(self.read, self.merged, grown, self.peak, empty, pace)


def grown(events: Sequence[OracleEvent], times: int) -> list[OracleEvent]:
    """Return so many times as many events, each again with other message ids and a little later."""
    return [
        replace(event, message_id=f"{event.message_id} {again}", time=event.time + again * SECOND)
        for event in events
        for again in range(times)
    ]


@cache
def bench(aggregate: str, window: str, number: int) -> Bench:
    """Return a feature of an aggregate with a kind of window."""
    tries = (case_by(Random(f"{aggregate} {window} {number} {more}"), Aim(aggregate, window)) for more in range(20))
    case = next(case for case in tries if case.definitions[0].aggregate == aggregate)
    case = replace(case, definitions=case.definitions[:1])
    return Bench(case, engine_of(schema_of(case.schema), case.definitions, case.zone, case.spans, case.places))


def sample_of(case: Case) -> Sample[OracleEvent]:
    """Return a case's events without corrections, which are not the aggregates' concern."""
    once = {(one.message_id, one.source, one.part): one for one in reversed(case.events)}
    events = [replace(one, retracted_at=None) for one in reversed(once.values())]
    repeats = [replace(one, known_at=one.known_at + 1) for one in events[::3]]
    return Sample(events, case.now, case.known, repeats)


def test_every_aggregate_has_its_dice() -> None:
    assert set(ALL) == set(REGISTRY)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("aggregate", sorted(REGISTRY))
def test_law(aggregate: str, law: Law) -> None:
    rounds = 1 if law is memory_grows_with_the_timeline_at_most else ROUNDS
    for window in WINDOWS:
        for number in range(rounds):
            one = bench(aggregate, window, number)
            law(one.subject, sample_of(one.case))


def count(events: Sequence[OracleEvent], now: int, known: int) -> Seen:
    """Count by the semantics: each message once."""
    times = {one.message_id: one.time for one in events if one.known_at <= known}.values()
    return Seen(sum(time <= now for time in times), min((time for time in times if time > now), default=None))


def merged(own: Sequence[OracleEvent], others: Sequence[OracleEvent], now: int, known: int) -> Seen:
    """Count those of both names."""
    return count([*own, *others], now, known)


class Forgetful:
    """Reads otherwise each time."""

    def __init__(self) -> None:
        self.times = 0

    def read(self, *_: object) -> Seen:
        """Count one more each time."""
        self.times += 1
        return Seen(self.times, None)


GOOD = Subject(count, merged, grown, lambda events, _: 100 * len(events), 0)
SOME = [OracleEvent("view", at * 10, f"m{at}", at * 10 + at % 3, {}) for at in range(1, 10)]
FAULTY: dict[str, Subject[OracleEvent]] = {
    "order_is_of_no_account": replace(GOOD, read=lambda events, *_: Seen(events[0].time, None)),
    "repeats_are_ignored": replace(GOOD, read=lambda events, *_: Seen(len(events), None)),
    "nothing_gives_the_empty_value": replace(GOOD, empty=None),
    "nothing_changes_before_the_next_change": replace(GOOD, read=lambda *asked: Seen(count(*asked).value, None)),
    "what_arrives_later_does_not_exist": replace(GOOD, read=lambda events, now, _: count(events, now, 10**9)),
    "two_names_are_one_customer": replace(GOOD, merged=lambda own, _, now, known: count(own, now, known)),
    "reading_is_pure": replace(GOOD, read=Forgetful().read),
    "memory_grows_with_the_timeline_at_most": replace(GOOD, peak=lambda events, _: len(events) ** 2),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_finds_who_breaks_it(law: Law) -> None:
    sample = Sample(SOME, 55, 60, [replace(SOME[1], known_at=40)])
    law(GOOD, sample)
    with pytest.raises(AssertionError):
        law(FAULTY[law.__name__], sample)
