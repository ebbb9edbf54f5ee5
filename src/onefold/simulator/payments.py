"""Money that comes and goes by the month: salaries, pensions, rent, instalments, savings."""

from __future__ import annotations

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Floats, Ints, Texts
from onefold.simulator.life import Event, Life
from onefold.simulator.people import People
from onefold.simulator.period import DAY_SECONDS, Period, working_day
from onefold.simulator.personas import PERSONAS, RETIREE
from onefold.simulator.products import CAR_LOAN, MORTGAGE, SAVINGS, Holdings
from onefold.simulator.rows import Rows, cents, joined, same

_PAYDAYS = np.array([1, 5, 10, 12, 15, 25, 27, 28])
_RENTS = {"globetrotter": 0.70, "homebody": 0.45, "saver": 0.50, "young_family": 0.80, "student": 0.55, "retiree": 0.30}
_SAVES = {"globetrotter": 0.15, "homebody": 0.25, "saver": 0.95, "young_family": 0.25, "student": 0.10, "retiree": 0.2}
_BENEFIT = 0.45
"""Of the salary, once somebody has lost it."""


def payment_rows(dice: Dice, people: People, life: Life, holdings: Holdings, period: Period) -> Rows:
    """Return what is received and paid by the month."""
    payday = dice.choice(_PAYDAYS, people.size)
    owner, day, amount = _monthly(dice, people.income, people.earns(), payday, period, noise=0.02)
    keep = ~life.after(Event.DRIFT, owner, day)  # who drifts away takes the salary along
    owner, day, amount = owner[keep], day[keep], amount[keep]
    lost = life.after(Event.HARDSHIP, owner, day)
    raised = life.after(Event.NEW_JOB, owner, day)
    raise_of = 1.15 + 0.2 * dice.random(people.size)
    amount = amount * np.where(lost, _BENEFIT, np.where(raised, raise_of[owner], 1.0))
    kind = np.where(lost, "benefit", np.where(people.persona[owner] == RETIREE, "pension", "salary")).astype(object)
    received = _rows(owner, day, kind, amount, hour=4)
    return joined([received, *_paid(dice, people, holdings, period)])


def _paid(dice: Dice, people: People, holdings: Holdings, period: Period) -> list[Rows]:
    """Rent or a mortgage, a car loan, and what is put aside; each on a day of the month of its own."""
    income = np.maximum(people.income, 50_000).astype(np.float64)
    mortgage, car = (holdings.held(product, period.start) for product in (MORTGAGE, CAR_LOAN))
    rents = (dice.random(people.size) < people.of_persona([_RENTS[one.name] for one in PERSONAS])) & ~mortgage
    chance = people.of_persona([_SAVES[one.name] for one in PERSONAS])
    saves = (dice.random(people.size) < chance) & holdings.held(SAVINGS, period.start) & people.earns()
    shares: list[tuple[str, Flags, Floats, float]] = [
        ("rent", rents, income * (0.24 + 0.12 * dice.random(people.size)), 0.0),
        ("mortgage", mortgage, income * (0.20 + 0.15 * dice.random(people.size)), 0.0),
        ("car_loan", car, 18_000 + 15_000 * dice.random(people.size), 0.0),
        ("savings", saves, income * (0.06 + 0.14 * dice.random(people.size)), 0.15),
    ]
    found = []
    for kind, pays, amount, noise in shares:
        whole = np.round(amount / 100).astype(np.int64) * 100
        owner, day, each = _monthly(dice, whole, pays, 2 + dice.integers(0, 18, people.size), period, noise=noise)
        found.append(_rows(owner, day, same(kind, len(owner)), each, hour=6))
    return found


def _monthly(
    dice: Dice, amount: Ints, who: Flags, day_of_month: Ints, period: Period, *, noise: float
) -> tuple[Ints, Ints, Floats]:
    """Return owner, day and amount of a payment in every month, on a working day, with some noise."""
    starts, lengths = period.months()
    day = working_day(starts[None, :] + np.minimum(day_of_month[:, None], lengths[None, :]) - 1)
    factor = np.exp(noise * dice.standard_normal(day.shape))
    owner, month = (np.asarray(found, np.int64) for found in np.nonzero(period.holds(day) & who[:, None]))
    return owner, day[owner, month], np.asarray(amount[owner] * factor[owner, month], np.float64)


def _rows(owner: Ints, day: Ints, kind: Texts, amount: Floats, *, hour: int) -> Rows:
    columns = {"kind": kind, "amount": cents(np.round(amount).astype(np.int64))}
    return Rows(owner, day * DAY_SECONDS + hour * 3600, columns)
