"""When things arrive: stamps that never run backwards, so that what was known at a decision can be known again."""

from __future__ import annotations

from onefold.core.ports import Clock
from onefold.governance.records import Kind
from onefold.workspace.stores import Stores

LOOKED_AT = 1_000
"""Records at the end of the log among which the newest arrival is looked for: `load --history` states older ones."""


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


def stamps_of(stores: Stores, clock: Clock) -> Stamps:
    """Return the stamps of a workspace: they go on after the newest arrival in its log."""
    newest = 0
    for _, payload in stores.log.records(max(stores.log.last() - LOOKED_AT, 0)):
        kind, _, known_at = stores.codec.peek(payload)
        newest = max(newest, known_at + (kind is Kind.DECISION))
    return Stamps(clock, newest)
