"""What contact policies see: past events of offers, the customer's wishes, the proposal, the moment."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from onefold.core.instant import Span
from onefold.core.types import Purpose
from onefold.core.zone import Zone
from onefold.decisions.contact.spans import before
from onefold.language.values import Value


class Outcome(StrEnum):
    """What happened to an offer; the reserved events ``offer_...`` of SEMANTICS section 2."""

    RESERVED = "reserved"
    SHOWN = "shown"
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IGNORED = "ignored"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class Contact:
    """One event of an offer on a timeline; unknown texts are None. ``time`` is in microseconds.

    ``until`` is the last instant at which a reservation counts as an exposure, None for what counts for ever.
    """

    outcome: Outcome
    time: int
    offer: str | None = None
    treatment: str | None = None
    placement: str | None = None
    channel: str | None = None
    decision: str | None = None
    until: int | None = None


class Wish(StrEnum):
    """What a customer says of a topic; the event ``preference_set``."""

    WANTED = "wanted"
    UNWANTED = "unwanted"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Preference:
    """One statement of a customer, of a topic (None: of all) on a channel (None: on all); ``until`` ends a snooze."""

    wish: Wish
    time: int
    topic: str | None = None
    channel: str | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is about to be said: an offer by a treatment, on a channel."""

    offer: str
    product: str
    topic: str
    purpose: Purpose
    treatment: str
    channel: str


class Per(StrEnum):
    """What a cap or a pause counts by."""

    CUSTOMER = "customer"
    OFFER = "offer"
    PRODUCT = "product"
    TOPIC = "topic"
    TREATMENT = "treatment"

    def of(self, proposal: Proposal) -> Hashable:
        """Return what a proposal is counted under."""
        match self:
            case Per.CUSTOMER:
                return ()
            case Per.OFFER:
                return proposal.offer
            case Per.PRODUCT:
                return proposal.product
            case Per.TOPIC:
                return proposal.topic
            case Per.TREATMENT:
                return (proposal.offer, proposal.treatment)

    def of_contact(self, contact: Contact, offers: Mapping[str, Proposal]) -> Hashable | None:
        """Return what a past event is counted under; None where it cannot be told (an offer that is no more)."""
        if self is Per.CUSTOMER:
            return ()
        if contact.offer is None or self is Per.OFFER:
            return contact.offer
        if self is Per.TREATMENT:
            return None if contact.treatment is None else (contact.offer, contact.treatment)
        known = offers.get(contact.offer)
        return None if known is None else self.of(known)


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment of a decision as policies see it.

    ``exposures`` are the shown offers, with the reservations that still count, ``contacts`` all events of offers
    (both in order of time, those chosen in this very call among the exposures); ``row`` is the genome with the
    context. ``zone`` is the customer's own, for quiet hours; ``home`` the workspace's, for all windows. ``offers``
    tells the topic and product of offers.
    """

    now: int
    zone: Zone
    home: Zone
    row: Mapping[str, Value]
    today: int
    exposures: Sequence[Contact] = ()
    contacts: Sequence[Contact] = ()
    preferences: Sequence[Preference] = ()
    offers: Mapping[str, Proposal] = field(default_factory=dict)
    _indices: dict[tuple[str, Per], Mapping[Hashable, Sequence[Contact]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _starts: dict[Span, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def exposures_by(self, per: Per, value: Hashable) -> Sequence[Contact]:
        """Return the exposures that are counted under a value, in order of time."""
        return self._by("exposures", self.exposures, per).get(value, ())

    def contacts_by(self, per: Per, value: Hashable) -> Sequence[Contact]:
        """Return the events of offers that are counted under a value, in order of time."""
        return self._by("contacts", self.contacts, per).get(value, ())

    def start(self, span: Span) -> int:
        """Return ``now - span``, by the workspace's calendar."""
        if span not in self._starts:
            self._starts[span] = before(self.home, self.now, span)
        return self._starts[span]

    def plus(self, exposure: Contact) -> Moment:
        """Return the moment after one more exposure, at now."""
        after = replace(self, exposures=(*self.exposures, exposure))
        after._indices.update({key: index for key, index in self._indices.items() if key[0] == "contacts"})
        return after

    def _by(self, what: str, contacts: Sequence[Contact], per: Per) -> Mapping[Hashable, Sequence[Contact]]:
        """Index events by what they are counted under, once: a thousand offers ask."""
        index = self._indices.get((what, per))
        if index is None:
            found: dict[Hashable, list[Contact]] = {}
            for contact in contacts:
                value = per.of_contact(contact, self.offers)
                if value is not None:
                    found.setdefault(value, []).append(contact)
            index = self._indices[what, per] = found
        return index
