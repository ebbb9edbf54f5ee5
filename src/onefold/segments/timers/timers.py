"""Timers: until when the memberships of many customers are sure to stay as they are, if nothing happens.

The bound is found from the leaves of predicates. Each condition says until when its truth is sure to stay; what AND
joins stays true until the first of its parts may fail, and stays false until the last of the failing parts may hold.
So a timer is never late, and it seldom goes off for nothing: ``views > 2 AND NOT has_mortgage`` waits for the
third-newest view to leave, whatever else comes and goes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from onefold.core.types import Purpose
from onefold.features.conditions import leaves_of
from onefold.features.consent import ALWAYS_GRANTED, statements
from onefold.features.definitions import Feature, FeatureSet
from onefold.features.departures import Departures, Watch
from onefold.features.engine import FOREVER, Engine
from onefold.features.plan import build_plan
from onefold.features.tables import NEVER
from onefold.language.columns import BoolArray
from onefold.language.normal import push_not
from onefold.profiles.words import Rows, times_of
from onefold.segments.definitions import Segment, SegmentSet
from onefold.segments.dependencies import before_in_dimension, needs
from onefold.segments.intervals import Instants
from onefold.segments.linear import Movement
from onefold.segments.membership import Members, Membership
from onefold.segments.presence import presence
from onefold.segments.timers.leaf import LeafTimer
from onefold.segments.timers.view import View


class Timers:
    """Sets the timers of customers by the segments of a workspace. Threads may share it."""

    def __init__(self, segments: SegmentSet, engine: Engine, membership: Membership) -> None:
        self._segments, self._engine, self._membership = segments, engine, membership
        movement = Movement(engine.plan.features)
        pushed = {name: push_not(segment.when) for name, segment in segments.segments.items()}
        self._conditions = membership.conditions
        self._leaves = {leaf: LeafTimer(leaf, movement) for leaf in self._conditions.leaves}
        self._timed: dict[int, LeafTimer] = {}
        self._alone: list[int] = []
        alone: list[Watch] = []
        for leaf, at in self._conditions.leaves.items():
            timer = self._leaves[leaf]
            if timer.alone is not None:
                self._alone.append(at)
                alone.append(timer.alone)
            elif not timer.still and not timer.segments:
                self._timed[at] = timer
        self._asking = {
            name: [leaf for leaf in leaves_of(node) if self._leaves[leaf].segments] for name, node in pushed.items()
        }
        watches = (one for leaf in self._leaves.values() for one in leaf.watches.values())
        self._departures = Departures(watches, engine.plan.features, engine.plan.layout, engine.zone)
        self._rest = self._unsolved(engine)
        self._walked = {
            name for name, node in pushed.items() if any(self._leaves[leaf].walked for leaf in leaves_of(node))
        }
        self._watched = [self._departures.number[one] for one in alone]
        self._involved = self._more_to_them()
        self._plain = [self._conditions.column(name) for name in segments.order if name not in self._involved]

    def _more_to_them(self) -> list[str]:
        """Return the segments of which more than the predicate must be looked at, and those that they rest on."""
        known = self._segments.segments
        found: set[str] = set()
        for name in reversed(self._segments.order):
            one = known[name]
            gated = one.purpose is not None and one.purpose not in ALWAYS_GRANTED
            if name in found or one.hold or one.dimension or gated or self._asking[name] or name in self._walked:
                found |= {name, *needs(one, known)}
        return [name for name in self._segments.order if name in found]

    def _unsolved(self, engine: Engine) -> Engine:
        """Return an engine over the features whose changes only the engine knows."""
        names = {name for leaf in self._leaves.values() for name in leaf.by_engine}
        return _engine_of(engine, {name: one for name, one in engine.plan.features.features.items() if name in names})

    def due(self, rows: Rows, people: Instants, *, now: int, members: Members | None = None) -> Instants:
        """Return for each customer the first instant after now at which a membership may flip, NEVER for none.

        ``rows`` and ``people`` as :meth:`Engine.read` takes them; events dated in the future count from their time on.
        """
        members = members or self._membership.read(rows, people, now=now)
        view = View(members, rows, people, departures=self._departures, rest=self._rest)
        sure = self._sure(view)
        found = self._appearances(rows, people, now)
        if self._plain:
            found = np.minimum(found, sure[:, self._plain].min(axis=1))
        bounds: dict[str, Instants] = {}
        for name in self._involved:
            bounds[name] = self._of_segment(self._segments.segments[name], view, bounds, sure, rows, people)
            found = np.minimum(found, bounds[name])
        return np.maximum(found, now + 1)

    def _sure(self, view: View) -> Instants:
        """Return until when each condition, and each joint of conditions, is sure to stay as it is."""
        truths = view.members.truths
        assert truths is not None
        sure = np.full(truths.shape, NEVER, np.int64)
        if self._alone:
            sure[:, self._alone] = view.leaving[:, self._watched]
        for at, timer in self._timed.items():
            sure[:, at] = timer.sure_until(view)
        self._conditions.join_until(truths, sure)
        return sure

    def _of_segment(
        self, segment: Segment, view: View, bounds: dict[str, Instants], sure: Instants, rows: Rows, people: Instants
    ) -> Instants:
        if segment.name in self._walked:
            return self._walk(segment.name, view, rows, people, np.ones(len(view), bool))
        truths = view.members.truths
        assert truths is not None
        for leaf in self._asking[segment.name]:
            timer = self._leaves[leaf]
            among = [timer.sure_until(view), *(bounds[name] for name in timer.segments)]
            sure[:, self._conditions.leaves[leaf]] = np.minimum.reduce(among)
        if self._asking[segment.name]:
            self._conditions.join_until(truths, sure, segment.name)
        truth, until = self._conditions.of(truths, segment.name), sure[:, self._conditions.column(segment.name)]
        if segment.hold:
            lingering = view.members.lately[segment.name] & ~(truth & view.members.genomes.present)
            until = np.where(truth & (until < NEVER - segment.hold), until - 1 + segment.hold, until)
            until = np.minimum(until, self._walk(segment.name, view, rows, people, lingering))
        for earlier in before_in_dimension(segment, self._segments.segments):
            until = np.minimum(until, bounds[earlier])
        if segment.purpose is not None and segment.purpose not in ALWAYS_GRANTED:
            until = np.minimum(until, self._consent(segment, segment.purpose, view))
        return until

    @staticmethod
    def _consent(segment: Segment, purpose: Purpose, view: View) -> Instants:
        """Return when a consent that lets the customer in expires."""
        ends = statements(view.members.genomes, (purpose, None)).ends
        return np.where(view.members.held[segment.name], ends, NEVER)

    def _walk(self, name: str, view: View, rows: Rows, people: Instants, asked: BoolArray) -> Instants:
        """Return the next flip of those who must be walked one by one."""
        found = np.full(len(view), NEVER, np.int64)
        for person in np.flatnonzero(asked).tolist():
            mine = rows[people[person] : people[person + 1]]
            flip = self._membership.history.next_flip(mine, view.now, segments=[name])
            found[person] = flip.at if flip.at is not None else _again(flip.checked_until)
        return found

    def _appearances(self, rows: Rows, people: Instants, now: int) -> Instants:
        """Return when the next event of each customer that is dated in the future comes, or retention ends them."""
        count = len(people) - 1
        found = np.full(count, NEVER, np.int64)
        times = times_of(rows)
        owners = np.repeat(np.arange(count), np.diff(people))
        coming = times > now
        np.minimum.at(found, owners[coming], times[coming])
        if self._engine.plan.features.retention:
            for person in range(count):
                spans = presence(rows[people[person] : people[person + 1]], self._engine.plan, self._engine.zone)
                stops = [span.stop for span in spans if span.start <= now < span.stop]
                found[person] = min([int(found[person]), *stops])
        return found


def _engine_of(engine: Engine, features: Mapping[str, Feature]) -> Engine:
    """Return an engine over some features alone, with the texts of another."""
    kept = FeatureSet(engine.plan.features.schema, features, engine.plan.features.retention)
    found = Engine(build_plan(kept, engine.plan.layout), engine.zone)
    found.texts = engine.texts
    return found


def _again(checked_until: int) -> int:
    return NEVER if checked_until >= FOREVER - 1 else checked_until + 1
