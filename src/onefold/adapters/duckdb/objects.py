"""JSON and JSON lines -> batches of rows. Inner objects are flattened with ``_``; numbers keep their own
text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import BinaryIO

import msgspec

from onefold.adapters.duckdb.batch import Batch
from onefold.adapters.duckdb.blocks import Block, Fault
from onefold.adapters.duckdb.delimited import NoHeaderError
from onefold.sources.column_scope import column_name
from onefold.sources.raw import RawRow
from onefold.sources.values import number_of

MAX_ARRAY_BYTES = 256 << 20
_ROWS = 20_000
_DEPTH = 8
_DECODER = msgspec.json.Decoder(float_hook=number_of)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])

Object = Mapping[str, str | None]


def read_lines(source: Iterable[Block], name: str, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield the objects of a file of JSON lines."""
    for block in source:
        faults = dict(block.faults)
        texts = {at: line for at, line in enumerate(block.lines) if at not in faults and not line.isspace()}
        yield _batch(texts, name, wanted, first=block.first, faults=faults)


def read_array(stream: BinaryIO, name: str, wanted: frozenset[str]) -> Iterator[Batch]:
    """Yield the objects of one JSON array; rows count as lines. Raises :class:`NoHeaderError` where it is
    none.
    """
    data = stream.read(MAX_ARRAY_BYTES + 1)
    if len(data) > MAX_ARRAY_BYTES:
        raise NoHeaderError(f"it is larger than {MAX_ARRAY_BYTES >> 20} MB; write it as JSON lines (type: jsonl)")
    try:
        items = _ARRAY.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise NoHeaderError(f"it is not a JSON array of objects: {error}") from None
    for start in range(0, len(items), _ROWS):
        part = items[start : start + _ROWS]
        texts = {at: bytes(item).decode("utf-8", "replace") for at, item in enumerate(part)}
        yield _batch(texts, name, wanted, first=start + 1, faults={})


def parse_object(text: str) -> dict[str, str | None]:
    """Return the columns of one JSON object; raise ``ValueError`` where the text is none."""
    try:
        found = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("the object is nested too deeply") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError(f"this is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError("this is not a JSON object")
    columns: dict[str, str | None] = {}
    _flatten(found, "", columns, 0)
    return columns


def _flatten(found: dict[str, object], prefix: str, columns: dict[str, str | None], depth: int) -> None:
    if depth > _DEPTH:
        raise ValueError(f"the object is nested more than {_DEPTH} deep")
    for key, value in found.items():
        name = column_name(f"{prefix}{key}", len(columns) + 1)
        if isinstance(value, dict):
            _flatten(value, f"{name}_", columns, depth + 1)
            continue
        if columns.get(name) is not None:
            raise ValueError(f"two of its keys would both be called `{name}`")
        columns[name] = _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return msgspec.json.encode(value).decode()


def _batch(
    texts: Mapping[int, str], name: str, wanted: frozenset[str], *, first: int, faults: dict[int, Fault]
) -> Batch:
    objects: list[Object] = []
    positions: list[int] = []
    for at, text in texts.items():
        try:
            objects.append(parse_object(text))
            positions.append(at)
        except ValueError as error:
            raw = RawRow(file=name, line=first + at, text=text.strip())
            faults[at] = Fault(raw, str(error))
    columns = {column: [each.get(column) for each in objects] for column in sorted(wanted)}

    def raw_of(at: int) -> RawRow:
        return RawRow(file=name, line=first + positions[at], text=texts[positions[at]].strip())

    return Batch(columns, positions, raw_of, objects.__getitem__, faults)
