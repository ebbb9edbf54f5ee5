"""A source -> candidates: every row that is read becomes events, is skipped by ``when``, or is rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Variables
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.engine import connected, evaluate, row_query, staged
from onefold.adapters.duckdb.files import read_files, total_rows
from onefold.adapters.duckdb.kept import batch_of_kept
from onefold.adapters.duckdb.lookups import load_lookups
from onefold.adapters.duckdb.ordinals import Ordinals
from onefold.adapters.duckdb.paths import resolve
from onefold.core.schema import Schema
from onefold.core.zone import Zone
from onefold.sources.candidate import Candidate
from onefold.sources.contracts import Contracts
from onefold.sources.mapping import Mapping
from onefold.sources.raw import RawRow
from onefold.sources.rejections import Code, Rejected, Rejection, shown
from onefold.sources.rows import RowPlan, plan_rows

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class Counts:
    """What became of the rows so far: ``rows == used + skipped`` and ``events + rejections`` candidates came
    of them.

    ``skipped`` rows met no record's ``when``; ``used`` ones gave at least one candidate, be it a rejection.
    """

    rows: int = 0
    used: int = 0
    skipped: int = 0
    events: int = 0
    rejections: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a mapping needs to know of the workspace. ``variables`` fill ``${name}``; ``base`` is its
    folder.
    """

    mapping: Mapping
    schema: Schema
    zone: Zone
    variables: Variables[str, str]
    base: Path


class Reading:
    """The candidates of a source, in a fixed order, with :attr:`counts` growing as they are taken."""

    def __init__(self, reader: Reader, kept: Iterable[bytes] | None, progress: Progress | None) -> None:
        self.counts = Counts()
        self._reader, self._kept, self._progress = reader, kept, progress

    def __iter__(self) -> Iterator[Candidate]:
        reader = self._reader
        plan = plan_rows(reader.mapping, reader.zone)
        query = row_query(plan, money_scale=reader.schema.money_scale)
        batches, total = self._batches()
        with connected() as connection:
            load_lookups(
                connection,
                reader.mapping,
                variables=reader.variables,
                base=reader.base,
                money_scale=reader.schema.money_scale,
                zone=reader.zone,
            )
            rows = _Rows(connection, plan, reader, query, self.counts)
            for batch in batches:
                yield from rows.candidates(batch)
                if self._progress is not None:
                    self._progress(self.counts.rows, total)

    def _batches(self) -> tuple[Iterator[Batch], int | None]:
        mapping = self._reader.mapping
        wanted = frozenset(name for name in mapping.names() if "." not in name)
        if self._kept is not None:
            return batch_of_kept(self._kept, mapping.files.format, wanted), None
        paths = resolve(mapping.files, variables=self._reader.variables, base=self._reader.base)
        return read_files(paths, mapping.files, wanted), total_rows(paths, mapping.files)


def read_source(
    mapping: Mapping,
    *,
    variables: Variables[str, str],
    base: Path,
    schema: Schema,
    zone: Zone,
    progress: Progress | None = None,
) -> Reading:
    """Return the candidates of all rows of a source, to be iterated once; memory stays bounded.

    Raises :class:`UserError`, while iterating, for files that cannot be read at all and for unclean lookups.
    ``progress`` is called after each batch with the rows read and their total, None where it is not known.
    """
    return Reading(Reader(mapping, schema, zone, variables, base), None, progress)


def replay(
    mapping: Mapping,
    kept: Iterable[bytes],
    *,
    variables: Variables[str, str],
    base: Path,
    schema: Schema,
    zone: Zone,
) -> Reading:
    """Return the candidates of rejected rows, given by the ``raw`` of their candidates; lookups are read
    anew.

    A row that was rejected for one record gives that record again, a row that failed as a whole gives all.
    """
    return Reading(Reader(mapping, schema, zone, variables, base), kept, None)


class _Rows:
    """Turns batches into candidates, counting as it goes."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        plan: RowPlan,
        reader: Reader,
        query: str,
        counts: Counts,
    ) -> None:
        self._connection, self._plan, self._reader, self._query = connection, plan, reader, query
        self._counts = counts
        self._contracts = Contracts(reader.schema)
        self._ordinals = Ordinals()

    def candidates(self, batch: Batch) -> Iterator[Candidate]:
        """Yield what becomes of the rows of a batch, in their order."""
        counts = self._counts
        table = staged(self._connection, batch, self._plan.mapping.files.columns, zone=self._reader.zone)
        results = evaluate(self._connection, table, self._query)
        identities = self._identities(batch)
        waiting = sorted(batch.faults)
        for at, row in enumerate(results):
            while waiting and waiting[0] < batch.positions[at]:
                yield self._fault(batch, waiting.pop(0))
            counts.rows += 1
            found = self._of_row(batch, at, row, identities)
            if found:
                counts.used += 1
                yield from found
            else:
                counts.skipped += 1
        for position in waiting:
            yield self._fault(batch, position)

    def _identities(self, batch: Batch) -> list[tuple[str, int]]:
        """Return (hash, ordinal) of every row where a record is identified by its whole row."""
        if not self._plan.mapping.needs_hash:
            return []
        hashes = [batch.identity(at) for at in range(len(batch.positions))]
        known = batch.ordinals
        return list(zip(hashes, known if known is not None else self._ordinals.number(hashes), strict=True))

    def _fault(self, batch: Batch, position: int) -> Candidate:
        fault = batch.faults[position]
        self._counts.rows += 1
        self._counts.used += 1
        self._counts.rejections += 1
        code = Code.TOO_LARGE if fault.raw.cut else Code.MALFORMED_ROW
        raw = fault.raw.packed()
        return Candidate(self._plan.mapping.source, raw=raw, rejection=Rejection(code, fault.reason))

    def _of_row(
        self, batch: Batch, at: int, row: tuple[Any, ...], identities: list[tuple[str, int]]
    ) -> list[Candidate]:
        mapping = self._plan.mapping
        identity = identities[at] if identities else ("", 0)
        if row[0] is not None:
            column = mapping.files.columns[row[0]]
            detail = f"{column.name}: {shown(batch.columns[column.name][at])} is not of type {column.kind}"
            return [self._rejected(batch.raw(at), "", identity, Rejection(Code.BAD_COLUMN, detail))]
        only = batch.records[at] if batch.records is not None else ""
        name = f"{identity[0]}-{identity[1]}" if identity[0] else ""
        results, found = row[1:], []
        for builder in self._plan.records:
            if not builder.wanted(results) or (only and builder.record.name != only):
                continue
            try:
                event = builder.event(results, name)
                undeclared = self._contracts.check(event)
            except Rejected as error:
                found.append(self._rejected(batch.raw(at), builder.record.name, identity, error.rejection))
            else:
                self._counts.events += 1
                found.append(Candidate(mapping.source, builder.record.name, event=event, undeclared=tuple(undeclared)))
        return found

    def _rejected(self, raw: RawRow, record: str, identity: tuple[str, int], why: Rejection) -> Candidate:
        self._counts.rejections += 1
        kept = msgspec.structs.replace(raw, record=record, ordinal=identity[1])
        return Candidate(self._plan.mapping.source, record, raw=kept.packed(), rejection=why)
