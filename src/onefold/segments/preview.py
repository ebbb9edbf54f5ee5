"""Counting for whom a predicate is true, with how many of them are members of which segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from onefold.core.zone import Zone
from onefold.features.consent import granted
from onefold.features.genomes import Genomes
from onefold.language.columns import BoolArray, Column, Floats, true_mask
from onefold.language.normal import push_not
from onefold.language.to_numpy import Compute, to_numpy
from onefold.segments.definitions import REFERENCES, SegmentSet
from onefold.segments.dependencies import before_in_dimension
from onefold.segments.membership import Members

SAMPLE = 10
"""Customers that are named."""
LARGEST = 10
"""Segments whose overlap is told."""

Lately = Callable[[str, BoolArray], BoolArray]
"""Of a segment with ``hold``: for whom of those marked its predicate was true within it."""

_SEGMENT = REFERENCES["IN_SEGMENT"]


@dataclass(slots=True)
class Tally:
    """A count in the making: ``lowest`` are the pseudonyms of those named, ``overlap`` the members by segment."""

    count: int = 0
    population: int = 0
    lowest: list[bytes] = field(default_factory=list)
    overlap: dict[str, int] = field(default_factory=dict)

    def add(self, inside: BoolArray, present: int, roots: Sequence[bytes]) -> None:
        """Count a chunk: ``roots`` are pseudonyms of those inside, the lowest of them at least."""
        self.count, self.population = self.count + int(inside.sum()), self.population + present
        self.lowest = sorted([*self.lowest, *roots])[:SAMPLE]

    def take(self, other: Tally) -> None:
        """Add the count of other customers."""
        self.count, self.population = self.count + other.count, self.population + other.population
        self.lowest = sorted([*self.lowest, *other.lowest])[:SAMPLE]
        self.meet(other.overlap)

    def meet(self, members: Mapping[str, int]) -> None:
        """Add how many of those inside are members of segments."""
        for name, number in members.items():
            self.overlap[name] = self.overlap.get(name, 0) + number

    def largest(self) -> dict[str, int]:
        """Return the overlap with the segments that most are members of, the largest first, then by name."""
        ordered = sorted(((-number, name) for name, number in self.overlap.items() if number))[:LARGEST]
        return {name: -number for number, name in ordered}


def overlap(members: Members, inside: BoolArray) -> dict[str, int]:
    """Return of each segment how many of those inside are members."""
    return {name: int((mask & inside).sum()) for name, mask in members.inside.items()}


class Settling:
    """Works out memberships off genomes, each segment when it is first asked for."""

    def __init__(self, segments: SegmentSet) -> None:
        self.segments = segments
        self.conditions = {name: to_numpy(push_not(one.when)) for name, one in segments.segments.items()}

    def of(self, genomes: Genomes, zone: Zone, lately: Lately) -> Settled:
        """Return the memberships of some genomes; ``lately`` knows what those cannot tell of segments with ``hold``."""
        return Settled(self, genomes, zone, lately)


class Settled(Mapping[str, Column]):
    """The columns of some genomes, and of segments (``segment.x``)."""

    def __init__(self, settling: Settling, genomes: Genomes, zone: Zone, lately: Lately) -> None:
        self._settling, self._genomes, self._today = settling, genomes, zone.day(genomes.now)
        self._lately = lately
        self._true: dict[str, BoolArray] = {}
        self._inside: dict[str, BoolArray] = {}

    def true(self, condition: Compute) -> BoolArray:
        """Return who exists and has a condition true."""
        return true_mask(condition(self, self._today, len(self._genomes))) & self._genomes.present

    def inside(self, name: str) -> BoolArray:
        """Return who is a member of a segment."""
        if name not in self._inside:
            self._inside[name] = self._settle(name)
        return self._inside[name]

    def _settle(self, name: str) -> BoolArray:
        segment = self._settling.segments.segments[name]
        found = self._matches(name)
        for earlier in before_in_dimension(segment, self._settling.segments.segments):
            found = found & ~self._matches(earlier)
        return found if segment.purpose is None else found & granted(self._genomes, (segment.purpose, None))

    def _matches(self, name: str) -> BoolArray:
        if name not in self._true:
            true = self.true(self._settling.conditions[name])
            held = self._settling.segments.segments[name].hold
            self._true[name] = true | self._lately(name, ~true & self._genomes.present) if held else true
        return self._true[name]

    def __getitem__(self, name: str) -> Column:
        if name.startswith(_SEGMENT):
            return Floats(self.inside(name.removeprefix(_SEGMENT)).astype(np.float64))
        return self._genomes.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._genomes.columns)

    def __len__(self) -> int:
        return len(self._genomes.columns)
