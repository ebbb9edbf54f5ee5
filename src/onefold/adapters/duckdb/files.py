"""The files of a mapping or lookup -> batches of rows, whatever their format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.blocks import blocks
from onefold.adapters.duckdb.delimited import NoHeaderError, read_delimited
from onefold.adapters.duckdb.objects import read_array, read_lines
from onefold.adapters.duckdb.opening import opened
from onefold.adapters.duckdb.parquet import count_rows, read_parquet
from onefold.adapters.duckdb.paths import unreadable
from onefold.sources.mapping import Files, FileType


def read_files(paths: list[Path], files: Files, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield the rows of all files in turn; raise :class:`UserError` for a file that cannot be read at all."""
    for path in paths:
        try:
            yield from _read(path, files, wanted)
        except NoHeaderError as error:
            remedy = "Mend the file, or `format`, `columns` and the expressions of its mapping."
            raise unreadable(path, str(error), remedy, files=files) from None


def _read(path: Path, files: Files, wanted: frozenset[str]) -> Iterator[Batch]:
    form = files.format
    if form.type is FileType.PARQUET:
        if not path.is_file() or path.suffix.lower() in (".gz", ".zip"):
            raise NoHeaderError("Parquet is compressed inside; unpack the file")
        yield from read_parquet(path, wanted)
        return
    with opened(path, files=files) as streams:
        for name, stream in streams:
            if form.type is FileType.JSON:
                yield from read_array(stream, name, wanted)
            elif form.type is FileType.JSONL:
                yield from read_lines(blocks(stream, name, form.encoding), name, wanted)
            else:
                yield from read_delimited(blocks(stream, name, form.encoding), name, form, wanted)


def total_rows(paths: list[Path], files: Files) -> int | None:
    """Return how many rows there are where the files say so beforehand (Parquet), else None."""
    if files.format.type is not FileType.PARQUET:
        return None
    try:
        return sum(count_rows(path) for path in paths)
    except (OSError, ValueError):
        return None
