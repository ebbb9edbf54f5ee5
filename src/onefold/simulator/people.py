"""Who the customers of a block are: the visible facts, and the persona behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Floats, Ints, Texts, pick, texts
from onefold.simulator.period import Period
from onefold.simulator.personas import PERSONAS

REGIONS = texts(["centre", "north", "south", "east", "west", "highlands", "lakes"])
_REGION_WEIGHTS = np.array([0.30, 0.16, 0.14, 0.12, 0.12, 0.08, 0.08])
HOUSEHOLDS = texts(["single", "couple", "family"])
YEAR = 365.25
ADULT, FIRST_ACCOUNT = 18, 15


@dataclass(frozen=True, slots=True)
class People:
    """The customers of a block, an entry each. Days count from 1970-01-01; ``income`` is cents a month, 0 for none."""

    persona: Ints
    birth: Ints
    since: Ints
    region: Ints
    household: Ints
    income: Ints
    activity: Floats
    """How much this one does, 1 for the persona's mean."""

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.persona)

    def of_persona(self, values: list[float]) -> Floats:
        """Return, for every customer, what holds for the persona."""
        return np.asarray(np.array(values, np.float64)[self.persona])

    def age(self, day: int) -> Floats:
        """Return ages in years, with fractions, near enough for choices."""
        return np.asarray((day - self.birth) / YEAR)

    def earns(self) -> Flags:
        """Tell who has a salary or pension."""
        return self.income > 0


def draw_people(dice: Dice, size: int, period: Period) -> People:
    """Draw the customers of a block; all were customers before the first day."""
    weights = np.tile([one.share for one in PERSONAS], (size, 1))
    persona = pick(dice, weights)
    low, high = (np.array([one.ages[end] for one in PERSONAS], np.float64)[persona] for end in (0, 1))
    age = low + (high + 0.99 - low) * dice.random(size)
    birth = (period.start - age * YEAR).astype(np.int64)
    households = np.array([[one.household.get(name, 0.0) for name in HOUSEHOLDS] for one in PERSONAS])
    household = pick(dice, households[persona])
    region = pick(dice, np.tile(_REGION_WEIGHTS, (size, 1)))
    years = dice.gamma(2.0, 4.0, size)
    since = np.maximum(period.start - 60 - (years * YEAR).astype(np.int64), birth + int(FIRST_ACCOUNT * YEAR))
    earning = dice.random(size) < np.array([one.earning for one in PERSONAS])[persona]
    median = np.array([one.income for one in PERSONAS])[persona]
    income = np.round(median * np.exp(0.28 * dice.standard_normal(size))) * 100
    activity = dice.gamma(4.0, 0.25, size)
    return People(persona, birth, since, region, household, np.where(earning, income, 0).astype(np.int64), activity)


def ids(first: int, size: int) -> Texts:
    """Return the ids of a block whose first customer has the number ``first``, counted from 1.

    >>> ids(99_999, 2).tolist()
    ['c99999', 'c100000']
    """
    return texts([f"c{number:05d}" for number in range(first, first + size)])
