"""Which segments must be settled before which: those asked for by name, and the earlier ones of a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.language.lineage import names_of
from onefold.segments.definitions import REFERENCES, Segment

_SEGMENT = REFERENCES["IN_SEGMENT"]


def asked_for(segment: Segment) -> tuple[str, ...]:
    """Return the segments that a predicate names by ``in_segment``, sorted."""
    names = sorted(names_of(segment.when))
    return tuple(name.removeprefix(_SEGMENT) for name in names if name.startswith(_SEGMENT))


def before_in_dimension(segment: Segment, segments: Mapping[str, Segment]) -> tuple[str, ...]:
    """Return the segments of its dimension that come first, and so keep the customer from it."""
    if segment.dimension is None:
        return ()
    found = []
    for other in segments.values():
        if other.name == segment.name:
            break
        if other.dimension == segment.dimension:
            found.append(other.name)
    return tuple(found)


def needs(segment: Segment, segments: Mapping[str, Segment]) -> tuple[str, ...]:
    """Return all segments that must be settled before this one; unknown ones are left out."""
    both = dict.fromkeys((*asked_for(segment), *before_in_dimension(segment, segments)))
    return tuple(name for name in both if name in segments)


@dataclass(slots=True)
class Ordered:
    """``order`` names each segment after those it needs; ``circles`` are the ways from a segment back to itself."""

    order: list[str] = field(default_factory=list)
    circles: list[tuple[str, ...]] = field(default_factory=list)


def ordered(segments: Mapping[str, Segment]) -> Ordered:
    """Sort segments so that each comes after those it needs, and find every circle that stands in the way."""
    found, state, path = Ordered(), dict[str, bool](), list[str]()

    def visit(name: str) -> None:
        if state.get(name) is False:
            circle = path[path.index(name) :]
            first = min(range(len(circle)), key=lambda at: list(segments).index(circle[at]))
            found.circles.append((*circle[first:], *circle[: first + 1]))
        if name in state:
            return
        state[name] = False
        path.append(name)
        for inner in needs(segments[name], segments):
            visit(inner)
        path.pop()
        state[name] = True
        found.order.append(name)

    for name in segments:
        visit(name)
    return found


def closure(names: list[str], segments: Mapping[str, Segment]) -> set[str]:
    """Return the named segments and all that they are built on."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs(segments[name], segments)
    return found
