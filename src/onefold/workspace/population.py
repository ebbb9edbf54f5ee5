"""The values of features for the whole population at a local midnight: what ranks and markers compare with.

Computed on demand, a scan for all the features that are usually asked for together, and kept: in memory for a few
midnights, and in files beside the timelines, so that the next command finds them. What is kept is used only as long as
nothing that arrived since can have changed it (:mod:`onefold.workspace.arrivals`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from onefold.adapters.files.sorted_columns import ColumnFile, Numbers, open_columns, write_columns
from onefold.core.errors import StorageError
from onefold.core.ids import text_code
from onefold.features.definitions import FeatureSet, Ranked
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.markers import thinned
from onefold.language.columns import Texts, compact
from onefold.profiles.words import Rows
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.spool import Spool

MIDNIGHTS = 4
"""Snapshots (of one midnight, one ``known`` and one set of features) that are kept in memory."""
FILES = 8
"""Snapshots that are kept in files."""
WORTH_A_FILE = 1_000
"""Customers from which on a snapshot is written: fewer are read again as quickly."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Scan(Protocol):
    """What the population is read from: a reader of a workspace."""

    def people(self, *, known: int) -> Iterator[tuple[list[bytes], Rows, NDArray[np.int64]]]:
        """Yield the records of all known customers in chunks."""
        ...

    def engine_of(self, names: Collection[str]) -> Engine:
        """Return an engine of some features and what they are built on, with every text known by now."""
        ...

    def position(self) -> int:
        """Return the number of the last record of the log that is on the timelines."""
        ...

    def earliest(self, after: int, until: int, known: int) -> int:
        """Return the earliest instant at which answers may differ for records that came after one."""
        ...


