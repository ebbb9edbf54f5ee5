"""Contracts: what each customer holds, since when and until when, and what is closed or bought in the period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Ints, around, texts
from onefold.simulator.people import People
from onefold.simulator.period import Period, draw_days
from onefold.simulator.personas import PERSONAS, PRODUCTS
from onefold.simulator.rows import Rows, cents, dates, joined, same

_TERM_DAYS = np.array([5 * 365, 4 * 365, 0, 0, 0, 365, 365], np.int64)
"""Until the fixed rate, the loan or the policy ends; 0 for what has no end."""
_AMOUNTS = np.array([180_000.0, 12_000.0, 3_000.0, 2_000.0, 4_000.0, 220.0, 90.0])
_NAMES = texts(PRODUCTS)
MORTGAGE, CAR_LOAN, CARD, SAVINGS, FUND, HOME_POLICY, TRAVEL_POLICY = range(len(PRODUCTS))
_NEW = {CARD: 0.02, SAVINGS: 0.03, TRAVEL_POLICY: 0.03}
_CLOSED = {CARD: 0.02, SAVINGS: 0.01}
_BORN = 18 * 365


@dataclass(frozen=True, slots=True)
class Holdings:
    """``opened[customer, product]`` and ``closed`` are days; beyond the period's end for never."""

    opened: Ints
    closed: Ints

    def held(self, product: int, day: int) -> Flags:
        """Tell who holds a product on a day."""
        return (self.opened[:, product] <= day) & (self.closed[:, product] > day)


def draw_holdings(dice: Dice, people: People, period: Period) -> Holdings:
    """Draw who has which product."""
    never, size = period.end + 1, people.size
    owns = np.array([one.owns for one in PERSONAS])[people.persona]
    has = dice.random(owns.shape) < owns
    has[~people.earns(), MORTGAGE] = has[~people.earns(), CAR_LOAN] = False
    span = np.where(_TERM_DAYS > 0, _TERM_DAYS, 3650)
    earliest = np.maximum(people.since, people.birth + _BORN)[:, None]
    oldest = np.maximum(earliest, period.start - span)
    opened = np.where(has, oldest + ((period.start - oldest) * dice.random(owns.shape)).astype(np.int64), never)
    closed = np.full(owns.shape, never, np.int64)
    for product, chance in _NEW.items():
        new = (dice.random(size) < chance) & ~has[:, product]
        opened[new, product] = draw_days(dice, size, period)[new]
    for product, chance in _CLOSED.items():
        gone = (dice.random(size) < chance) & has[:, product]
        closed[gone, product] = draw_days(dice, size, period)[gone]
    return Holdings(opened, closed)


def product_rows(dice: Dice, holdings: Holdings, period: Period) -> Rows:
    """Return the rows of products.csv."""
    owner, product = (np.asarray(found, np.int64) for found in np.nonzero(holdings.opened < period.end))
    opened, closed = holdings.opened[owner, product], holdings.closed[owner, product]
    amount = np.round(around(dice, _AMOUNTS[product], 0.35), -1).astype(np.int64) * 100
    term = _TERM_DAYS[product]
    shared = {"product": _NAMES[product]}
    first = Rows(
        owner,
        opened,
        {
            "what": same("opened", len(owner)),
            **shared,
            "amount": cents(amount),
            "matures_on": dates(opened + term, known=term > 0),
        },
        timed=False,
    )
    second = Rows(owner, closed, {"what": same("closed", len(owner)), **shared}, timed=False).only(closed < period.end)
    return joined([first, second])
