"""Counting in kept columns, a block at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from onefold.adapters.files.columns import Block, GenomeFile
from onefold.language.ast import Node
from onefold.language.columns import BoolArray
from onefold.language.to_numpy import Compute, to_numpy
from onefold.segments.kept import KeptShape
from onefold.segments.lasting import Lasting
from onefold.segments.preview import SAMPLE, Settled, Settling, Tally
from onefold.workspace.columns import Check

Recall = Callable[[str, list[bytes]], BoolArray]
"""Reads timelines: of a segment and some customers, for whom its predicate was true within ``hold``."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts those for whom a predicate is true in a file of kept columns, as of ``now``.

    With ``meet`` it also tells of which segments they are members. ``recall`` is asked of the few for whom columns do
    not tell whether they are in a segment with ``hold``.
    """

    shape: KeptShape
    settling: Settling
    lasting: Lasting
    now: int
    check: Check
    recall: Recall
    meet: bool = False

    def count(self, file: GenomeFile, node: Node) -> Tally:
        """Return the count, with the lowest pseudonyms; all cores share the blocks."""
        tally, condition = Tally(), to_numpy(node)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            counted = partial(self._of_block, condition=condition, ordered=file.head.ordered)
            try:
                for part in pool.map(counted, file.blocks()):
                    tally.take(part)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return tally

    def _of_block(self, block: Block, condition: Compute, ordered: int) -> Tally:
        self.check()
        tally, ordered = Tally(), ordered - block.first
        present = block.present.view(bool)
        settled = self._settled(block, present, slice(None))
        inside = settled.true(condition)
        places = np.flatnonzero(inside)
        first = int(np.searchsorted(places, max(0, ordered)))  # from there on rows stand in no order
        lowest = np.concatenate([places[:first][:SAMPLE], places[first:]])
        tally.add(inside, int(np.count_nonzero(present)), _roots(block, lowest))
        if self.meet and len(places):
            tally.meet(self._members(block, settled, inside, places))
        return tally

    def _settled(self, block: Block, present: BoolArray, rows: slice | NDArray[np.int64]) -> Settled:
        genomes = self.shape.genomes(block.words, present, now=self.now, rows=rows)
        bits, roots = block.words[len(self.shape.plan.columns) :, rows], block.roots[rows]

        def lately(name: str, asked: BoolArray) -> BoolArray:
            found = asked & ~self.lasting.settled(name, bits)
            unsure = np.flatnonzero(found)
            if len(unsure):
                found[unsure] = self.recall(name, [root.tobytes() for root in roots[unsure]])
            return found

        return self.settling.of(genomes, self.shape.zone, lately)

    def _members(self, block: Block, settled: Settled, inside: BoolArray, places: NDArray[np.int64]) -> dict[str, int]:
        """Return how many of those inside are members of each segment; where they are few, asking of them alone."""
        if len(places) * 2 < len(inside):
            settled, inside = self._settled(block, inside[places], places), inside[places]
        names = self.settling.segments.segments
        return {name: int(np.count_nonzero(settled.inside(name) & inside)) for name in names}


def _roots(block: Block, places: NDArray[np.int64]) -> list[bytes]:
    return [root.tobytes() for root in block.roots[places]]
