"""A workspace open for reading and writing at once: events come in, decisions go out, and both are in the log."""

from __future__ import annotations

from collections.abc import Sequence

from onefold.core.event import Event
from onefold.governance.records import Decided
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.workspace.catch_up import add_event
from onefold.workspace.decision_store import DecisionStore
from onefold.workspace.loading import Open
from onefold.workspace.names import NameSeals
from onefold.workspace.reader import Reader


class Live:
    """The one writer of a workspace, which also reads. Whoever uses it holds the session's lock."""

    def __init__(self, opened: Open) -> None:
        self.intake, self.stores, self.definitions = opened.intake, opened.stores, opened.definitions
        self.reader = Reader(opened.stores, opened.timelines, opened.definitions)
        self.stamps = opened.stamps
        self.decisions = DecisionStore(self.stores)
        self._seals = NameSeals(self.stores.codec, self.stores.vault)

    def record(self, decided: Decided, events: Sequence[Event]) -> None:
        """Commit a decision and the events that it makes as one group: all of it or nothing."""
        codec, gather = self.stores.codec, Gather(self.reader.layout)
        payloads = [codec.encode_decision(decided, decided.known)]
        known_at = self.stamps()
        for event in events:
            payloads.append(codec.encode(event, known_at))
            add_event(gather, codec, event, Stamp(codec.node(event.node), known_at, codec.body_digest(event)))
            self._seals.add(gather, event)
        self.stores.vault.sync()
        last = self.stores.log.append(payloads)
        self.reader.timelines.apply(gather.batch(last))
        self.decisions.add(last - len(events), payloads[0], decided, applied=last)

    def close(self) -> None:
        """Let go of the decision store; the rest closes with the session."""
        self.decisions.close()
