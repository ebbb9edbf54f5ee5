"""Card purchases by category: tastes, seasons, weekdays, and what life does to them."""

from __future__ import annotations

import numpy as np

from onefold.simulator.arrays import Dice, Floats, Ints, Texts, around, pick, repeated, texts
from onefold.simulator.life import Event, Life
from onefold.simulator.people import People
from onefold.simulator.period import Period, by_day, draw_days, month_of_year, weekday
from onefold.simulator.personas import CATEGORIES, PERSONAS, PRICES
from onefold.simulator.rows import Rows, cents, same

_TRAVEL, _HOME, _BABY = (CATEGORIES.index(name) for name in ("travel", "home", "baby"))
_SEASONS = {
    "travel": (0.6, 0.8, 0.8, 1.0, 1.1, 1.5, 2.0, 1.8, 1.0, 0.8, 0.6, 1.2),
    "home": (0.8, 0.8, 1.2, 1.4, 1.3, 1.1, 0.9, 0.9, 1.0, 1.0, 0.9, 0.8),
    "clothes": (0.8, 0.7, 1.1, 1.1, 1.0, 0.9, 0.9, 1.0, 1.2, 1.1, 1.2, 1.5),
    "leisure": (0.9, 0.9, 0.9, 1.0, 1.1, 1.1, 1.1, 1.0, 0.9, 0.9, 1.0, 1.4),
}
"""January to December, 1 for the mean month; a category without a line knows no seasons."""
_WEEKDAYS = {
    "groceries": (0.9, 0.8, 0.9, 1.0, 1.4, 1.6, 0.3),
    "restaurants": (0.6, 0.6, 0.8, 0.9, 1.6, 1.8, 1.2),
    "fuel": (1.3, 0.9, 0.9, 0.9, 1.4, 1.0, 0.6),
    "home": (0.7, 0.7, 0.8, 0.9, 1.2, 2.2, 0.5),
    "clothes": (0.8, 0.8, 0.8, 0.9, 1.2, 2.2, 0.3),
    "health": (1.3, 1.2, 1.2, 1.1, 1.2, 0.6, 0.3),
    "leisure": (0.6, 0.6, 0.7, 0.8, 1.4, 1.7, 1.5),
    "baby": (1.0, 1.0, 1.0, 1.0, 1.2, 1.5, 0.3),
}
"""Monday to Sunday."""
_ABROAD = texts(["IT", "HR", "DE", "ES", "GR"])
_AT_HOME = "AT"
_BABY_MONTHLY, _FURNISHING = 1.8, 3.0


def day_weights(category: int, period: Period) -> Floats:
    """Return what each day of the period weighs for a category."""
    name, days = CATEGORIES[category], period.calendar()
    season = np.array(_SEASONS.get(name, (1.0,) * 12))[month_of_year(days)]
    rhythm = np.array(_WEEKDAYS.get(name, (1.0,) * 7))[weekday(days)]
    return np.asarray(season * rhythm)


def purchase_rows(dice: Dice, people: People, life: Life, period: Period) -> Rows:
    """Return the card purchases."""
    drawn = [_usual(dice, people, period, category) for category in range(len(CATEGORIES))]
    drawn += [_for_the_baby(dice, life, period), _for_the_new_home(dice, life, period)]
    owner, day, category = (np.concatenate([one[at] for one in drawn]) for at in range(3))
    keep = life.still(dice, owner, day)
    owner, day, category = owner[keep], day[keep], category[keep]
    price = np.array(PRICES)[category] * np.where(life.after(Event.MOVE, owner, day) & (category == _HOME), 3.0, 1.0)
    amount = np.maximum(np.round(around(dice, price, 0.55) * 100), 100).astype(np.int64)
    columns = {
        "kind": same("card", len(owner)),
        "amount": cents(amount),
        "category": texts(CATEGORIES)[category],
        "country": _countries(dice, category),
    }
    return Rows(owner, by_day(dice, day), columns)


def _usual(dice: Dice, people: People, period: Period, category: int) -> tuple[Ints, Ints, Ints]:
    weights = day_weights(category, period)
    tastes = [one.purchases * one.tastes[category] / sum(one.tastes) for one in PERSONAS]
    owner = repeated(dice.poisson(people.of_persona(tastes) * people.activity * weights.sum() / 30))
    return owner, draw_days(dice, len(owner), period, weights), np.full(len(owner), category, np.int64)


def _for_the_baby(dice: Dice, life: Life, period: Period) -> tuple[Ints, Ints, Ints]:
    """From two months before, and more of it after."""
    owner = repeated(dice.poisson(np.where(life.is_(Event.BABY), _BABY_MONTHLY * period.days / 30, 0.0)))
    day = draw_days(dice, len(owner), period)
    early = np.where(day < life.day[owner] - 60, 0.0, np.where(day < life.day[owner], 0.4, 1.0))
    keep = dice.random(len(owner)) < early
    return owner[keep], day[keep], np.full(int(keep.sum()), _BABY, np.int64)


def _for_the_new_home(dice: Dice, life: Life, period: Period) -> tuple[Ints, Ints, Ints]:
    """Within forty days of a move."""
    owner = repeated(dice.poisson(np.where(life.is_(Event.MOVE), _FURNISHING, 0.0)))
    day = life.day[owner] + (dice.random(len(owner)) * 40).astype(np.int64)
    keep = period.holds(day)
    return owner[keep], day[keep], np.full(int(keep.sum()), _HOME, np.int64)


def _countries(dice: Dice, category: Ints) -> Texts:
    abroad = dice.random(len(category)) < np.where(category == _TRAVEL, 0.7, 0.02)
    where = _ABROAD[pick(dice, np.tile([0.3, 0.25, 0.2, 0.15, 0.1], (len(category), 1)))]
    return np.where(abroad, where, _AT_HOME).astype(object)
