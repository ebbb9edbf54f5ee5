"""A simulated bank in memory, its lines read back by the plainest means."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from onefold.simulator.block import BLOCK, FILES, TRUTH, Block, simulate_block
from onefold.simulator.period import Period

Row = dict[str, str]
PERIOD = Period.ending(date(2026, 6, 30), days=120)


def block(seed: int, number: int = 0, *, size: int = BLOCK, period: Period = PERIOD) -> Block:
    """Return a block with dice of its own."""
    dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
    return simulate_block(dice, period, first=number * BLOCK + 1, size=size)


@dataclass(frozen=True)
class Read:
    """The rows of all files, of the truth, and of the files by customer, all customers there."""

    files: Mapping[str, Sequence[Row]]
    truth: Mapping[str, Row]
    by_customer: Mapping[str, Mapping[str, Sequence[Row]]]

    def of(self, name: str) -> Mapping[str, Sequence[Row]]:
        """Return the rows of a file by customer."""
        return self.by_customer[name]


@cache
def read(seed: int = 1, blocks: int = 4, days: int = PERIOD.days) -> Read:
    """Return some blocks, read back."""
    period = Period.ending(date(2026, 6, 30), days=days)
    made = [block(seed, number, period=period) for number in range(blocks)]
    files = {name: [row for one in made for row in rows_of(one.lines[name], FILES[name])] for name in FILES}
    truth = {row["customer_id"]: row for one in made for row in rows_of(one.truth, TRUTH)}
    by_customer: dict[str, dict[str, list[Row]]] = {name: {customer: [] for customer in truth} for name in FILES}
    for name, rows in files.items():
        for row in rows:
            by_customer[name][row["customer_id"]].append(row)
    return Read(files, truth, by_customer)


def rows_of(lines: str, header: Sequence[str]) -> list[Row]:
    """Read lines of CSV; each must have exactly the cells of its header."""
    found = list(csv.DictReader(lines.splitlines(), header, restkey="more"))
    assert all("more" not in row and None not in row.values() for row in found)
    return found
