"""Visits to the website, page by page: idle ones, and those of people who are after something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onefold.simulator.arrays import Dice, Flags, Floats, Ints, Texts, around, ordinals, pick, repeated, texts
from onefold.simulator.life import Event, Life
from onefold.simulator.people import People
from onefold.simulator.period import Period, by_day, draw_days
from onefold.simulator.personas import PERSONAS
from onefold.simulator.products import CAR_LOAN, MORTGAGE, TRAVEL_POLICY, Holdings
from onefold.simulator.rows import Rows, numbers

TOPICS = ("none", "mortgage", "car_loan", "funds", "travel")
NONE, MORTGAGES, CARS, FUNDS, TRIPS = range(len(TOPICS))
_PATHS = np.array(
    [
        ["/home", "/pfm", "/cards", "/help"],
        ["/mortgage", "/mortgage/calculator", "/mortgage/rates", "/guides/first-home"],
        ["/car-loan", "/car-loan/calculator", "/car-loan/rates", "/home"],
        ["/funds", "/funds/equity", "/guides/investing", "/funds/bonds"],
        ["/travel-insurance", "/travel-insurance/cover", "/travel-insurance/prices", "/cards"],
    ],
    object,
)
_HUNT_DAYS = 10
_LOOKS_FOR_A_HOME, _LOOKS_FOR_A_CAR = 0.18, 0.08
"""In 120 days, of those who could."""
_SLOW = ("/guides/", "/calculator")


@dataclass(frozen=True, slots=True)
class Hunts:
    """What somebody is after for some days (an index of ``TOPICS``), and the first of these days."""

    topic: Ints
    day: Ints


def draw_hunts(dice: Dice, people: People, life: Life, holdings: Holdings, period: Period) -> Hunts:
    """Draw who is after what; nobody after what they have. Who moves has often looked at mortgages before."""
    scale = min(period.days / 120, 3.0)
    age = people.age(period.start)
    grown, weights = (age > 22) & (age < 62), np.zeros((people.size, len(TOPICS)))
    weights[:, MORTGAGES] = (
        np.where(grown & people.earns() & ~holdings.held(MORTGAGE, period.end), _LOOKS_FOR_A_HOME, 0) * scale
    )
    weights[:, CARS] = (
        np.where(people.earns() & (age < 75) & ~holdings.held(CAR_LOAN, period.end), _LOOKS_FOR_A_CAR, 0) * scale
    )
    weights[:, FUNDS] = people.of_persona([one.funds for one in PERSONAS]) * scale
    weights[:, TRIPS] = people.of_persona([one.trips for one in PERSONAS]) * scale
    weights[holdings.held(TRAVEL_POLICY, period.end), TRIPS] = 0
    movers = life.is_(Event.MOVE) & (weights[:, MORTGAGES] > 0)
    weights[movers, MORTGAGES] = 2.0
    weights[:, NONE] = np.maximum(1 - weights.sum(axis=1), 0.05)
    day = draw_days(dice, people.size, period)
    day[movers] = np.maximum(life.day[movers] - 35, period.start)
    return Hunts(pick(dice, weights), day)


def page_rows(dice: Dice, people: People, life: Life, hunts: Hunts, period: Period) -> Rows:
    """Return the pages viewed, in visits of one page or more."""
    visits = people.of_persona([one.visits for one in PERSONAS]) * people.activity
    idle = repeated(dice.poisson(visits * period.days / 30))
    eager = repeated(np.where(hunts.topic > 0, 2 + dice.poisson(1.0, people.size), 0))
    day = np.concatenate([draw_days(dice, len(idle), period), _hunting_days(dice, hunts, eager)])
    owner, topic = np.concatenate([idle, eager]), np.concatenate([np.zeros_like(idle), hunts.topic[eager]])
    keep = period.holds(day) & life.still(dice, owner, day)
    return _pages(dice, owner[keep], by_day(dice, day[keep], peak=0.8), topic[keep])


def _hunting_days(dice: Dice, hunts: Hunts, owner: Ints) -> Ints:
    return hunts.day[owner] + (dice.random(len(owner)) * _HUNT_DAYS).astype(np.int64)


def _pages(dice: Dice, owner: Ints, start: Ints, topic: Ints) -> Rows:
    """Return the pages of visits that begin at ``start``: an idle one opens at /home, an eager one where it must."""
    count = np.minimum(dice.geometric(np.where(topic > 0, 0.45, 0.6)), 6).astype(np.int64)
    visit = repeated(count)
    place = ordinals(visit)
    entry = np.where(topic > 0, (dice.random(len(topic)) * 2).astype(np.int64), 0)
    path = _PATHS[topic[visit], (place + entry[visit]) % _PATHS.shape[1]]
    seconds = np.clip(around(dice, np.where(_slow(path), 75.0, 28.0), 0.7), 2, 900).astype(np.int64)
    columns = {
        "path": path,
        "seconds": numbers(seconds),
        "action": _actions(dice, path),
    }
    return Rows(owner[visit], start[visit] + _before(seconds, place), columns)


def _before(seconds: Ints, place: Ints) -> Ints:
    """Return the seconds spent on the earlier pages of the same visit."""
    total = np.cumsum(seconds) - seconds
    first = np.flatnonzero(place == 0)
    return np.asarray(total - np.repeat(total[first], np.diff(np.append(first, len(place)))), np.int64)


def _slow(path: Texts) -> Flags:
    return np.array([any(word in one for word in _SLOW) for one in path.tolist()], bool)


def _actions(dice: Dice, path: Texts) -> Texts:
    used = np.array([one.endswith("/calculator") for one in path.tolist()], bool) & (dice.random(len(path)) < 0.6)
    return texts(["view", "calculate"])[used.astype(np.int64)]


def login_rows(dice: Dice, people: People, life: Life, period: Period) -> Rows:
    """Return the logins to app and internet banking."""
    rate = people.of_persona([one.logins for one in PERSONAS]) * people.activity
    owner = repeated(dice.poisson(rate * period.days / 30))
    day = draw_days(dice, len(owner), period)
    keep = life.still(dice, owner, day)
    owner, day = owner[keep], day[keep]
    phone: Floats = people.of_persona([one.phone for one in PERSONAS])[owner]
    weights = np.stack([phone, (1 - phone) * 0.25, (1 - phone) * 0.75], axis=1)
    device = texts(["phone", "tablet", "computer"])[pick(dice, weights)]
    return Rows(owner, by_day(dice, day, peak=0.7), {"device": device})
