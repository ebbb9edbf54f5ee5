"""Kept genomes of all known customers, so that a preview reads columns and no timelines.

A file of them (:mod:`onefold.adapters.files.columns`) is made when it is first asked for, under ``.onefold/columns``.
From then on only those are read again of whom the log says something new, and those whose genome has changed by itself
since: each row is kept with the instant of its next change. So what it answers is exact at the instant asked about.
Whatever cannot be believed, or is of other definitions, is made anew; where that fails too, nothing is answered here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from onefold.adapters.files import columns as files
from onefold.adapters.files.column_head import Head
from onefold.adapters.files.columns import GenomeFile
from onefold.core.errors import OnefoldError, StorageError
from onefold.core.ids import NODE_BYTES
from onefold.features import tables
from onefold.features.engine import FOREVER, Engine
from onefold.features.tables import NEVER
from onefold.profiles.identity import View
from onefold.profiles.linked import linked_with
from onefold.profiles.store import KNOWN
from onefold.profiles.timeline import read_person
from onefold.profiles.words import Rows, codes_of, times_of
from onefold.segments.kept import KeptShape
from onefold.segments.lasting import Lasting
from onefold.segments.presence import presence
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.reader import Reader
from onefold.workspace.stores import COLUMNS

WAIT = 2.0
"""Seconds for which another process that has the file is waited for."""
FEW = 2_000
"""Customers that are always worth reading again one by one; beyond a quarter of all, everybody is read anew."""
PEOPLE_A_READ = 1_000

Check = Callable[[], None]
"""Called every now and then; raises where nobody wants the answer any more."""


class Cancelled(OnefoldError):  # noqa: N818 - no fault: whoever asked took it back
    """Whoever asked does not want the answer any more; nothing was left half done."""


def check_of(cancelled: Callable[[], bool] | None) -> Check:
    """Return a check that raises :class:`Cancelled` once ``cancelled`` says so."""

    def check() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled("the question was taken back")

    return check


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns that are exact at the instant asked about; ``fresh`` where all rows were read for this question."""

    file: GenomeFile
    fresh: bool


