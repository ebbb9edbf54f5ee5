"""The funnel a second time: short, slow, written from SEMANTICS section 6 alone, over definitions made of plain values.

Conditions are ready-made truths (True, False, None), so nothing of the language is shared with what this checks.
"""

from __future__ import annotations

from dataclasses import dataclass

Truth = bool | None
Picked = tuple[str, str]


@dataclass(frozen=True)
class NaiveTreatment:
    name: str
    channels: tuple[str, ...]
    after: Truth


@dataclass(frozen=True)
class NaiveOffer:
    name: str
    topic: str
    purpose: str
    partner: bool
    start: int | None
    end: int | None
    """The last microsecond of its validity."""
    eligible: Truth
    applicable: Truth
    suitable: Truth
    propensity: float | None
    """1 where there is none; a negative one stands for an unknown one."""
    value: int
    treatments: tuple[NaiveTreatment, ...]


@dataclass(frozen=True)
class NaivePlacement:
    name: str
    channel: str
    limit: int
    excludes: tuple[str, ...]


@dataclass(frozen=True)
class NaiveCap:
    most: int
    within: int
    per: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class NaivePause:
    length: int
    most: int
    within: int


@dataclass(frozen=True)
class NaiveEvent:
    outcome: str
    time: int
    offer: str
    channel: str
    decision: str | None


@dataclass(frozen=True)
class Case:
    now: int
    reserve: int
    offers: tuple[NaiveOffer, ...]
    placements: tuple[NaivePlacement, ...]
    caps: tuple[NaiveCap, ...]
    pauses: tuple[NaivePause, ...]
    suppressed: Truth
    unwanted: tuple[str, ...]
    """Topics."""
    granted: tuple[tuple[str, str], ...]
    """(purpose, channel)."""
    events: tuple[NaiveEvent, ...]
    channel: str | None


def decide(case: Case) -> dict[str, tuple[list[Picked], dict[Picked, str]]]:
    """Return of each placement the picks in order, and the stage at which each candidate ended."""
    counted: list[NaiveEvent] = []
    for event in case.events:
        if event.time > case.now:
            continue
        if event.outcome == "shown":
            counted.append(event)
        if event.outcome == "reserved" and case.now <= event.time + case.reserve:
            replaced = [
                other
                for other in case.events
                if other.outcome == "shown"
                and other.time <= case.now
                and (other.offer, other.decision) == (event.offer, event.decision)
                and event.decision is not None
            ]
            if not replaced:
                counted.append(event)
    taken: set[str] = set()
    found = {}
    for placement in case.placements:
        found[placement.name] = _placement(case, placement, counted, taken)
    return found


def _placement(
    case: Case, placement: NaivePlacement, counted: list[NaiveEvent], taken: set[str]
) -> tuple[list[Picked], dict[Picked, str]]:
    channel = case.channel or placement.channel
    ends: dict[Picked, str] = {}
    ranked = []
    for at, offer in enumerate(case.offers):
        for number, treatment in enumerate(offer.treatments):
            if channel in treatment.channels:
                stage = _falls(case, placement, offer, treatment, channel, counted)
                if stage is None:
                    propensity = 1.0 if offer.propensity is None else offer.propensity
                    ranked.append((-(propensity * offer.value), at, number))
                else:
                    ends[offer.name, treatment.name] = stage
    picks: list[Picked] = []
    seen: set[str] = set(taken)
    for _, at, number in sorted(ranked):
        offer = case.offers[at]
        key = (offer.name, offer.treatments[number].name)
        if offer.name in seen:
            ends[key] = "diversity"
            continue
        seen.add(offer.name)
        if len(picks) == placement.limit:
            ends[key] = "rank"
        elif _objection(case, offer, channel, counted):
            ends[key] = "contact"
        else:
            ends[key] = "chosen"
            picks.append(key)
            taken.add(offer.name)
            counted.append(NaiveEvent("shown", case.now, offer.name, channel, None))
    return picks, ends


def _falls(
    case: Case,
    placement: NaivePlacement,
    offer: NaiveOffer,
    treatment: NaiveTreatment,
    channel: str,
    counted: list[NaiveEvent],
) -> str | None:
    purposes = [offer.purpose] + (["third_party"] if offer.partner else [])
    if any(purpose != "service" and (purpose, channel) not in case.granted for purpose in purposes):
        return "consent"
    if (offer.start is not None and case.now < offer.start) or (offer.end is not None and case.now > offer.end):
        return "valid"
    if offer.eligible is not True:
        return "eligible"
    if offer.name in placement.excludes or offer.applicable is not True or treatment.after is not True:
        return "applicable"
    if offer.suitable is not True:
        return "suitable"
    if _objection(case, offer, channel, counted):
        return "contact"
    propensity = 1.0 if offer.propensity is None else offer.propensity
    if propensity < 0 or propensity * offer.value <= 0:
        return "ranking"
    return None


def _objection(case: Case, offer: NaiveOffer, channel: str, counted: list[NaiveEvent]) -> bool:
    if offer.purpose != "service" and (case.suppressed is not False or offer.topic in case.unwanted):
        return True
    topics = {other.name: other.topic for other in case.offers}
    for cap in case.caps:
        if cap.channels and channel not in cap.channels:
            continue
        count = 0
        for event in counted:
            same = {
                "customer": True,
                "offer": event.offer == offer.name,
                "topic": topics.get(event.offer) == offer.topic,
            }[cap.per]
            heard = not cap.channels or event.channel in cap.channels
            count += same and heard and case.now - cap.within <= event.time <= case.now
        if count >= cap.most:
            return True
    for pause in case.pauses:
        times = sorted(e.time for e in case.events if e.outcome == "rejected" and e.offer == offer.name)
        for at, time in enumerate(times):
            before = [other for other in times[: at + 1] if other >= time - pause.within]
            if len(before) >= pause.most and time <= case.now < time + pause.length:
                return True
    return False
