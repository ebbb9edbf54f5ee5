"""A flat snapshot of everybody's timelines: one file to map, for reading all customers at the speed of memory.

It is made from the timeline store, holds no truth of its own and may be deleted at any time. The file::

    4096 bytes   magic, then a JSON object: format, width, rows, people, seq, layout (its fingerprint)
    rows         (rows, width) records, the customers one after another, each sorted
    offsets      people + 1 numbers of 64 bits: where each customer's records begin
    roots        people pseudonyms of 16 bytes, ascending

It is mapped copy-on-write: to the kernel the records are an ordinary array, and nothing can write to the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from onefold.core.errors import StorageError
from onefold.core.ids import NODE_BYTES
from onefold.profiles.layout import Layout
from onefold.profiles.words import Rows

FORMAT = 1
MAGIC = b"onefold snapshot\n"
HEAD = 4096

Offsets = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Timelines as of the log number ``seq``: ``rows[people[c]:people[c + 1]]`` are those of ``roots[c]``.

    ``roots`` are (customers, 16) bytes.
    """

    seq: int
    roots: NDArray[np.uint8]
    rows: Rows
    people: Offsets


def write_snapshot(
    path: Path, layout: Layout, *, seq: int, chunks: Iterable[tuple[list[bytes], Rows, Offsets]]
) -> None:
    """Write what :func:`onefold.profiles.timeline.read_people` yields; the file appears whole or not at all.

    It is not synced: whoever finds it torn after a power loss makes it anew.
    """
    part = path.with_name(f".{path.name}.part")
    sizes, roots, count = [np.zeros(1, np.int64)], [], 0
    try:
        with part.open("wb") as file:
            file.seek(HEAD)
            for nodes, rows, offsets in chunks:
                file.write(np.ascontiguousarray(rows).data)
                sizes.append(offsets[1:] + count)
                roots += nodes
                count += len(rows)
            file.write(np.concatenate(sizes).data)
            file.write(b"".join(roots))
            head = {"format": FORMAT, "width": layout.width, "rows": count, "people": len(roots), "seq": seq}
            file.seek(0)
            file.write((MAGIC + json.dumps({**head, "layout": layout.fingerprint}).encode()).ljust(HEAD))
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}. Free some space or mend the disk.") from error
    finally:
        part.unlink(missing_ok=True)


def open_snapshot(path: Path, layout: Layout) -> Snapshot:
    """Map a snapshot; raise :class:`StorageError` for one that is torn, of another format or another layout."""
    try:
        raw = np.memmap(path, np.uint8, mode="c")
    except (OSError, ValueError) as error:
        raise _useless(path, str(error)) from error
    head = _head(path, raw[:HEAD].tobytes())
    if head["format"] != FORMAT or head["layout"] != layout.fingerprint:
        raise _useless(path, "it is of another format or layout")
    rows, people = int(head["rows"]), int(head["people"])
    ends = np.cumsum([HEAD, rows * layout.row_bytes, 8 * (people + 1), people * NODE_BYTES]).tolist()
    if len(raw) != ends[-1]:
        raise _useless(path, f"it has {len(raw)} bytes in place of {ends[-1]}")
    return Snapshot(
        int(head["seq"]),
        np.asarray(raw[ends[2] :]).reshape(people, NODE_BYTES),
        np.asarray(raw[HEAD : ends[1]]).view(np.uint64).reshape(rows, layout.width),
        np.asarray(raw[ends[1] : ends[2]]).view(np.int64),
    )


def _head(path: Path, raw: bytes) -> dict[str, int | str]:
    try:
        head = json.loads(raw.removeprefix(MAGIC)) if raw.startswith(MAGIC) else None
    except ValueError:
        head = None
    if not isinstance(head, dict) or not {"format", "width", "rows", "people", "seq", "layout"} <= head.keys():
        raise _useless(path, "it is no snapshot")
    return head


def _useless(path: Path, why: str) -> StorageError:
    return StorageError(f"{path}: {why}. Delete it: it is made anew from the timelines.")
