"""Onefold's side of rows 1 and 2: genomes of everybody from Parquet, from the store, and from a flat snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench import workload
from onefold.adapters.files.snapshot import open_snapshot, write_snapshot
from onefold.adapters.lmdb.timelines import LmdbTimelines
from onefold.core.ids import Identifier, pseudonym
from onefold.features.engine import FOREVER, Engine
from onefold.features.frame import genomes_of, timelines_of
from onefold.features.genomes import Genomes
from onefold.profiles.store import Batch
from onefold.profiles.timeline import PEOPLE_A_CHUNK, read_people

KEY = bytes(32)
PEOPLE_A_BATCH = 20_000
PROCESSES = 2


def from_parquet(path: Path, engine: Engine) -> tuple[pa.Array, Genomes]:
    return genomes_of(pq.read_table(path), engine, now=workload.NOW, customer="customer", time="time", event="type")


def build_store(folder: Path, events: pa.Table) -> Iterator[int]:
    """Put events into a new store, customers in the order of their pseudonyms; yield how many are done."""
    layout = workload.engine().plan.layout
    frame = timelines_of(events, layout, customer="customer", time="time", event="type")
    nodes = [pseudonym(KEY, Identifier("client", str(key))) for key in frame.keys.to_pylist()]
    order = sorted(range(len(nodes)), key=nodes.__getitem__)
    offsets = frame.people.tolist()
    store = LmdbTimelines(folder, layout)
    for first in range(0, len(order), PEOPLE_A_BATCH):
        chosen = order[first : first + PEOPLE_A_BATCH]
        rows = {nodes[at]: frame.rows[offsets[at] : offsets[at + 1]] for at in chosen}
        store.apply(Batch(first + 1, rows, texts=frame.texts, known=set(rows)))
        yield first + len(chosen)
    store.close()


def open_store(folder: Path) -> LmdbTimelines:
    return LmdbTimelines(folder, workload.engine().plan.layout, readonly=True)


def build_snapshot(path: Path, store: LmdbTimelines) -> None:
    layout = workload.engine().plan.layout
    write_snapshot(path, layout, seq=store.state()[0], chunks=read_people(store, known=FOREVER))


def from_snapshot(path: Path, engine: Engine) -> Genomes:
    snapshot = open_snapshot(path, engine.plan.layout)
    return engine.read(snapshot.rows, snapshot.people, now=workload.NOW)


def from_store(store: LmdbTimelines, engine: Engine) -> NDArray[np.int64]:
    """Read everybody in one process: a chunk from the store, then its genomes."""
    parts = [engine.read(rows, people, now=workload.NOW).words for _, rows, people in read_people(store, known=FOREVER)]
    return np.concatenate(parts)


class Workers:
    """Processes that read the store side by side, each with an engine of its own, into one shared file."""

    def __init__(self, folder: Path, shared: Path, people: int) -> None:
        self._shape = (people, len(workload.engine().plan.columns))
        self._shared = shared
        np.memmap(shared, np.int64, "w+", shape=self._shape).flush()
        self._pool = ProcessPoolExecutor(
            PROCESSES, mp_context=get_context("spawn"), initializer=_open, initargs=(folder, shared, self._shape)
        )
        list(self._pool.map(_share, [([], 0)] * PROCESSES * 4))

    def read(self, store: LmdbTimelines) -> NDArray[np.int64]:
        """Read everybody; the names are listed here, their records and genomes are read over there."""
        nodes = [node for node, _ in store.nodes()]
        edges = [len(nodes) * part // (PROCESSES * 4) for part in range(PROCESSES * 4 + 1)]
        list(self._pool.map(_share, [(nodes[first:end], first) for first, end in pairwise(edges)]))
        return np.memmap(self._shared, np.int64, "r", shape=self._shape)

    def close(self) -> None:
        """End the processes and remove the shared file."""
        self._pool.shutdown()
        self._shared.unlink()


_worker: list[tuple[LmdbTimelines, Engine, NDArray[np.int64]]] = []


def _open(folder: Path, shared: Path, shape: tuple[int, int]) -> None:
    store, engine = open_store(folder), workload.engine()
    engine.texts.add(store.texts())
    _worker.append((store, engine, np.memmap(shared, np.int64, "r+", shape=shape)))


def _share(share: tuple[list[bytes], int]) -> None:
    nodes, place = share
    store, engine, words = _worker[0]
    for first in range(0, len(nodes), PEOPLE_A_CHUNK):
        chunk = nodes[first : first + PEOPLE_A_CHUNK]
        rows, people = store.many(chunk)
        words[place + first :][: len(chunk)] = engine.read(rows, people, now=workload.NOW).words
