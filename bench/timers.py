"""Rows 5 and 6: what a timer costs with 500 segments, how many go off for something, and a wave at one instant."""

from __future__ import annotations

import heapq
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench import ours, workload
from bench.timing import percentile
from onefold.core.document import read_yaml
from onefold.core.instant import DAY
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.definitions import Feature
from onefold.features.engine import FOREVER, Engine
from onefold.features.plan import build_plan
from onefold.profiles.timeline import read_people, read_these
from onefold.profiles.words import Rows
from onefold.segments.definitions import SegmentSet
from onefold.segments.membership import Membership
from onefold.segments.reading import read_segments
from onefold.segments.timers import Firing, Timers

SEGMENTS, CONDITIONS = 500, 6
PEOPLE, FIRINGS = 10_000, 2_000
WAVE, BATCH = 100_000, 1_000
EVENTS_A_CUSTOMER = 20
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """Microseconds a customer of setting timers and of memberships; of firings the share that flips something, and
    milliseconds; seconds of a wave, by its size, and the largest resident memory of all in MB.
    """

    segments: int
    conditions: int
    member_us: float
    timer_us: float
    one_member_ms: float
    one_timer_ms: float
    firings: int
    flipped: float
    firing_ms: float
    wave_s: dict[int, float]
    batch_ms: float
    rss_mb: int


class Rules:
    """The segments of the workload, and what reads them."""

    def __init__(self, wave: str = "") -> None:
        features = workload.engine().plan.features
        random = Random(workload.NOW)
        names = sorted(features.features)
        when = {f"s{at:03}": {"when": _predicate(random, names, features.features)} for at in range(SEGMENTS)}
        if wave:
            when["wave"] = {"when": wave}
        section = read_yaml(json.dumps({"segments": when}), "segments/bench.yaml")
        self.segments: SegmentSet = read_segments([section], features)
        section.problems.raise_if_any()
        layout = workload.engine().plan.layout
        self.engine = Engine(build_plan(features, layout, above=self.segments.expressions), zone("UTC"))
        self.membership = Membership(self.segments, self.engine)
        self.timers = Timers(self.segments, self.engine, self.membership)
        self.firing = Firing(self.segments, self.membership, self.timers)


def _predicate(random: Random, names: Sequence[str], features: dict[str, Feature] | object) -> str:
    assert isinstance(features, dict)
    parts = [_condition(random, features[random.choice(names)]) for _ in range(random.randrange(1, CONDITIONS + 1))]
    return (" AND " if random.random() < 0.7 else " OR ").join(parts)


def _condition(random: Random, feature: Feature) -> str:
    if feature.body.result.type is ValueType.CATEGORY:
        return f"{feature.name} = 'c{random.randrange(workload.CATEGORIES)}'"
    if feature.body.result.type is ValueType.NUMBER:
        return f"{feature.name} {random.choice(['>', '>=', '<', '='])} {random.randrange(3)}"
    return f"{feature.name} {random.choice(['>', '<'])} {random.randrange(50, 900)}"


def figures(folder: Path) -> Figures:
    """Measure all on one process; the wave is read from a timeline store."""
    rules = Rules()
    for _ in ours.build_store(folder / "people", workload.table(PEOPLE * EVENTS_A_CUSTOMER, PEOPLE)):
        pass
    store = ours.open_store(folder / "people")
    rules.engine.texts.add(store.texts())
    chunks = list(read_people(store, known=FOREVER))
    _, rows, people = chunks[0]
    rules.timers.due(rows, people, now=workload.NOW)  # compiled, warm
    member, timer = _costs(rules, rows, people)
    one = [_costs(rules, *_one(rows, people, at)) for at in range(100)]
    fired, flipped, spent = _firings(rules, chunks)
    store.close()
    waves, batch = _waves(folder)
    return Figures(
        SEGMENTS, len(rules.membership.conditions.leaves),
        round(member * 1e6 / (len(people) - 1), 1), round(timer * 1e6 / (len(people) - 1), 1),
        round(percentile([cost for cost, _ in one], 0.5) * 1e3, 2),
        round(percentile([cost for _, cost in one], 0.5) * 1e3, 2),
        fired, round(flipped / fired, 3), round(percentile(spent, 0.5) * 1e3, 2),
        waves, batch, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )  # fmt: skip


