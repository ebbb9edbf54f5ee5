"""Previews: how many customers a predicate holds of, off kept columns where they serve, else off the timelines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from onefold.core.instant import SECOND, format_instant
from onefold.features.engine import FOREVER
from onefold.language.ast import Node
from onefold.language.columns import BoolArray
from onefold.profiles.timeline import read_person
from onefold.segments.kept import day_before
from onefold.segments.preview import SAMPLE, Settling, Tally, overlap
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.columns import Check, GenomeColumns
from onefold.workspace.counting import Counting, Recall
from onefold.workspace.reader import Reader

PRESENT, DAY_BEFORE = "present", "day-before"


@dataclass(frozen=True, slots=True)
class Preview:
    """How many customers a predicate holds of.

    ``share`` is of the ``population``, 0 to 1; ``ms`` the time taken; ``sample`` names some of them. ``change`` is what
    the count is more than at the same wall clock on the day before, as known today; ``overlap`` says of the published
    segments that most of them are members of, how many. ``cached`` says whether kept columns answered, which were made
    ``age_seconds`` ago and brought up to ``as_of`` since.
    """

    count: int
    share: float
    population: int
    ms: float
    as_of: str
    sample: tuple[str, ...]
    change: int
    overlap: Mapping[str, int]
    age_seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A predicate, the instant asked about, what had arrived by then, and who listens."""

    node: Node
    now: int
    check: Check
    known: int = FOREVER
    visitors: bool = False
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class _Answer:
    """A count, and how old the columns are that gave it; ``built`` is None where none did."""

    tally: Tally
    built: int | None = None


class Previews:
    """Answers previews under the definitions of a reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self._zone = reader, reader.definitions.config.zone
        self._settling = Settling(reader.definitions.segments)
        self._files: dict[str, GenomeColumns] = {}

    def preview(self, asked: Question) -> Preview:
        """Answer for all known customers and all that is known, off kept columns where that gives the same."""
        began = time.perf_counter()
        found = self._kept(PRESENT, asked, meet=True) or _Answer(self._read(asked, meet=True))
        earlier = self._before(asked)
        then = self._kept(DAY_BEFORE, earlier) or _Answer(self._read(earlier))
        return self._told(asked, found, then.tally, began)

    def computed(self, asked: Question) -> Preview:
        """Answer off the timelines, at any instant and of anything known then."""
        began = time.perf_counter()
        return self._told(asked, _Answer(self._read(asked, meet=True)), self._read(self._before(asked)), began)

    def _before(self, asked: Question) -> Question:
        return replace(asked, now=day_before(self._zone, asked.now))

    def _kept(self, name: str, asked: Question, *, meet: bool = False) -> _Answer | None:
        """Count in kept columns; None where they cannot be had."""
        columns = self._columns(name)
        with columns.at(asked.now, progress=asked.progress, check=asked.check) as kept:
            if kept is None:
                return None
            counting = Counting(
                columns.shape, self._settling, columns.lasting, asked.now, asked.check, self._recall(asked.now), meet
            )
            return _Answer(counting.count(kept.file, asked.node), None if kept.fresh else kept.file.head.built)

    def _columns(self, name: str) -> GenomeColumns:
        if name not in self._files:
            self._files[name] = GenomeColumns(self.reader, name)
        return self._files[name]

    def _recall(self, now: int) -> Recall:
        """Return what reads the timelines of some customers, each once, for the segments with ``hold``."""
        known: dict[bytes, frozenset[str]] = {}

        def recall(name: str, roots: list[bytes]) -> BoolArray:
            fresh = [root for root in roots if root not in known]
            if fresh:
                known.update(zip(fresh, self._lately(fresh, now), strict=True))
            return np.array([name in known[root] for root in roots], bool)

        return recall

    def _lately(self, roots: list[bytes], now: int) -> list[frozenset[str]]:
        """Return of each customer the segments whose predicate was true within their ``hold``."""
        parts = [read_person(self.reader.timelines, root, known=FOREVER) for root in roots]
        people = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        lately = self.reader.results().membership.read(np.concatenate(parts), people, now=now).lately
        held = [name for name, one in self._settling.segments.segments.items() if one.hold]
        return [frozenset(name for name in held if lately[name][at]) for at in range(len(roots))]

    def _read(self, asked: Question, *, meet: bool = False) -> Tally:
        """Count off the timelines of everybody."""
        results, tally = self.reader.results([asked.node]), Tally()
        for roots, members in self.reader.members(
            now=asked.now, known=asked.known, visitors=asked.visitors, results=results
        ):
            asked.check()
            inside = results.membership.evaluate(asked.node, members)
            some = [roots[at] for at in np.flatnonzero(inside)[:SAMPLE].tolist()]
            tally.add(inside, int(members.genomes.present.sum()), some)
            if meet:
                tally.meet(overlap(members, inside))
            asked.progress("Reading genomes", tally.population, None)
        return tally

    def _told(self, asked: Question, found: _Answer, then: Tally, began: float) -> Preview:
        tally = found.tally
        return Preview(
            count=tally.count,
            share=tally.count / tally.population if tally.population else 0.0,
            population=tally.population,
            ms=round((time.perf_counter() - began) * 1000, 3),
            as_of=format_instant(asked.now),
            sample=tuple(self.reader.names(tally.lowest)),
            change=tally.count - then.count,
            overlap=tally.largest(),
            age_seconds=0.0 if found.built is None else (asked.now - found.built) / SECOND,
            cached=found.built is not None,
        )
