"""Who is in which segment at one instant: many customers at once, in NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.zone import Zone
from onefold.features.conditions import Conditions, Truths, leaves_of
from onefold.features.consent import granted
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.row import Row
from onefold.language.ast import Node
from onefold.language.columns import BoolArray, Column, Floats, true_mask
from onefold.language.lineage import names_of
from onefold.language.normal import push_not
from onefold.language.to_numpy import Compute, to_numpy
from onefold.language.values import Value
from onefold.profiles.words import Rows
from onefold.segments.definitions import REFERENCES, Segment, SegmentSet, name_in_row
from onefold.segments.history import History
from onefold.segments.hold import Holding

_SEGMENT = REFERENCES["IN_SEGMENT"]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Memberships of some customers at the genomes' ``now``, a row each.

    ``inside`` is the membership; ``held`` what it would be if every consent were given; ``lately`` whether the
    predicate was true within ``hold``, whatever the dimension says; ``truths`` those of each condition, as
    :class:`onefold.features.conditions.Conditions` numbers them.
    """

    genomes: Genomes
    zone: Zone
    inside: Mapping[str, BoolArray]
    held: Mapping[str, BoolArray]
    lately: Mapping[str, BoolArray]
    truths: Truths | None = None

    def __len__(self) -> int:
        return len(self.genomes)

    def names(self, row: int) -> tuple[str, ...]:
        """Return the segments of one customer, sorted."""
        return tuple(sorted(name for name, inside in self.inside.items() if inside[row]))


class Membership:
    """Reads memberships by the segments of a workspace.

    ``engine`` has a plan over their predicates (``above``) and their :func:`consent_features`.
    """

    def __init__(self, segments: SegmentSet, engine: Engine) -> None:
        self.segments = segments
        self._engine = engine
        pushed = {name: push_not(one.when) for name, one in segments.segments.items()}
        self.conditions = Conditions(engine.plan, pushed, apart=asks_for_segments)
        self._apart = {
            name: {leaf: to_numpy(leaf) for leaf in leaves_of(node) if asks_for_segments(leaf)}
            for name, node in pushed.items()
        }
        self._held = {name: Holding(segments, name, engine) for name, one in segments.segments.items() if one.hold}
        self.history = History(segments, engine)
        """The same memberships over time, of one customer after another."""

    def read(self, rows: Rows, people: NDArray[np.int64], *, now: int, known: int = FOREVER) -> Members:
        """Return the memberships at ``now`` of timelines laid one after another, as :meth:`Engine.read` takes them."""
        genomes = self._engine.read(rows, people, now=now, known=known)
        inside: dict[str, BoolArray] = {}
        held: dict[str, BoolArray] = {}
        lately: dict[str, BoolArray] = {}
        taken: dict[str, BoolArray] = {}
        truths = self.conditions.truths(genomes, self._engine.zone.day(now))
        members = Members(genomes, self._engine.zone, inside, held, lately, truths)
        columns = _Columns(members)
        for name in self.segments.order:
            segment = self.segments.segments[name]
            if self._apart[name]:
                self.conditions.tell(truths, name, {leaf: columns.true(run) for leaf, run in self._apart[name].items()})
            true = self.conditions.of(truths, name) & genomes.present
            if segment.hold:
                true = self._held[name].held(true, genomes.present, rows, people, now=now, known=known)
            lately[name] = true
            held[name] = _first(segment, true, taken)
            gate = segment.purpose
            inside[name] = held[name] if gate is None else held[name] & granted(genomes, (gate, None))
        return members

    def evaluate(self, node: Node, people: Members | Genomes) -> BoolArray:
        """Return for whom a predicate, such as that of a preview, is true at the same instant; nobody who is absent.

        One that asks for segments needs the members, else their genomes will do.
        """
        members = people if isinstance(people, Members) else Members(people, self._engine.zone, {}, {}, {}, None)
        return _Columns(members).true(to_numpy(node)) & members.genomes.present

    def row(self, members: Members, row: int, more: Mapping[str, Value] | None = None) -> Row:
        """Return one customer's genome with their segments (``segment.x``) and ``more`` names."""
        inside = {name_in_row(name): bool(mask[row]) for name, mask in members.inside.items()}
        return Row(members.genomes, row, {**inside, **(more or {})})


def asks_for_segments(leaf: Node) -> bool:
    """Whether a condition is about other segments, and so can be told only after them."""
    return any(name.startswith(_SEGMENT) for name in names_of(leaf))


def _first(segment: Segment, true: BoolArray, taken: dict[str, BoolArray]) -> BoolArray:
    """Leave out those whom an earlier segment of the dimension holds."""
    if segment.dimension is None:
        return true
    before = taken.get(segment.dimension, np.zeros(len(true), bool))
    taken[segment.dimension] = before | true
    return true & ~before


class _Columns(Mapping[str, Column]):
    """The genome's columns, and those of the segments that are settled."""

    def __init__(self, members: Members) -> None:
        self._members, self._genome = members, members.genomes.columns
        self.today = members.zone.day(members.genomes.now)

    def true(self, condition: Compute) -> BoolArray:
        """Return for whom a condition is true."""
        return true_mask(condition(self, self.today, len(self._members)))

    def __getitem__(self, name: str) -> Column:
        if name.startswith(_SEGMENT):
            return Floats(self._members.inside[name.removeprefix(_SEGMENT)].astype(np.float64))
        return self._genome[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._genome)

    def __len__(self) -> int:
        return len(self._genome)
