"""Consents, and what was shown on the strength of them: consents.csv and contacts.csv."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Ints, Texts, pick, repeated, texts
from onefold.simulator.people import People
from onefold.simulator.period import Period, by_day, draw_days
from onefold.simulator.personas import PERSONAS
from onefold.simulator.rows import Rows, joined, same

_MARKETING, _EMAIL, _PARTNERS, _WITHDRAWN = 0.83, 0.55, 0.25, 0.04
_SHOWN, _CLICKED, _REJECTED = 0.7, 0.14, 0.06
_OFFERS = texts(["credit_card", "savings_account", "travel_insurance", "home_insurance", "investment_fund"])
_TASTE = {
    "globetrotter": (2, 1, 4, 0, 1), "homebody": (1, 2, 1, 3, 1), "saver": (1, 1, 1, 1, 4),
    "young_family": (1, 2, 1, 3, 1), "student": (3, 3, 1, 0, 1), "retiree": (0, 2, 1, 3, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consents:
    """Who granted what on becoming a customer, and the day of withdrawing marketing (beyond the period for never)."""

    marketing: Flags
    email: Flags
    partners: Flags
    withdrawn: Ints


def draw_consents(dice: Dice, people: People, period: Period) -> Consents:
    """Draw who agreed to what."""
    drawn = dice.random((4, people.size))
    marketing = drawn[0] < _MARKETING
    leaves = marketing & (drawn[3] < _WITHDRAWN)
    withdrawn = np.where(leaves, draw_days(dice, people.size, period), period.end + 1)
    return Consents(marketing, marketing & (drawn[1] < _EMAIL), marketing & (drawn[2] < _PARTNERS), withdrawn)


def consent_rows(dice: Dice, people: People, consents: Consents, period: Period) -> Rows:
    """Return the rows of consents.csv: marketing of everybody, the rest where it was granted."""
    everybody = np.arange(people.size, dtype=np.int64)
    signed = by_day(dice, people.since)
    status = texts(["denied", "granted"])[consents.marketing.astype(np.int64)]
    withdrew = np.flatnonzero(consents.withdrawn < period.end).astype(np.int64)
    return joined(
        [
            _stated(everybody, signed, "marketing", status=status),
            _stated(everybody, signed, "marketing", channel="email").only(consents.email),
            _stated(everybody, signed, "third_party").only(consents.partners),
            _stated(
                withdrew,
                by_day(dice, consents.withdrawn[withdrew]),
                "marketing",
                status=same("withdrawn", len(withdrew)),
                source="web",
            ),
        ]
    )


def _stated(
    owner: Ints, when: Ints, purpose: str, *, channel: str = "", status: Texts | None = None, source: str = "contract"
) -> Rows:
    size = len(owner)
    columns = {
        "purpose": same(purpose, size),
        "channel": same(channel, size),
        "status": same("granted", size) if status is None else status,
        "source": same(source, size),
    }
    return Rows(owner, when, columns)


def contact_rows(dice: Dice, people: People, consents: Consents, period: Period) -> Rows:
    """Return what an older campaign system showed on the web, and what became of it."""
    owner = repeated(dice.poisson(np.where(consents.marketing, _SHOWN * period.days / 120, 0.0)))
    day = draw_days(dice, len(owner), period)
    lawful = day < consents.withdrawn[owner]
    owner, day = owner[lawful], day[lawful]
    taste = np.array([_TASTE[one.name] for one in PERSONAS], np.float64)[people.persona[owner]]
    offer, when = _OFFERS[pick(dice, taste)], by_day(dice, day)
    shown = Rows(
        owner,
        when,
        {
            "outcome": same("shown", len(owner)),
            "offer": offer,
            "treatment": same("banner", len(owner)),
            "placement": same("home_hero", len(owner)),
            "channel": same("web", len(owner)),
        },
    )
    drawn, delay = dice.random(len(owner)), dice.integers(5, 120, len(owner))
    parts = [shown]
    for outcome, low, high in (("clicked", 0.0, _CLICKED), ("rejected", _CLICKED, _CLICKED + _REJECTED)):
        columns = {**shown.columns, "outcome": same(outcome, len(owner))}
        parts.append(Rows(owner, when + delay, columns).only((drawn >= low) & (drawn < high)))
    return joined(parts)
