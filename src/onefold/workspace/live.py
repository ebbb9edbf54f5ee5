"""A workspace open for reading and writing at once: events come in, decisions go out, and both are in the log."""

from __future__ import annotations

from collections.abc import Sequence

from onefold.core.event import Event
from onefold.governance.records import Decided
from onefold.profiles.encode import Stamp
from onefold.workspace.decision_store import DecisionStore
from onefold.workspace.loading import Open
from onefold.workspace.reader import Reader


class Live:
    """The one writer of a workspace, which also reads. Whoever uses it holds the session's lock."""

    def __init__(self, opened: Open) -> None:
        self.intake, self.stores, self.definitions = opened.intake, opened.stores, opened.definitions
        self.reader = Reader(opened.stores, opened.timelines, opened.definitions)
        self.stamps = opened.stamps
        self.decisions = DecisionStore(self.stores)

    def record(self, decided: Decided, events: Sequence[Event]) -> None:
        """Commit a decision and the events that it makes as one group: all of it or nothing."""
        codec, known_at = self.stores.codec, self.stamps()
        payload = codec.encode_decision(decided, decided.known)
        stamped = [(one, Stamp(codec.node(one.node), known_at, codec.body_digest(one))) for one in events]
        last = self.intake.commit(stamped, first=[payload])
        self.decisions.add(last - len(events), payload, decided, applied=last)

    def close(self) -> None:
        """Let go of the decision store; the rest closes with the session."""
        self.decisions.close()