@dataclass(frozen=True, slots=True)
class _Key:
    """What is asked of the population; ``most`` values of each column (0: all of them)."""

    midnight: int
    known: int
    names: tuple[str, ...]
    most: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """Columns, sorted, of the ``size`` customers who existed; true as of the record ``seq`` of the log."""

    seq: int
    size: int
    columns: Mapping[str, Numbers] | ColumnFile

    def column(self, name: str) -> Numbers:
        """Return a column: doubles, or of a category the codes of its texts."""
        return self.columns[name] if isinstance(self.columns, Mapping) else self.columns.column(name)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Sorted values of features, at most some thousand of each, of the ``size`` customers who exist at an instant."""

    size: int
    columns: Mapping[str, Numbers]


class Population:
    """Gives the values of any feature for the population at a midnight. Threads may share it.

    ``identity`` says under which definitions (digest and layout) they are read; files of others are not used.
    """

    def __init__(self, scan: Scan, features: FeatureSet, *, folder: Path, identity: str) -> None:
        self._scan, self._features, self._folder, self._identity = scan, features, folder, identity
        ranked = ranked_of(features)
        self._ranked = frozenset(name for name in ranked if not rests_on_rank(features, name))
        self._kept: dict[_Key, _Snapshot] = {}
        self._lock = threading.RLock()

    def values(self, name: str, midnight: int, known: int = FOREVER) -> Floats:
        """Return the non-NULL values of a feature at an instant, sorted, as expressions see them (money: minor units).

        Those of every known customer who exists then; of a category none, see :meth:`codes`. ``midnight`` is a local
        midnight, ``known`` the last arrival that counts.
        """
        found = self._column(name, midnight, known)
        return found.view(np.float64) if found.dtype.kind == "f" else np.zeros(0)

    def codes(self, name: str, midnight: int, known: int = FOREVER) -> Codes:
        """Return the codes (:func:`onefold.core.ids.text_code`) of the non-NULL values of a category, sorted."""
        found = self._column(name, midnight, known)
        return found.view(np.int64) if found.dtype.kind == "i" else np.zeros(0, np.int64)

    def sample(
        self, names: Iterable[str], midnight: int, known: int = FOREVER, *, most: int, progress: Progress = silent
    ) -> Sample:
        """Return the values of several features (codes of categories), read in one scan, at most ``most`` of each."""
        key = _Key(midnight, known, tuple(sorted(names)), most)
        with self._lock:
            columns = {name: self._of(key, name, progress) for name in key.names}
            return Sample(self._snapshot(key, progress).size, columns)

    def _column(self, name: str, midnight: int, known: int) -> Numbers:
        """Return a column, with all that ranks compare with read in the same scan."""
        alone = rests_on_rank(self._features, name)
        names = (name,) if alone else tuple(sorted({name} | self._ranked))
        with self._lock:
            return self._of(_Key(midnight, known, names), name, silent)

    def _of(self, key: _Key, name: str, progress: Progress) -> Numbers:
        try:
            return self._snapshot(key, progress).column(name)
        except StorageError:  # the file was damaged after it was opened
            self._kept.pop(key, None)
            self._path(key).unlink(missing_ok=True)
            return self._snapshot(key, progress).column(name)

    def _snapshot(self, key: _Key, progress: Progress) -> _Snapshot:
        found = self._found(key)
        if found is None:
            found = self._open(key) or self._read(key, progress)
            self._kept[key] = found
            while len(self._kept) > MIDNIGHTS:
                self._kept.pop(next(iter(self._kept)))
        return found

    def _found(self, key: _Key) -> _Snapshot | None:
        """Return what is in memory if it still holds, as the one used last."""
        kept = self._kept.pop(key, None)
        current = self._still(kept, key) if kept is not None else None
        if current is not None:
            self._kept[key] = current
        return current

    def _still(self, snapshot: _Snapshot, key: _Key) -> _Snapshot | None:
        """Return a snapshot as of the present position of the log, None where something may have changed it."""
        position = self._scan.position()
        if position == snapshot.seq:
            return snapshot
        if position < snapshot.seq or self._scan.earliest(snapshot.seq, position, key.known) <= key.midnight:
            return None
        return replace(snapshot, seq=position)

    def _path(self, key: _Key) -> Path:
        stated = json.dumps([self._identity, key.midnight, key.known, key.names, key.most])
        return self._folder / f"population-{hashlib.sha256(stated.encode()).hexdigest()[:24]}"

    def _open(self, key: _Key) -> _Snapshot | None:
        """Return what an earlier command kept, None where there is nothing of use."""
        try:
            file = open_columns(self._path(key))
        except StorageError:
            return None
        seq, size = file.facts.get("seq"), file.facts.get("size")
        if not isinstance(seq, int) or not isinstance(size, int) or not file.names.issuperset(key.names):
            return None
        return self._still(_Snapshot(seq, size, file), key)

    def _read(self, key: _Key, progress: Progress) -> _Snapshot:
        """Read the population; where no file can be written, what was read is kept in memory alone."""
        seq, size = self._scan.position(), 0
        engine = self._scan.engine_of(key.names)
        with Spool(self._folder) as spool:
            for _, rows, people in self._scan.people(known=key.known):
                genomes = engine.read(rows, people, now=key.midnight, known=key.known)
                size += int(genomes.present.sum())
                spool.add({name: _values(genomes, name) for name in key.names})
                progress("Reading the population", size, None)
            if size >= WORTH_A_FILE:
                with suppress(StorageError):
                    return self._write(key, seq, size, spool)
            return _Snapshot(seq, size, dict(_columns(key, spool)))

    def _write(self, key: _Key, seq: int, size: int, spool: Spool) -> _Snapshot:
        path = self._path(key)
        write_columns(path, {"seq": seq, "size": size}, _columns(key, spool))
        kept = sorted(self._folder.glob("population-*"), key=lambda one: one.stat().st_mtime_ns)
        for old in kept[:-FILES]:
            old.unlink(missing_ok=True)
        return _Snapshot(seq, size, open_columns(path))


def _columns(key: _Key, spool: Spool) -> Iterator[tuple[str, Numbers]]:
    for name in key.names:
        values = spool.sorted(name)
        yield name, thinned(values, key.most) if key.most else values


def _values(genomes: Genomes, name: str) -> Numbers:
    """Return the non-NULL values of those who exist, in no order."""
    column, present = genomes.columns[name], genomes.present
    if isinstance(column, Texts):
        few = compact(Texts(column.indices[present], column.texts))
        codes = np.array([text_code(text) for text in few.texts], np.int64)
        return codes[few.indices[few.indices >= 0]]
    values = column.values[present]
    return values[~np.isnan(values)]


def ranked_of(features: FeatureSet) -> frozenset[str]:
    """Return the features that others are ranked by."""
    bodies = (feature.body for feature in features.features.values())
    return frozenset(body.of for body in bodies if isinstance(body, Ranked))


def rests_on_rank(features: FeatureSet, name: str) -> bool:
    """Whether a feature is a rank, or built on one."""
    below = (features.features.get(one) for one in built_on(features, [name]))
    return any(isinstance(one.body, Ranked) for one in below if one is not None)


def built_on(features: FeatureSet, names: Iterable[str]) -> frozenset[str]:
    """Return names and every name of the genome that they are built on, traits and ``age`` too."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            feature = features.features.get(name)
            waiting += sorted(feature.body.names) if feature is not None else []
    return frozenset(found)
