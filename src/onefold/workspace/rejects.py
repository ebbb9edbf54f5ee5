"""What was not accepted: kept sealed with its raw text and reason until a replay succeeds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from onefold.governance.records import Rejection, Resolved
from onefold.sources.raw import unpack
from onefold.workspace.report import RejectedItem
from onefold.workspace.stores import Stores

SHOWN = 200
"""Characters of raw text that a list shows."""


class Rejects:
    """The open rejections of a workspace. One raw text of one source is kept once, however often it is loaded."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._open: dict[int, bytes] = {}
        self._numbers: dict[bytes, int] = {}
        for number, body in self._bodies():
            if isinstance(body, Resolved):
                self._forget(body.rejection)
            else:
                self._note(number, _key(body))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, rejections: list[Rejection], *, now: int) -> None:
        """Keep what is not kept already, as one commit."""
        fresh = {_key(body): body for body in rejections}
        new = {key: body for key, body in fresh.items() if key not in self._numbers}
        if not new:
            return
        payloads = [self._stores.codec.encode_other(body, now) for body in new.values()]
        self._stores.vault.sync()
        last = self._stores.rejected.append(payloads)
        for number, key in enumerate(new, last - len(new) + 1):
            self._note(number, key)

    def resolve(self, numbers: list[int], *, now: int) -> None:
        """Mark rejections as resolved, as one commit."""
        if not numbers:
            return
        payloads = [self._stores.codec.encode_other(Resolved(rejection=number), now) for number in numbers]
        self._stores.vault.sync()
        self._stores.rejected.append(payloads)
        for number in numbers:
            self._forget(number)

    def items(self) -> Iterator[tuple[int, Rejection]]:
        """Yield every open rejection with its number, the oldest first."""
        for number, body in self._bodies():
            if isinstance(body, Rejection) and number in self._open:
                yield number, body

    def listed(self, *, limit: int) -> list[RejectedItem]:
        """Return the oldest open rejections for display."""
        found: list[RejectedItem] = []
        for number, body in self.items():
            if len(found) == limit:
                break
            found.append(RejectedItem(number, body.source, body.code, body.detail, _shown(body.raw)[:SHOWN]))
        return found

    def counts(self) -> dict[str, int]:
        """Return how many rejections are open by code."""
        return dict(Counter(body.code for _, body in self.items()))

    def _bodies(self) -> Iterator[tuple[int, Rejection | Resolved]]:
        for number, payload in self._stores.rejected.records():
            body = self._stores.codec.decode(payload).body
            if isinstance(body, Rejection | Resolved):
                yield number, body

    def _note(self, number: int, key: bytes) -> None:
        self._open[number] = key
        self._numbers[key] = number

    def _forget(self, number: int) -> None:
        key = self._open.pop(number, None)
        if key is not None:
            self._numbers.pop(key, None)


def _shown(raw: bytes) -> str:
    """Return what was rejected as people know it: the row of the file, or the message."""
    try:
        return unpack(raw).shown()
    except ValueError:
        return raw.decode("utf-8", "replace")


def _key(body: Rejection) -> bytes:
    return hashlib.sha256(body.source.encode() + b"\0" + body.raw).digest()[:16]
