"""Who is good for a demonstration: three mortgage pages, and what the bank shows her changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Flags
from onefold.simulator.contacts import Consents
from onefold.simulator.life import Event, Life
from onefold.simulator.people import People
from onefold.simulator.period import DAY_SECONDS, Period
from onefold.simulator.personas import RETIREE
from onefold.simulator.products import CAR_LOAN, MORTGAGE, Holdings
from onefold.simulator.rows import Rows
from onefold.simulator.web import NONE, Hunts


@dataclass(frozen=True, slots=True)
class Drawn:
    """The truth of a block: what was drawn before any row was written."""

    people: People
    life: Life
    holdings: Holdings
    hunts: Hunts
    consents: Consents


def usable(drawn: Drawn, rows: Mapping[str, Rows], period: Period) -> Flags:
    """Tell with whom it works: consent, of age, a salary, no debts, no trouble, not after anything yet."""
    people, consents, holdings = drawn.people, drawn.consents, drawn.holdings
    age = people.age(period.end)
    calm = (drawn.life.event == Event.NONE) & (drawn.hunts.topic == NONE) & ~_occurs(rows["crm"], people.size)
    asked = consents.marketing & (consents.withdrawn > period.end)
    free = ~holdings.held(MORTGAGE, period.end) & ~holdings.held(CAR_LOAN, period.end)
    salaried = people.earns() & (people.persona != RETIREE)
    return np.asarray((age > 27) & (age < 55) & calm & asked & free & salaried)


def lively(drawn: Drawn, rows: Mapping[str, Rows], period: Period) -> Flags:
    """Tell whose genome has something to show: e-mail granted, buys, visits, logs in; nothing shown to her lately."""
    size, paid = drawn.people.size, rows["transactions"]
    bought = _lately(paid.only(paid.columns["kind"] == "card"), period)
    buys = np.bincount(bought.owner, minlength=size) >= 2
    known = _occurs(rows["web"], size) & _occurs(_lately(rows["app"], period), size)
    return np.asarray(buys & known & drawn.consents.email & ~_occurs(_lately(rows["contacts"], period), size))


def _occurs(rows: Rows, size: int) -> Flags:
    return np.isin(np.arange(size), rows.owner)


def _lately(rows: Rows, period: Period) -> Rows:
    """Return the rows of the last thirty days."""
    return rows.only(rows.when >= (period.end - 30) * DAY_SECONDS)
