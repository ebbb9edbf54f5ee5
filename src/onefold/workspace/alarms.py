"""When each customer must be looked at again: kept beside the journal of segments, worked out anew where it is missing.

The file is one line of JSON, then the customers' pseudonyms (16 bytes each) and their instants (8 bytes each). It holds
no truth: it is used only if it was written for the very end of the journal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import numpy as np

from onefold.core.ids import NODE_BYTES
from onefold.workspace.journal import Mark

FORMAT = 1

Alarms = dict[bytes, int]
"""Customers (pseudonyms) and the first instant after which something may flip for them; who is missing has none."""


def save(path: Path, alarms: Mapping[bytes, int], mark: Mark) -> None:
    """Write the alarms that stand at the end of a journal, all of them or none."""
    body = b"".join(alarms) + np.fromiter(alarms.values(), np.int64, len(alarms)).astype("<i8").tobytes()
    head = {"format": FORMAT, "for": _said(mark), "count": len(alarms), "crc": crc32(body)}
    fresh = path.with_suffix(".new")
    fresh.write_bytes(json.dumps(head).encode() + b"\n" + body)
    fresh.replace(path)


def load(path: Path, mark: Mark) -> Alarms | None:
    """Return the alarms that were written for this end of the journal; None where there are none, or they are torn."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        line, _, body = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        if head["format"] == FORMAT and head["for"] == _said(mark) and head["crc"] == crc32(body):
            count = int(head["count"])
            due = np.frombuffer(body, "<i8", count, count * NODE_BYTES).tolist()
            return {body[at * NODE_BYTES : (at + 1) * NODE_BYTES]: due[at] for at in range(count)}
    return None


def _said(mark: Mark) -> list[object]:
    return [mark.through, mark.record, mark.definitions]