class GenomeColumns:
    """The kept columns under the definitions of a reader; ``name`` tells several files apart.

    Each file moves forward in time: one of the present, one of a day before.
    """

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader, self._path = reader, reader.stores.folder / COLUMNS / f"genomes-{name}"
        self.results = reader.wide
        self.shape = KeptShape(self.results.engine)
        self.lasting = Lasting(reader.definitions.segments, self.results.engine)
        self._width = len(self.shape.plan.columns) + self.lasting.columns
        plan = replace(self.results.engine.plan, derived=(), above=(), ranks=())
        self._bare = Engine(plan, self.shape.zone)  # its changes are those of what is kept: windows and `where` alone
        self._bare.texts = self.results.engine.texts

    @contextmanager
    def at(self, now: int, *, progress: Progress = silent, check: Check) -> Iterator[Kept | None]:
        """Give the columns as of an instant while nobody else changes them.

        None where they cannot be had: another process is at them, the disk refuses, or they are of later than ``now``.
        """
        try:
            lock = files.column_lock(self._path, wait=WAIT, give_up=check)
            mine = lock.__enter__()
        except OSError:
            yield None
            return
        try:
            yield self._brought_up(now, progress, check) if mine else None
        finally:
            lock.__exit__(None, None, None)

    def _brought_up(self, now: int, progress: Progress, check: Check) -> Kept | None:
        self._reader.with_texts(self._bare)
        try:
            file = self._opened()
            if file is not None and now < file.head.now:
                return None
            if file is not None and self._refresh(file, now, progress, check):
                return Kept(file, fresh=False)
            self._build(now, progress, check)
            file = self._opened()
        except StorageError:
            return None
        return Kept(file, fresh=True) if file is not None else None

    def _opened(self) -> GenomeFile | None:
        try:
            return files.open_genomes(self._path, identity=self._reader.identity, columns=self._width)
        except StorageError:
            return None

    def _build(self, now: int, progress: Progress, check: Check) -> None:
        """Read everybody, and write a file in place of what was there."""
        head = Head(self._reader.identity, self._width, self._reader.position(), now, now)

        def chunks() -> Iterator[files.Rows]:
            done = 0
            for roots, rows, people in self._reader.people(known=FOREVER):
                check()
                yield self._rows(roots, rows, people, now)
                done += len(roots)
                progress("Reading genomes", done, None)

        files.write_genomes(self._path, head, chunks())

    def _rows(self, roots: list[bytes], rows: Rows, people: NDArray[np.int64], now: int) -> files.Rows:
        found = self._bare.read(rows, people, now=now)
        words, again = self.shape.keep(found.words, now)
        words = np.hstack([words, self.lasting.words(rows, people, now=now)])
        due = np.minimum(found.changes, self._appearances(rows, people, found.present, now))
        return files.Rows(_array(roots), words, np.where(again, now, due), found.present)

    def _appearances(
        self, rows: Rows, people: NDArray[np.int64], present: NDArray[np.bool_], now: int
    ) -> NDArray[np.int64]:
        """Return when each customer begins or ceases to exist, NEVER where nothing tells of it."""
        found = np.full(len(present), NEVER, np.int64)
        times = times_of(rows)
        owners = np.repeat(np.arange(len(present)), np.diff(people))
        coming = times > now
        np.minimum.at(found, owners[coming], times[coming])
        for person in np.flatnonzero(present & ~self._stays(rows, owners, len(present), now)).tolist():
            spans = presence(rows[people[person] : people[person + 1]], self.shape.plan, self.shape.zone)
            ends = [span.stop for span in spans if span.start <= now < span.stop]
            found[person] = min([int(found[person]), *ends])
        return found

    def _stays(self, rows: Rows, owners: NDArray[np.int64], count: int, now: int) -> NDArray[np.bool_]:
        """Return who has an event that retention never ends."""
        retention = self.shape.plan.sources[:, tables.SOURCE_RETENTION]
        codes = codes_of(rows).astype(np.int64)
        kept = (times_of(rows) <= now) & (codes < len(retention))
        kept[kept] = retention[codes[kept]] < 0
        return np.bincount(owners[kept], minlength=count) > 0

    def _refresh(self, file: GenomeFile, now: int, progress: Progress, check: Check) -> bool:
        """Read those again who may have changed; False where reading everybody is as quick, or nothing is sure."""
        position, most = self._reader.position(), max(FEW, file.head.rows // 4)
        if position < file.head.seq or position - file.head.seq > most:
            return False
        nodes = self._touched(file.head.seq, position, most)
        due = [root for block in file.blocks() for root in _roots_at(block, np.flatnonzero(block.due <= now))]
        if nodes is None or len(nodes) + len(due) > most:
            return False
        if nodes or due or position != file.head.seq:
            self._read_again(file, sorted(nodes.union(due)), position, now, progress, check)
        return True

    def _touched(self, after: int, until: int, most: int) -> set[bytes] | None:
        """Return every name whose customer the log may have changed since a record; None where they are many."""
        stores, nodes = self._reader.stores, set[bytes]()
        if until > after and stores.log.last() < until:
            return None
        if until > after:
            for seq, payload in stores.log.records(after):
                if seq <= until:
                    nodes.add(stores.codec.peek(payload)[1])
        return linked_with(self._reader.timelines, nodes, most=most)

    def _read_again(
        self, file: GenomeFile, nodes: list[bytes], position: int, now: int, progress: Progress, check: Check
    ) -> None:
        view = View(self._reader.timelines, FOREVER)
        alive = [node for node in nodes if view.info(node).flags & KNOWN and view.root_at(node, FOREVER) == node]
        parts = [self._none()]
        for some in _chunks(alive, PEOPLE_A_READ):
            check()
            parts.append(self._people(some, now))
            progress("Reading genomes", sum(map(len, parts)), len(alive))
        read = files.joined(parts)
        places = file.places(alive)
        gone = file.places(sorted(set(nodes) - set(alive)))
        gone = gone[gone >= 0]
        there = places >= 0
        changed = files.joined([files.part_of(read, there), self._gone(file, gone)])
        at = np.concatenate([places[there], gone])
        file.update(at, changed, files.part_of(read, ~there), seq=position, now=now)

    def _people(self, roots: list[bytes], now: int) -> files.Rows:
        store = self._reader.timelines
        infos = {root: store.node(root) for root in roots}
        simple = [root for root, info in infos.items() if info is not None and info.simple]
        rows, offsets = store.many(simple)
        of = {root: rows[offsets[at] : offsets[at + 1]] for at, root in enumerate(simple)}
        parts = [of[root] if root in of else read_person(store, root, known=FOREVER) for root in roots]
        people = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        return self._rows(roots, np.concatenate(parts), people, now)

    def _none(self) -> files.Rows:
        nothing = np.zeros(0, np.int64)
        return files.Rows(_array([]), np.zeros((0, self._width), np.int64), nothing, np.zeros(0, bool))

    def _gone(self, file: GenomeFile, places: NDArray[np.int64]) -> files.Rows:
        """Return rows of customers who are someone else by now: nobody is there."""
        count = len(places)
        words = np.zeros((count, self._width), np.int64)
        roots = _array(file.roots_at(places.tolist()))
        return files.Rows(roots, words, np.full(count, NEVER, np.int64), np.zeros(count, bool))


def _array(roots: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(roots), np.uint8).reshape(-1, NODE_BYTES)


def _roots_at(block: files.Block, places: NDArray[np.int64]) -> list[bytes]:
    return [root.tobytes() for root in block.roots[places]]


def _chunks(items: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
