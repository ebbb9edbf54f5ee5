"""What happens in people's lives, at most one thing each. It shows in what they do, hardly in what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Floats, Ints, pick
from onefold.simulator.people import People
from onefold.simulator.period import Period


class Event(IntEnum):
    """A life event, or none."""

    NONE = 0
    NEW_JOB = 1
    MOVE = 2
    BABY = 3
    HARDSHIP = 4
    DRIFT = 5


_CHANCE = {Event.NEW_JOB: 0.045, Event.MOVE: 0.04, Event.BABY: 0.035, Event.HARDSHIP: 0.03, Event.DRIFT: 0.05}
"""In a period of 120 days, for those to whom it can happen; other periods in proportion, up to 360 days."""
_ACTIVITY_AFTER = {Event.HARDSHIP: 0.5, Event.DRIFT: 0.08}


@dataclass(frozen=True, slots=True)
class Life:
    """What happened to each customer, and on which day (the day after the period where nothing did)."""

    event: Ints
    day: Ints

    def is_(self, event: Event) -> Flags:
        """Tell to whom this happened."""
        return np.asarray(self.event == event)

    def after(self, event: Event, owner: Ints, day: Ints) -> Flags:
        """Tell which days of which customers lie at or behind this event."""
        return np.asarray((self.event[owner] == event) & (day >= self.day[owner]))

    def still(self, dice: Dice, owner: Ints, day: Ints) -> Flags:
        """Tell which doings happen all the same, after what made people do less."""
        chance = np.ones(len(owner))
        for event, left in _ACTIVITY_AFTER.items():
            chance[self.after(event, owner, day)] = left
        return dice.random(len(owner)) < chance


def draw_life(dice: Dice, people: People, period: Period) -> Life:
    """Draw what happens to whom."""
    age, scale = people.age(period.start), min(period.days / 120, 3.0)
    working = people.earns() & (age < 62)
    possible: dict[Event, Flags] = {
        Event.NEW_JOB: working,
        Event.MOVE: age < 70,
        Event.BABY: (age > 22) & (age < 43) & (people.household > 0),
        Event.HARDSHIP: working,
        Event.DRIFT: age > 0,
    }
    weights = np.zeros((people.size, len(Event)))
    for event, can in possible.items():
        weights[can, event] = _CHANCE[event] * scale
    weights[:, Event.NONE] = 1 - weights.sum(axis=1)
    event_of = pick(dice, weights)
    share: Floats = 0.1 + 0.8 * dice.random(people.size)
    day = period.start + (share * period.days).astype(np.int64)
    return Life(event_of, np.where(event_of == Event.NONE, period.end, day))
