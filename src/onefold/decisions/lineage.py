"""What an expression of the catalogue rests on, through segments and features down to declared properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from onefold.core.types import Sensitivity
from onefold.features.definitions import FeatureSet
from onefold.features.tags import Trail, trails
from onefold.language.ast import Node
from onefold.language.lineage import names_of
from onefold.segments.definitions import REFERENCES, SegmentSet, dimensions

UNFAIR = frozenset({Sensitivity.PROTECTED, Sensitivity.PROXY})
"""What prices and the ranking of regulated offers may never rest on."""

UNSAID = UNFAIR | {Sensitivity.IDENTIFIER}
"""What a reason given to others may never rest on."""

_SEGMENT = REFERENCES["IN_SEGMENT"]


class Lineage:
    """Answers from which properties a name comes; each name is followed once."""

    def __init__(self, features: FeatureSet, segments: SegmentSet) -> None:
        self._features, self._segments = features, segments
        self._known: dict[str, Mapping[Sensitivity, Trail]] = {}

    def trails(self, node: Node) -> Mapping[Sensitivity, Trail]:
        """Return for each tag that an expression bears one way to a property that bears it."""
        found: dict[Sensitivity, Trail] = {}
        for name in sorted(names_of(node)):
            for tag, trail in self.of(name).items():
                found.setdefault(tag, trail)
        return found

    def of(self, name: str) -> Mapping[Sensitivity, Trail]:
        """Return the tags of a name with one way to each."""
        if name not in self._known:
            self._known[name] = {}  # a circle of segments was refused when they were read
            is_segment = name.startswith(_SEGMENT)
            self._known[name] = self._through(name) if is_segment else trails(self._features, name)
        return self._known[name]

    def rests_on(self, node: Node, tags: Iterable[Sensitivity]) -> bool:
        """Whether an expression bears any of some tags."""
        return not self.trails(node).keys().isdisjoint(tags)

    def _through(self, name: str) -> Mapping[Sensitivity, Trail]:
        """Follow a segment; of a dimension, those that come first decide too."""
        segment = self._segments.segments.get(name.removeprefix(_SEGMENT))
        if segment is None:
            return {}
        nodes = [segment.when]
        if segment.dimension is not None:
            members = self._dimensions[segment.dimension]
            nodes += [self._segments.segments[member].when for member in members[: members.index(segment.name)]]
        found: dict[Sensitivity, Trail] = {}
        for node in nodes:
            for tag, trail in self.trails(node).items():
                found.setdefault(tag, (f"in_segment('{segment.name}')", *trail))
        return found

    @cached_property
    def _dimensions(self) -> Mapping[str, list[str]]:
        return dimensions(self._segments.segments.values())
