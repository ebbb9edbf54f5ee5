"""A catalogue made ready for many decisions: expressions compiled, candidates laid out for each channel."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from onefold.core.types import Purpose
from onefold.decisions.bounds import bound_of
from onefold.decisions.compiled import Exact, Expression, Leaf, exact, expression
from onefold.decisions.contact.moment import Proposal
from onefold.decisions.definitions import Catalogue, Offer, Treatment
from onefold.decisions.lineage import Lineage
from onefold.features.definitions import FeatureSet
from onefold.language.ast import Kind, Name
from onefold.language.tree import walk
from onefold.language.values import Row
from onefold.segments.definitions import SegmentSet


class ReadyOffer:
    """An offer with its expressions compiled; they are shared by all its candidates."""

    def __init__(self, offer: Offer, money_scale: int) -> None:
        self.offer = offer
        self.eligible = expression(offer.eligible)
        self.applicable = expression(offer.applicable)
        self.suitable = expression(offer.suitable)
        self.propensity = expression(offer.propensity)
        self.value = expression(offer.value)
        self.value_unit = float(10**money_scale) if self.value and self.value.node.kind is Kind.MONEY else 1.0
        self.factors = tuple(Expression(node) for node in (offer.weight, offer.lever) if node is not None)
        self.terms: dict[str, Callable[[Row, int], Exact]] = {
            name: exact(node, money_scale) for name, node in offer.terms.items()
        }
        self.bound = bound_of(offer, money_scale)
        self.floor = exact(offer.floor, money_scale) if offer.floor is not None else None


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An offer by one treatment on one channel.

    ``checks`` are the contact policies that have a say, by number, with what they judge it under.
    """

    ready: ReadyOffer
    treatment: Treatment
    after: Expression | None
    proposal: Proposal
    checks: tuple[tuple[int, Hashable], ...]
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """The candidates of one channel in the order of definition.

    ``promising`` are (bound of the score, place in that order), the highest bound first; ``purposes`` the different
    sets of purposes that they ask for.
    """

    candidates: tuple[Candidate, ...] = ()
    promising: tuple[tuple[float, int], ...] = ()
    purposes: frozenset[tuple[Purpose, ...]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A catalogue, compiled. Threads may share it: nothing in it changes but caches."""

    catalogue: Catalogue
    features: FeatureSet
    segments: SegmentSet
    lineage: Lineage
    names: Mapping[str, Kind]
    """Every name that an expression reads."""
    proposals: Mapping[str, Proposal]
    """Of each offer one proposal, which tells its product and topic."""
    sentences: dict[Leaf, str] = field(repr=False)
    """What leaves of conditions ask for, put into words when first needed."""
    _lanes: Mapping[str, Lane] = field(repr=False)

    def lane(self, channel: str) -> Lane:
        """Return the candidates of a channel; none for a channel that no treatment fits."""
        return self._lanes.get(channel, _EMPTY)

    @property
    def money_scale(self) -> int:
        """Decimals of the workspace's currency."""
        return self.features.schema.money_scale


_EMPTY = Lane()


def prepare(catalogue: Catalogue, features: FeatureSet, segments: SegmentSet) -> Prepared:
    """Compile a catalogue; ``features`` and ``segments`` are those that it was read with."""
    by_channel: dict[str, list[Candidate]] = {}
    proposals: dict[str, Proposal] = {}
    for offer in catalogue.offers.values():
        ready = ReadyOffer(offer, features.schema.money_scale)
        for treatment in offer.treatments:
            after = expression(treatment.after)
            for channel in treatment.channels:
                proposal = Proposal(offer.name, offer.product, offer.topic, offer.purpose, treatment.name, channel)
                proposals.setdefault(offer.name, proposal)
                checks = _checks(catalogue, proposal)
                candidate = Candidate(ready, treatment, after, proposal, checks, offer.purposes)
                by_channel.setdefault(channel, []).append(candidate)
    names = {part.name: part.kind for node in catalogue.expressions for part in walk(node) if isinstance(part, Name)}
    lanes = {channel: _lane(found) for channel, found in by_channel.items()}
    return Prepared(catalogue, features, segments, Lineage(features, segments), names, proposals, {}, lanes)


def _lane(candidates: list[Candidate]) -> Lane:
    promising = sorted(((one.ready.bound, at) for at, one in enumerate(candidates)), key=lambda one: (-one[0], one[1]))
    return Lane(tuple(candidates), tuple(promising), frozenset(one.purposes for one in candidates))


def _checks(catalogue: Catalogue, proposal: Proposal) -> tuple[tuple[int, Hashable], ...]:
    subjects = ((number, policy.subject(proposal)) for number, policy in enumerate(catalogue.contact))
    return tuple((number, subject) for number, subject in subjects if subject is not None)
