"""Rows of a file as they were read, a batch at a time, before any expression is evaluated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from onefold.adapters.duckdb.blocks import Fault
from onefold.sources.raw import RawRow

Column = list[str | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """``columns`` holds the wanted columns of the rows that could be read; an empty text is None.

    ``positions`` orders these rows among the ``faults`` (by position), which are the lines that could not.
    ``raw`` and ``content`` give a row's own text and all of its columns; they are asked for rarely. Kept rows
    bring the ``ordinals`` that they had among identical ones, and the ``records`` ("" for all) that they are
    wanted for.
    """

    columns: dict[str, Column]
    positions: list[int]
    raw: Callable[[int], RawRow]
    content: Callable[[int], Mapping[str, str | None]]
    faults: dict[int, Fault] = field(default_factory=dict)
    ordinals: list[int] | None = None
    records: list[str] | None = None

    @property
    def size(self) -> int:
        """The number of rows read, those at fault included."""
        return len(self.positions) + len(self.faults)

    def identity(self, row: int) -> str:
        """Return the hash of a whole row: of its columns that are not empty, whatever their order and
        format.
        """
        filled = {name: text for name, text in sorted(self.content(row).items()) if text is not None}
        return hashlib.sha256(msgspec.json.encode(filled)).hexdigest()[:32]
