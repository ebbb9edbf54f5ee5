"""A workspace open for reading and writing at once: events come in, decisions go out, and both are in the log."""

from __future__ import annotations

from collections.abc import Sequence

from onefold.core.event import Event
from onefold.core.ports import Clock
from onefold.governance.records import Decided, Kind
from onefold.profiles.encode import Stamp
from onefold.profiles.gather import Gather
from onefold.workspace.catch_up import add_event
from onefold.workspace.decision_store import DecisionStore
from onefold.workspace.loading import Open
from onefold.workspace.names import NameSeals
from onefold.workspace.reader import Reader
from onefold.workspace.stores import Stores


class Stamps:
    """Arrival times that never run backwards, whatever the clock does; a decision takes one for itself alone."""

    def __init__(self, clock: Clock, last: int) -> None:
        self._clock, self._last = clock, last

    def __call__(self) -> int:
        """Return the arrival time of what comes in now."""
        self._last = max(self._clock(), self._last)
        return self._last

    def decision(self) -> int:
        """Return up to when a decision knows: whatever is stamped after it is later."""
        known = self()
        self._last = known + 1
        return known


class Live:
    """The one writer of a workspace, which also reads. Whoever uses it holds the session's lock."""

    def __init__(self, opened: Open, clock: Clock) -> None:
        self.intake, self.stores, self.definitions = opened.intake, opened.stores, opened.definitions
        self.reader = Reader(opened.stores, opened.timelines, opened.definitions)
        self.stamps = Stamps(clock, last_arrival(self.stores))
        self.intake.clock = self.stamps
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


def last_arrival(stores: Stores) -> int:
    """Return when the newest record of the log arrived, 0 for an empty log; what comes next is past a decision."""
    newest = 0
    for _, payload in stores.log.records(max(stores.log.last() - 1, 0)):
        kind, _, known_at = stores.codec.peek(payload)
        newest = known_at + (kind is Kind.DECISION)
    return newest
