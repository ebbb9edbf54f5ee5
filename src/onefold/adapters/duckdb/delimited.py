"""CSV and TSV -> batches of rows. A line that is no row becomes a fault; the lines after it are read on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.blocks import Block, Fault
from onefold.sources.column_scope import column_names
from onefold.sources.mapping import Format
from onefold.sources.raw import RawRow

if TYPE_CHECKING:
    from _csv import Reader

MAX_RECORD_LINES = 1000
MAX_HEADLESS_LINES = 100_000


class NoHeaderError(ValueError):
    """The head of a file cannot be read, or lacks a column; the message says why."""


@dataclass(slots=True)
class _Parsed:
    """The records of some lines; ``starts[i]`` and ``ends[i]`` are the lines of ``rows[i]``."""

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    rest: int = 0


def read_delimited(source: Iterable[Block], name: str, form: Format, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield the rows of a file.

    Raises :class:`NoHeaderError` where its header is broken or lacks a wanted column.
    """
    head: _Head | None = None
    carried: list[str] = []
    held: dict[int, Fault] = {}  # faults of carried lines, where these stand as empty ones
    for block in source:
        shift = len(carried)
        lines = carried + block.lines
        first = block.first - shift
        faults = held | {position + shift: fault for position, fault in block.faults.items()}
        parsed = _parse(lines, form, last=block.last)
        if head is None:
            _drop_blank(parsed)
            head = _head(parsed, form, wanted, faults)
        if head is None and not block.last:
            if len(lines) > MAX_HEADLESS_LINES:
                raise NoHeaderError(f"none of its first {len(lines):,} lines can be read")
            carried, held = lines, faults
            continue
        carried = lines[parsed.rest :]
        held = {at - parsed.rest: fault for at, fault in faults.items() if at >= parsed.rest}
        settled = {at: fault for at, fault in faults.items() if at < parsed.rest}
        yield (head or _Head((), dict.fromkeys(sorted(wanted), 0))).batch(name, lines, first, parsed, settled)


@dataclass(frozen=True, slots=True)
class _Head:
    names: tuple[str, ...]
    places: dict[str, int]

    def batch(self, name: str, lines: list[str], first: int, parsed: _Parsed, faults: dict[int, Fault]) -> Batch:
        width = len(self.names)
        rows, starts, ends = parsed.rows, parsed.starts, parsed.ends
        bad = [at for at, row in enumerate(rows) if len(row) != width]
        for at in bad:
            if rows[at]:
                text = "".join(lines[starts[at] : ends[at]])
                reason = f"the row has {len(rows[at])} fields, but the header has {width}"
                faults[starts[at]] = self._fault(name, first + starts[at], text, reason)
        for line, reason in parsed.faults.items():
            faults[line] = self._fault(name, first + line, lines[line], reason)
        if bad:
            left = [at for at, row in enumerate(rows) if len(row) == width]
            rows = [rows[at] for at in left]
            starts = [starts[at] for at in left]
            ends = [ends[at] for at in left]
        columns = {column: [row[at] or None for row in rows] for column, at in self.places.items()}

        def raw(at: int) -> RawRow:
            text = "".join(lines[starts[at] : ends[at]]).rstrip("\r\n")
            return RawRow(file=name, line=first + starts[at], text=text, header=self.names)

        def content(at: int) -> Mapping[str, str | None]:
            return {column: text or None for column, text in zip(self.names, rows[at], strict=True)}

        return Batch(columns, starts, raw, content, faults)

    def _fault(self, name: str, line: int, text: str, reason: str) -> Fault:
        return Fault(RawRow(file=name, line=line, text=text.rstrip("\r\n"), header=self.names), reason)


def _head(parsed: _Parsed, form: Format, wanted: frozenset[str], faults: Mapping[int, Fault]) -> _Head | None:
    """Take the header off the parsed rows; None where there is no row yet."""
    reasons = {at: fault.reason for at, fault in faults.items()} | parsed.faults
    if form.header and reasons and (not parsed.rows or min(reasons) < parsed.starts[0]):
        raise NoHeaderError(f"its header cannot be read: {reasons[min(reasons)]}")
    if not parsed.rows:
        return None
    first = parsed.rows[0]
    try:
        names = form.names or column_names(first if form.header else [""] * len(first))
    except ValueError as error:
        raise NoHeaderError(f"{error}; give the columns names of your own by `format: {{names: [...]}}`") from None
    if form.names and len(first) != len(names):
        raise NoHeaderError(f"it has {len(first)} columns, but `names` has {len(names)}")
    if form.header:
        _drop_first(parsed)
    return _Head(tuple(names), places_of(tuple(names), wanted))


def places_of(names: tuple[str, ...], wanted: frozenset[str]) -> dict[str, int]:
    """Return where the wanted columns stand; raise :class:`NoHeaderError` naming those that are not there."""
    missing = sorted(wanted - set(names))
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        raise NoHeaderError(f"it has no column {listed}; its columns are {', '.join(names)}"[:1000])
    return {name: names.index(name) for name in sorted(wanted)}


def _drop_blank(parsed: _Parsed) -> None:
    while parsed.rows and not parsed.rows[0]:
        _drop_first(parsed)


def _drop_first(parsed: _Parsed) -> None:
    del parsed.rows[0], parsed.starts[0], parsed.ends[0]


def _parse(lines: list[str], form: Format, *, last: bool) -> _Parsed:
    try:
        rows = list(_reader_of(lines, form))
    except csv.Error:
        return _parse_carefully(lines, form, last=last)
    if len(rows) != len(lines):
        return _parse_carefully(lines, form, last=last)
    positions = list(range(len(lines) + 1))
    return _Parsed(rows, positions[:-1], positions[1:], rest=len(lines))


def _parse_carefully(lines: list[str], form: Format, *, last: bool) -> _Parsed:
    """Parse record by record, so that each knows its lines and a broken one costs only its first line."""
    parsed = _Parsed(rest=len(lines))
    base = start = 0
    reader = _reader_of(lines, form)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return parsed
        except csv.Error as error:
            end = base + reader.line_num
            cut_off = end >= len(lines) and "end of data" in str(error)
            if cut_off and not last and end - start < MAX_RECORD_LINES:
                parsed.rest = start
                return parsed
            parsed.faults[start] = "a quote is not closed" if cut_off else f"the row is broken: {error}"
            start += 1
            if end != start:
                base = start
                reader = _reader_of(islice(lines, start, None), form)
            continue
        end = base + reader.line_num
        parsed.rows.append(row)
        parsed.starts.append(start)
        parsed.ends.append(end)
        start = end


def _reader_of(lines: Iterable[str], form: Format) -> Reader:
    if form.quote is None:
        return csv.reader(lines, delimiter=form.separator, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=form.separator, quotechar=form.quote, strict=True)


def parse_one(text: str, form: Format) -> list[str]:
    """Parse the text of one row; raise ``ValueError`` where it is none."""
    try:
        rows: list[list[str]] = [row for row in _reader_of(text.splitlines(keepends=True), form) if row]
    except csv.Error as error:
        raise ValueError(f"the row is broken: {error}") from None
    if len(rows) != 1:
        raise ValueError(f"the text holds {len(rows)} rows")
    return rows[0]
