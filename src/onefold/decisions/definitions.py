"""The catalogue as frozen values; :mod:`onefold.decisions.reading` makes it from offers, placements and policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.core.errors import Place
from onefold.core.instant import MINUTE, Span
from onefold.core.types import Gate, Purpose
from onefold.decisions.contact.base import Policy
from onefold.language.ast import Node

RESERVE = Span(fixed=30 * MINUTE)


@dataclass(frozen=True, slots=True)
class Treatment:
    """One way of saying an offer: its kind (ad, article, tool, message, conversation) and the channels it fits."""

    name: str
    kind: str
    channels: tuple[str, ...]
    content: str | None = None
    actions: tuple[str, ...] = ()
    after: Node | None = None


@dataclass(frozen=True, slots=True)
class Valid:
    """From the first instant on, and before the second; None where open."""

    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer (SEMANTICS section 6). Expressions that are missing are None: no condition, factor 1.

    ``topic`` is what preferences speak of (the product, unless stated); ``value`` the expected margin if accepted;
    ``terms`` are price points by name, ``floor`` the least that any of them may be.
    """

    name: str
    product: str
    purpose: Purpose
    treatments: tuple[Treatment, ...]
    topic: str = ""
    title: str | None = None
    owner: str | None = None
    regulated: str | None = None
    partner: str | None = None
    value: Node | None = None
    propensity: Node | None = None
    weight: Node | None = None
    lever: Node | None = None
    valid: Valid = Valid()
    eligible: Node | None = None
    applicable: Node | None = None
    suitable: Node | None = None
    terms: Mapping[str, Node] = field(default_factory=dict)
    floor: Node | None = None
    place: Place = Place()  # noqa: RUF009 - frozen

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """What must be granted: the offer's purpose, and ``third_party`` where a partner stands behind it."""
        partner = (Purpose.THIRD_PARTY,) if self.partner and self.purpose is not Purpose.THIRD_PARTY else ()
        return (self.purpose, *partner)


@dataclass(frozen=True, slots=True)
class Placement:
    """A place that asks: its channel, how many offers fit, what it shows otherwise, and what never stands there.

    Without ``confirms`` nobody reports that an offer was shown: a reservation is an exposure at once.
    """

    name: str
    channel: str
    default: str | None = None
    limit: int = 1
    excludes: frozenset[str] = frozenset()
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that decisions are made from, beside the customer.

    ``own_consent`` are the channels that need a consent of their own.
    """

    offers: Mapping[str, Offer] = field(default_factory=dict)
    placements: Mapping[str, Placement] = field(default_factory=dict)
    contact: tuple[Policy, ...] = ()
    reserve: Span = RESERVE
    own_consent: frozenset[str] = frozenset()

    @property
    def expressions(self) -> list[Node]:
        """Every expression, for the plan that must read what they name."""
        found = [node for policy in self.contact for node in policy.expressions]
        for offer in self.offers.values():
            stated = (
                *(offer.value, offer.propensity, offer.weight, offer.lever, offer.floor),
                *(offer.eligible, offer.applicable, offer.suitable, *offer.terms.values()),
                *(treatment.after for treatment in offer.treatments),
            )
            found += [node for node in stated if node is not None]
        return found

    @property
    def gates(self) -> set[Gate]:
        """The consents that decisions depend on: each purpose in general and for the channels of its treatments."""
        return {
            (purpose, channel)
            for offer in self.offers.values()
            for purpose in offer.purposes
            for treatment in offer.treatments
            for channel in treatment.channels
        }
