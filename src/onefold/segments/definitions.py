"""Segment definitions as frozen values; :mod:`onefold.segments.reading` makes them from ``segments/*.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from onefold.core.errors import Place
from onefold.core.types import Gate, Purpose
from onefold.language.ast import Node

REFERENCES = {"IN_SEGMENT": "segment."}
"""``in_segment('x')`` stands for the name ``segment.x``: whether the customer is a member, never unknown."""


def name_in_row(segment: str) -> str:
    """Return the name under which expressions see a membership.

    >>> name_in_row("young")
    'segment.young'
    """
    return REFERENCES["IN_SEGMENT"] + segment


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule segment (SEMANTICS section 5).

    ``when`` is the predicate and ``text`` how it was written; ``hold`` the hysteresis in microseconds (0: none, at
    most 7 days); ``purpose`` what it is for (None: service and analytics inside the bank, not gated by consent).
    """

    name: str
    when: Node
    text: str
    title: str | None = None
    purpose: Purpose | None = None
    hold: int = 0
    dimension: str | None = None
    owner: str | None = None
    review_by: date | None = None
    place: Place = Place()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class SegmentSet:
    """All segments of a workspace in the order of its files, which decides among those of one dimension.

    ``order`` names all of them so that each comes after those its predicate is built on.
    """

    segments: Mapping[str, Segment] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    @property
    def expressions(self) -> list[Node]:
        """The predicates, for the plan that must read what they name."""
        return [segment.when for segment in self.segments.values()]

    @property
    def gates(self) -> set[Gate]:
        """The consents that memberships depend on."""
        return {(segment.purpose, None) for segment in self.segments.values() if segment.purpose is not None}

    def of_dimension(self, dimension: str) -> list[Segment]:
        """Return the segments of a dimension, the first that matches first."""
        return [segment for segment in self.segments.values() if segment.dimension == dimension]


def dimensions(segments: Iterable[Segment]) -> dict[str, list[str]]:
    """Return the names of the segments of each dimension, in order."""
    found: dict[str, list[str]] = {}
    for segment in segments:
        if segment.dimension is not None:
            found.setdefault(segment.dimension, []).append(segment.name)
    return found