def _one(rows: Rows, people: Numbers, at: int) -> tuple[Rows, Numbers]:
    mine = rows[people[at] : people[at + 1]]
    return mine, np.array([0, len(mine)], np.int64)


def _costs(rules: Rules, rows: Rows, people: Numbers) -> tuple[float, float]:
    start = time.perf_counter()
    members = rules.membership.read(rows, people, now=workload.NOW)
    read = time.perf_counter()
    rules.timers.due(rows, people, now=workload.NOW, members=members)
    return read - start, time.perf_counter() - read


def _firings(rules: Rules, chunks: list[tuple[list[bytes], Rows, Numbers]]) -> tuple[int, int, list[float]]:
    """Let the first timers of everybody go off one after another, as time passes."""
    inside: dict[int, frozenset[str]] = {}
    waiting: list[tuple[int, int]] = []
    everybody = [_one(rows, people, at) for _, rows, people in chunks for at in range(len(people) - 1)]
    for first, (_, rows, people) in zip(_firsts(chunks), chunks, strict=True):
        members = rules.membership.read(rows, people, now=workload.NOW)
        due = rules.timers.due(rows, people, now=workload.NOW, members=members)
        for at in range(len(people) - 1):
            inside[first + at] = frozenset(members.names(at))
            waiting.append((int(due[at]), first + at))
    heapq.heapify(waiting)
    fired, flipped, spent = 0, 0, []
    while waiting and fired < FIRINGS:
        now, who = heapq.heappop(waiting)
        start = time.perf_counter()
        found = rules.firing.fire([b""], *everybody[who], before=[inside[who]], now=now)
        spent.append(time.perf_counter() - start)
        fired, flipped = fired + 1, flipped + bool(found.changes)
        inside[who] = inside[who].symmetric_difference(one.segment for one in found.changes)
        heapq.heappush(waiting, (int(found.due[0]), who))
    return fired, flipped, spent


def _firsts(chunks: list[tuple[list[bytes], Rows, Numbers]]) -> list[int]:
    return [0, *np.cumsum([len(people) - 1 for _, _, people in chunks]).tolist()][:-1]


def _waves(folder: Path) -> tuple[dict[int, float], float]:
    """Let the timers of many customers go off at one instant, a batch after another, read from the store."""
    at = workload.NOW
    rules = Rules("f06_1d >= 1")
    events = workload.table(WAVE * EVENTS_A_CUSTOMER, WAVE)
    login = pa.table(
        {
            "customer": pa.array(np.arange(WAVE)),
            "time": pa.array(np.full(WAVE, at), pa.timestamp("us", tz="UTC")),
            "type": pa.DictionaryArray.from_arrays(
                pa.array(np.full(WAVE, workload.types().index("login"), np.int32)), pa.array(workload.types())
            ),
            "amount": pa.array(np.zeros(WAVE, np.int64)),
            "category": pa.DictionaryArray.from_arrays(pa.array(np.zeros(WAVE, np.int32)), pa.array(["c0"])),
            "country": pa.DictionaryArray.from_arrays(pa.array(np.zeros(WAVE, np.int32)), pa.array(["k0"])),
        }
    )
    for _ in ours.build_store(folder / "wave", pa.concat_tables([events, login]).unify_dictionaries()):
        pass
    store = ours.open_store(folder / "wave")
    rules.engine.texts.add(store.texts())
    roots = [node for node, _ in store.nodes()]
    now, before = at + DAY + 1, dict[bytes, frozenset[str]]()
    for first in range(0, len(roots), BATCH):
        some, rows, people = read_these(store, roots[first : first + BATCH], known=FOREVER)
        members = rules.membership.read(rows, people, now=now - 1)
        before |= {root: frozenset(members.names(row)) for row, root in enumerate(some)}
    start, found, batches = time.perf_counter(), dict[int, float](), list[float]()
    for first in range(0, len(roots), BATCH):
        begun = time.perf_counter()
        some, rows, people = read_these(store, roots[first : first + BATCH], known=FOREVER)
        fired = rules.firing.fire(some, rows, people, before=[before[root] for root in some], now=now)
        assert sum(one.segment == "wave" for one in fired.changes) == len(some)
        batches.append(time.perf_counter() - begun)
        if first + BATCH in (WAVE // 2, WAVE):
            found[first + BATCH] = round(time.perf_counter() - start, 2)
    store.close()
    return found, round(percentile(batches, 0.5) * 1e3, 1)
