"""Engines for a few conditions alone: only what these read, so that nothing else cuts their time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from onefold.core.types import Gate
from onefold.features.consent import consent_features
from onefold.features.definitions import FeatureSet
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.language.ast import Node
from onefold.segments.definitions import SegmentSet
from onefold.segments.dependencies import asked_for, closure
from onefold.segments.linear import Movement, Moves


def only(segments: SegmentSet, names: Iterable[str]) -> SegmentSet:
    """Return some segments, with all that they are built on."""
    needed = closure(list(names), segments.segments)
    kept = {name: segment for name, segment in segments.segments.items() if name in needed}
    return SegmentSet(kept, tuple(name for name in segments.order if name in needed))


def alone(segments: SegmentSet, name: str) -> SegmentSet:
    """Return a segment without its dimension, with those that its predicate asks for."""
    inner = only(segments, asked_for(segments.segments[name]))
    free = replace(segments.segments[name], dimension=None)
    return SegmentSet({**inner.segments, name: free}, (*inner.order, name))


def narrow(engine: Engine, expressions: list[Node], gates: Iterable[Gate] = ()) -> Engine:
    """Return an engine over the features and consents that some conditions read; its texts are the given one's."""
    plan, movement = engine.plan, Movement(engine.plan.features)
    names = frozenset[str]().union(*(Moves(movement, node).names for node in expressions))
    features = {name: feature for name, feature in plan.features.features.items() if name in names}
    features |= consent_features(plan.features.schema, gates)
    kept = FeatureSet(plan.features.schema, features, plan.features.retention)
    found = Engine(build_plan(kept, plan.layout, above=expressions), engine.zone, population=engine.population)
    found.texts = engine.texts
    return found
