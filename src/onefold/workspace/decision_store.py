"""Decisions by id and by customer. The log is their truth; the store only says where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from onefold.adapters.sqlite.decisions import Stored
from onefold.governance.records import Decided, Kind
from onefold.workspace.stores import Stores

BATCH = 2_000


class DecisionStore:
    """Finds decisions; on opening it takes from the log what it lacks."""

    def __init__(self, stores: Stores) -> None:
        self._codec = stores.codec
        self._store = stores.decisions()
        self._catch_up(stores)

    def _catch_up(self, stores: Stores) -> None:
        found: list[Stored] = []
        last = stores.log.last()
        for seq, payload in stores.log.records(self._store.applied()):
            kind, node, _ = self._codec.peek(payload)
            decided = self._opened(payload) if kind is Kind.DECISION else None
            if decided is not None:
                found.append(Stored(seq, decided.decision, node, payload))
            if len(found) == BATCH:
                self._store.add(found, applied=seq)
                found = []
        self._store.add(found, applied=last)

    def add(self, seq: int, payload: bytes, decided: Decided, *, applied: int) -> None:
        """Take in a decision that was just committed."""
        self._store.add([Stored(seq, decided.decision, self._codec.peek(payload)[1], payload)], applied=applied)

    def find(self, decision_id: str) -> Decided | None:
        """Return a decision by its id; None where there is none, or its customer was erased."""
        stored = self._store.find(decision_id)
        return None if stored is None else self._opened(stored.payload)

    def newest(self, *, limit: int, nodes: Iterable[bytes] | None = None) -> Iterator[Decided]:
        """Yield the newest decisions, the newest first, of some names only where they are given."""
        opened = (self._opened(stored.payload) for stored in self._store.newest(limit=limit, nodes=nodes))
        return (decided for decided in opened if decided is not None)

    def count(self) -> int:
        """Return how many decisions were recorded."""
        return self._store.count()

    def close(self) -> None:
        """Let go of the store's file."""
        self._store.close()

    def _opened(self, payload: bytes) -> Decided | None:
        body = self._codec.decode(payload).body
        return body if isinstance(body, Decided) else None
