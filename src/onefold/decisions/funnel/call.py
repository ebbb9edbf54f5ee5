"""One call under way: what was found out already, so that two dozen placements ask for each thing once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal

from onefold.core.types import Purpose
from onefold.decisions.compiled import Expression
from onefold.decisions.contact.base import Objection
from onefold.decisions.contact.moment import Contact, Moment, Outcome
from onefold.decisions.definitions import Placement
from onefold.decisions.exposures import exposures_of
from onefold.decisions.expressions import CHANNEL, CONTEXT
from onefold.decisions.prepared import Candidate, Prepared, ReadyOffer
from onefold.decisions.rank import Score, score_of
from onefold.decisions.reasons import Reasons
from onefold.decisions.situation import Situation
from onefold.language.ast import Kind
from onefold.language.values import Value


class Call:
    """The state of one call. It lives as long as the call; :attr:`chosen` grows, everything else is remembered."""

    def __init__(self, prepared: Prepared, situation: Situation, *, decision: str) -> None:
        self.prepared, self.situation = prepared, situation
        self.chosen: set[str] = set()
        self._decision = decision
        self._row = snapshot(situation.row, prepared.names)
        self._rows: dict[str, Mapping[str, Value]] = {}
        self._truths: dict[Hashable, bool] = {}
        self._scores: dict[tuple[ReadyOffer, str], Score] = {}
        self._consents: dict[tuple[Purpose, str], bool] = {}
        self._objections: dict[tuple[int, Hashable], Objection | None] = {}
        reserve = prepared.catalogue.reserve
        self.moment = Moment(
            situation.now,
            situation.zone,
            situation.home,
            self._row,
            situation.today,
            exposures_of(situation.contacts, now=situation.now, reserve=reserve),
            [contact for contact in situation.contacts if contact.time <= situation.now],
            situation.preferences,
            prepared.proposals,
        )

    def row(self, channel: str) -> Mapping[str, Value]:
        """Return what expressions see of the customer and the moment, on a channel."""
        if channel not in self._rows:
            self._rows[channel] = {**self._row, CHANNEL: channel}
        return self._rows[channel]

    def true(self, expression: Expression, channel: str) -> bool:
        """Whether a condition holds; unknown does not."""
        key: Hashable = (expression, channel) if expression.by_channel else expression
        known = self._truths.get(key)
        if known is None:
            known = self._truths[key] = expression.run(self.row(channel), self.situation.today) is True
        return known

    def granted(self, purpose: Purpose, channel: str) -> bool:
        """Whether the customer granted a purpose for a channel."""
        known = self._consents.get((purpose, channel))
        if known is None:
            known = self._consents[purpose, channel] = self.situation.consent(purpose, channel)
        return known

    def score(self, candidate: Candidate) -> Score:
        """Return what a candidate is worth."""
        channel = candidate.proposal.channel
        key = (candidate.ready, channel)
        known = self._scores.get(key)
        if known is None:
            known = self._scores[key] = score_of(candidate.ready, self.row(channel), self.situation.today)
        return known

    def objection(self, candidate: Candidate) -> Objection | None:
        """Return the first objection of a contact policy, with what this call has chosen so far among the exposures."""
        for check in candidate.checks:
            if check not in self._objections:
                policy = self.prepared.catalogue.contact[check[0]]
                self._objections[check] = policy.objection(candidate.proposal, self.moment)
            objection = self._objections[check]
            if objection is not None:
                return objection
        return None

    def choose(self, candidate: Candidate, placement: Placement) -> None:
        """Take a candidate: from now on it is an exposure, and its offer is not said again in this call."""
        now, said = self.situation.now, candidate.proposal
        outcome, until = Outcome.SHOWN, None
        if placement.confirms:
            outcome, until = Outcome.RESERVED, now + self.prepared.catalogue.reserve.fixed
        self.chosen.add(said.offer)
        self.moment = self.moment.plus(
            Contact(outcome, now, said.offer, said.treatment, placement.name, said.channel, self._decision, until)
        )
        self._objections.clear()

    def reasons(self, channel: str) -> Reasons:
        """Return what puts into words how expressions came out."""
        return Reasons(self.prepared, self.row(channel), self.situation.today)


def snapshot(row: Mapping[str, Value], names: Mapping[str, Kind]) -> dict[str, Value]:
    """Return the values of some names; of the context, which outsiders send, only those of the right kind.

    A page that is a number, or an hour that is a text, is unknown: nothing rests on it.

    >>> snapshot({"age": 40.0, "context.page": 7}, {"age": Kind.NUMBER, "context.page": Kind.CATEGORY})
    {'age': 40.0, 'context.page': None}
    """
    return {
        name: _fitting(row.get(name), kind) if name.startswith(CONTEXT) else row.get(name)
        for name, kind in names.items()
    }


def _fitting(value: object, kind: Kind) -> Value:
    if kind is Kind.CATEGORY:
        return value if isinstance(value, str) else None
    if kind is Kind.BOOLEAN or isinstance(value, bool):
        return value if isinstance(value, bool) and kind is Kind.BOOLEAN else None
    if not isinstance(value, (int, float, Decimal)):
        return None
    number = float(value)
    return number if number - number == 0.0 else None
