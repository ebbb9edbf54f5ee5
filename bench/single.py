"""Row 3: one genome of a timeline of 1,000 events, read from LMDB and computed, inside the process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench import ours, workload
from bench.timing import percentile
from onefold.adapters.lmdb.timelines import LmdbTimelines
from onefold.features import kernel
from onefold.features.binding import bind
from onefold.features.calendar import zone_arrays
from onefold.features.engine import FOREVER, Engine
from onefold.profiles.timeline import read_person
from onefold.profiles.words import Rows

PEOPLE, EVENTS, CALLS = 100, 1_000, 3_000


@dataclass(frozen=True)
class Latency:
    """Microseconds of single calls."""

    name: str
    median: float
    p99: float


def latencies(folder: Path) -> list[Latency]:
    """Return what a genome takes as a whole, for shared and for different filters, and its parts."""
    for _ in ours.build_store(folder, workload.table(PEOPLE * EVENTS, PEOPLE)):
        pass
    store = ours.open_store(folder)
    nodes = [node for node, _ in store.nodes()]
    found = []
    for name, engine in (("20 filters", workload.engine()), ("100 filters", workload.different_engine())):
        engine.texts.add(store.texts())
        timelines = [read_person(store, node, known=FOREVER) for node in nodes]
        found += [
            _timed(f"genome, {name}", partial(_genome, store, engine, nodes)),
            _timed(f"of it kernel, {name}", _kernel(engine, timelines)),
        ]
    found.append(_timed("of it LMDB", lambda at: store.rows(nodes[at])))
    found.append(_timed("of it LMDB and person", lambda at: read_person(store, nodes[at], known=FOREVER)))
    store.close()
    return found


def _genome(store: LmdbTimelines, engine: Engine, nodes: list[bytes], at: int) -> object:
    rows = read_person(store, nodes[at], known=FOREVER)
    return engine.read(rows, np.array([0, len(rows)], np.int64), now=workload.NOW)


def _kernel(engine: Engine, timelines: list[Rows]) -> Callable[[int], object]:
    """Return a call of the compiled kernel alone."""
    plan, zone = engine.plan, zone_arrays(engine.zone)
    programs = bind(plan, engine.texts)
    words, changes, status = np.empty((1, len(plan.columns)), np.int64), np.empty(1, np.int64), np.empty(1, np.uint8)
    masks = np.zeros((0, 0), np.uint8)

    def run(at: int) -> None:
        rows = timelines[at]
        kernel.run(
            rows, np.array([0, len(rows)], np.int64), masks, workload.NOW, FOREVER,
            plan.sources, plan.filters, programs.leaves, programs.sets,
            plan.groups, plan.windows, plan.bounds, plan.outputs, plan.empty,
            zone.starts, zone.offsets, zone.peaks, words, words.view(np.float64), changes, status,
        )  # fmt: skip

    return run


def _timed(name: str, call: Callable[[int], object]) -> Latency:
    spent = []
    for at in range(CALLS + 100):
        start = time.perf_counter_ns()
        call(at % PEOPLE)
        spent.append((time.perf_counter_ns() - start) / 1e3)
    spent = spent[100:]
    return Latency(name, percentile(spent, 0.5), percentile(spent, 0.99))
