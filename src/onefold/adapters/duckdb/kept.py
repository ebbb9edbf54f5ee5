"""Rejected rows, as they were kept -> batches, to be tried again after a fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.blocks import Fault
from onefold.adapters.duckdb.delimited import parse_one
from onefold.adapters.duckdb.objects import parse_object
from onefold.sources.mapping import FileType, Format
from onefold.sources.raw import RawRow, unpack

_ROWS = 5000


def batch_of_kept(kept: Iterable[bytes], form: Format, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield kept rows in batches; raise ``ValueError`` for bytes that are no kept row."""
    waiting = iter(kept)
    while part := [unpack(raw) for raw in islice(waiting, _ROWS)]:
        rows: list[RawRow] = []
        contents: list[Mapping[str, str | None]] = []
        positions: list[int] = []
        faults: dict[int, Fault] = {}
        for at, row in enumerate(part):
            try:
                contents.append(_content(row, form))
            except ValueError as error:
                faults[at] = Fault(row, str(error))
                continue
            rows.append(row)
            positions.append(at)
        columns = {name: [content.get(name) for content in contents] for name in sorted(wanted)}
        yield Batch(
            columns,
            positions,
            rows.__getitem__,
            contents.__getitem__,
            faults,
            [row.ordinal for row in rows],
            [row.record for row in rows],
        )


def _content(row: RawRow, form: Format) -> Mapping[str, str | None]:
    if row.cut:
        raise ValueError("only the beginning of this line was kept; mend the file and load it again")
    said = row.content()
    try:
        text = said if isinstance(said, str) else said.decode(form.encoding)
    except UnicodeDecodeError:
        raise ValueError(f"the row is not {form.encoding}") from None
    if form.type not in (FileType.CSV, FileType.TSV):
        return parse_object(text)
    names = form.names or row.header
    fields = parse_one(text.rstrip("\r\n"), form)
    if len(fields) != len(names):
        raise ValueError(f"the row has {len(fields)} fields, but the header has {len(names)}")
    return {name: field or None for name, field in zip(names, fields, strict=True)}
