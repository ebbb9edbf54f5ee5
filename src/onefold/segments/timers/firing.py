"""What happens when timers go off: the memberships at that instant, what flipped and why, and the next timers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onefold.profiles.words import Rows, times_of
from onefold.segments.definitions import SegmentSet
from onefold.segments.dependencies import asked_for
from onefold.segments.intervals import Instants
from onefold.segments.journal import Cause, Change, SegmentChange
from onefold.segments.membership import Members, Membership
from onefold.segments.timers.timers import Timers


@dataclass(frozen=True, slots=True, eq=False)
class Fired:
    """The flips of one instant, sorted, and when each customer is to be looked at again."""

    changes: list[SegmentChange]
    due: Instants


class Firing:
    """Looks at customers whose timers go off at one instant."""

    def __init__(self, segments: SegmentSet, membership: Membership, timers: Timers) -> None:
        self._membership, self._timers = membership, timers
        self._names = list(segments.segments)
        self._array = np.array(self._names, object)
        self._asked = {name: asked_for(segment) for name, segment in segments.segments.items()}

    def fire(
        self, roots: Sequence[bytes], rows: Rows, people: Instants, *, before: Sequence[frozenset[str]], now: int
    ) -> Fired:
        """Return what flips at ``now`` for customers who were in the segments ``before`` until then."""
        members = self._membership.read(rows, people, now=now)
        due = self._timers.due(rows, people, now=now, members=members)
        found: list[SegmentChange] = []
        for row, flipped in self._flipped(members, before).items():
            mine = rows[people[row] : people[row + 1]]
            found += self._told(roots[row], row, before[row], flipped, members, mine)
        return Fired(sorted(found), due)

    def _flipped(self, members: Members, before: Sequence[frozenset[str]]) -> dict[int, frozenset[str]]:
        """Return for each row of which anything differs the segments that do."""
        rows, places = np.nonzero(np.stack([members.inside[name] for name in self._names], axis=1))
        ends = np.searchsorted(rows, np.arange(len(before) + 1)).tolist()
        names = self._array[places].tolist()
        found = {}
        for row, known in enumerate(before):
            differing = known.symmetric_difference(names[ends[row] : ends[row + 1]])
            if differing:
                found[row] = differing
        return found

    def _told(
        self, root: bytes, row: int, known: frozenset[str], flipped: frozenset[str], members: Members, mine: Rows
    ) -> list[SegmentChange]:
        now = members.genomes.now
        if now in times_of(mine):  # dated in the future when it came: the course tells what was whose doing
            causes = {one.segment: one.cause for one in self._membership.history.changes(mine, now - 1, now)}
        else:
            causes = {}
        return [
            SegmentChange(
                now,
                name,
                Change.LEFT if name in known else Change.ENTERED,
                causes.get(name) or (Cause.CONSENT if self._by_consent(name, row, flipped, members) else Cause.TIME),
                root,
            )
            for name in flipped
        ]

    def _by_consent(self, name: str, row: int, flipped: frozenset[str], members: Members) -> bool:
        """Whether only a gate closed: of the segment itself, or of one that it asks for."""
        if members.held[name][row] and not members.inside[name][row]:
            return True
        return any(self._by_consent(one, row, flipped, members) for one in self._asked[name] if one in flipped)
