"""How people and the bank get on: complaints, money troubles, moves, children, surveys (crm.csv)."""

from __future__ import annotations

import numpy as np

from onefold.simulator.arrays import Dice, Ints, repeated, texts
from onefold.simulator.life import Event, Life
from onefold.simulator.people import HOUSEHOLDS, REGIONS, People
from onefold.simulator.period import Period, by_day, draw_days
from onefold.simulator.rows import Rows, joined, numbers, same

_TOPICS = texts(["fees", "card", "app", "branch", "waiting_time"])
_COMPLAINTS, _SETTLED, _SURVEYED = 0.035, 0.75, 0.14
"""The chance of a complaint in 120 days, of its being settled in time, and of an answered survey."""
_FAMILY = 2


def note_rows(dice: Dice, people: People, life: Life, period: Period) -> Rows:
    """Return the rows of crm.csv."""
    scale = min(period.days / 120, 3.0)
    complained = np.flatnonzero(dice.random(people.size) < _COMPLAINTS * scale).astype(np.int64)
    opened = draw_days(dice, len(complained), period)
    return joined(
        [
            *_complaints(dice, complained, opened, period),
            _hardship(dice, life, period),
            _moved(dice, people, life),
            _child(dice, people, life, period),
            _surveys(dice, people, complained, period, scale),
        ]
    )


def _complaints(dice: Dice, who: Ints, opened: Ints, period: Period) -> list[Rows]:
    topic = _TOPICS[dice.integers(0, len(_TOPICS), len(who))]
    closed = opened + dice.integers(2, 25, len(who))
    settled = (dice.random(len(who)) < _SETTLED) & (closed < period.end)
    first = Rows(who, by_day(dice, opened), {"kind": same("complaint_opened", len(who)), "topic": topic})
    second = Rows(who, by_day(dice, closed), {"kind": same("complaint_closed", len(who)), "topic": topic})
    return [first, second.only(settled)]


def _hardship(dice: Dice, life: Life, period: Period) -> Rows:
    """Some of those who are in trouble say so, a few weeks later."""
    who = np.flatnonzero(life.is_(Event.HARDSHIP)).astype(np.int64)
    day = life.day[who] + dice.integers(14, 40, len(who))
    told = (dice.random(len(who)) < 0.6) & (day < period.end)
    return Rows(who, by_day(dice, day), {"kind": same("hardship_started", len(who))}).only(told)


def _moved(dice: Dice, people: People, life: Life) -> Rows:
    """Who moves to another region says so that very day."""
    who = np.flatnonzero(life.is_(Event.MOVE)).astype(np.int64)
    to = (people.region[who] + dice.integers(0, 3, len(who))) % len(REGIONS)
    columns = {"kind": same("moved", len(who)), "region": REGIONS[to]}
    return Rows(who, by_day(dice, life.day[who]), columns).only(to != people.region[who])


def _child(dice: Dice, people: People, life: Life, period: Period) -> Rows:
    who = np.flatnonzero(life.is_(Event.BABY) & (people.household != _FAMILY)).astype(np.int64)
    day = life.day[who] + dice.integers(10, 50, len(who))
    told = (dice.random(len(who)) < 0.5) & (day < period.end)
    columns = {"kind": same("household_changed", len(who)), "household": same(str(HOUSEHOLDS[_FAMILY]), len(who))}
    return Rows(who, by_day(dice, day), columns).only(told)


def _surveys(dice: Dice, people: People, complained: Ints, period: Period, scale: float) -> Rows:
    """Scores from 1 to 5; who has complained is not amused."""
    owner = repeated(dice.poisson(np.full(people.size, _SURVEYED * scale)))
    mood = np.where(np.isin(owner, complained), 2.2, 4.1)
    score = np.clip(np.round(mood + 0.8 * dice.standard_normal(len(owner))), 1, 5).astype(np.int64)
    columns = {"kind": same("survey", len(owner)), "topic": same("csat", len(owner)), "score": numbers(score)}
    return Rows(owner, by_day(dice, draw_days(dice, len(owner), period)), columns)
