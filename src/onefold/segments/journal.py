"""What the journal of memberships is made of: changes, and what remains when they are folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Change(StrEnum):
    """Which way a membership flipped."""

    ENTERED = "entered"
    LEFT = "left"


class Cause(StrEnum):
    """Why a membership flipped."""

    EVENT = "event"
    TIME = "time"
    MERGE = "merge"
    SPLIT = "split"
    CONSENT = "consent"
    DEFINITION = "definition"
    MODEL = "model"
    ERASURE = "erasure"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True, order=True)
class SegmentChange:
    """One flip: ``at`` is its exact instant in microseconds, ``customer`` a pseudonym."""

    at: int
    segment: str
    change: Change
    cause: Cause
    customer: bytes = b""


def difference(
    before: frozenset[str], after: frozenset[str], *, customer: bytes, cause: Cause, at: int
) -> list[SegmentChange]:
    """Return the changes that lead from one set of memberships to another, sorted by segment.

    >>> found = difference(frozenset({"a"}), frozenset({"b"}), customer=b"c", cause=Cause.BACKFILL, at=0)
    >>> [(one.segment, str(one.change)) for one in found]
    [('a', 'left'), ('b', 'entered')]
    """
    return [
        SegmentChange(at, name, Change.ENTERED if name in after else Change.LEFT, cause, customer)
        for name in sorted(before ^ after)
    ]


@dataclass(slots=True)
class State:
    """Who is in which segment after the changes taken so far, in the order of the journal."""

    members: dict[bytes, set[str]] = field(default_factory=dict)

    def take(self, changes: Iterable[SegmentChange]) -> None:
        """Fold in further changes; one that says what holds already changes nothing."""
        for change in changes:
            mine = self.members.setdefault(change.customer, set())
            if change.change is Change.ENTERED:
                mine.add(change.segment)
            else:
                mine.discard(change.segment)
            if not mine:
                del self.members[change.customer]

    def news(self, change: SegmentChange) -> bool:
        """Fold in one change, and say whether it told anything that did not hold already."""
        if (change.change is Change.ENTERED) is (change.segment in self.members.get(change.customer, ())):
            return False
        self.take([change])
        return True

    def of(self, customer: bytes) -> frozenset[str]:
        """Return the segments that a customer is in."""
        return frozenset(self.members.get(customer, ()))
