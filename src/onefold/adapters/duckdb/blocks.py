"""A stream of bytes -> blocks of decoded lines, whatever the bytes are: no line is lost and none is
unbounded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from onefold.adapters.duckdb.opening import as_utf8, is_linewise
from onefold.sources.raw import RawRow, packed_data

BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is no row, and why."""

    raw: RawRow
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines with their ends. ``first`` is the number of the first, from 1; ``last`` marks the file's
    end.

    A line in ``faults`` (by its position here) stands as an empty one among ``lines``.
    """

    lines: list[str]
    first: int
    faults: dict[int, Fault]
    last: bool


def blocks(stream: BinaryIO, name: str, encoding: str) -> Iterator[Block]:
    """Yield the lines of a file in blocks of about a megabyte; the last block may be empty."""
    if is_linewise(encoding):
        reader = _Reader(name, encoding, recoded=False)
    else:
        reader = _Reader(name, "utf-8", recoded=True)
        stream = as_utf8(stream, encoding)
    number = 1
    while True:
        data = stream.read(BLOCK_BYTES)
        if not data:
            yield Block([], number, {}, last=True)
            return
        overlong: bytes | None = None
        if not data.endswith(b"\n"):
            tail = stream.readline(MAX_LINE_BYTES)
            data += tail
            if len(tail) == MAX_LINE_BYTES and not tail.endswith(b"\n"):
                start = data.rfind(b"\n") + 1
                data, overlong = data[:start], data[start : start + _KEPT]
                _skip_line(stream)
        block = reader.block(data, number, overlong)
        number += len(block.lines)
        yield block


def _skip_line(stream: BinaryIO) -> None:
    while True:
        piece = stream.readline(MAX_LINE_BYTES)
        if not piece or piece.endswith(b"\n"):
            return


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    encoding: str
    recoded: bool

    def block(self, data: bytes, number: int, overlong: bytes | None) -> Block:
        faults: dict[int, Fault] = {}
        try:
            text = data.decode(self.encoding)
            clean = "\0" not in text and not (self.recoded and "\ufffd" in text)
        except UnicodeDecodeError:
            clean = False
        if clean:
            lines = list(io.StringIO(text, newline="\n"))
        else:
            lines = []
            for line in io.BytesIO(data):
                lines.append(self._line(line, number + len(lines), len(lines), faults))
        if number == 1 and lines:
            lines[0] = lines[0].removeprefix("\ufeff")
        if overlong is not None:
            shown = overlong.decode(self.encoding, "replace")
            raw = RawRow(file=self.name, line=number + len(lines), text=shown, cut=True)
            faults[len(lines)] = Fault(raw, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            lines.append("\n")
        return Block(lines, number, faults, last=False)

    def _line(self, line: bytes, number: int, position: int, faults: dict[int, Fault]) -> str:
        try:
            text = line.decode(self.encoding)
        except UnicodeDecodeError as error:
            reason = f"byte {error.start + 1} of the line is not {self.encoding}"
            raw = RawRow(file=self.name, line=number, data=packed_data(line))
        else:
            if "\0" in text:
                reason = "the line holds a NUL"
            elif self.recoded and "\ufffd" in text:
                reason = "the line holds bytes that are not of the file's encoding"
            else:
                return text
            raw = RawRow(file=self.name, line=number, text=text)
        faults[position] = Fault(raw, reason)
        return "\n"
