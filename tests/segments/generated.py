"""Generated definitions and timelines: small, and with instants that coincide more often than chance would have it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.oracles.genome import OracleEvent
from tests.segments.workbench import Bench, at, bench, consent, day, event, stated

from onefold.core.errors import UserError
from onefold.core.instant import DAY, HOUR, Span

BEGIN = at("2026-03-24T00:00:00Z")  # Prague sets its clocks forward on the 29th
LENGTH = 16 * DAY
FEATURES: dict[str, Any] = {
    "views": {"count": "view"},
    "views_2d": {"count": "view", "within": "2d"},
    "views_before": {"count": "view", "between": ["4d", "1d"]},
    "views_today": {"count": "view", "since": "start of day"},
    "spend_36h": {"sum": "paid.amount", "within": "36h"},
    "spend_1mo": {"sum": "paid.amount", "within": "1mo"},
    "last_amount": {"last": "paid.amount"},
    "score": {"last": "scored.score", "within": "4d"},
    "due": {"last": "paid.due"},
    "since_view": {"since_last": "view"},
    "since_first": {"since_first": "view", "within": "5d"},
    "since_login": {"since_last": "login", "within": "6d"},
    "until_due": {"until": "paid.due"},
    "until_at": {"until": "paid.at"},
    "drift": {"expr": "since_view + 2 * since_login - 1"},
    "worst": {"expr": "GREATEST(since_view, since_login)"},
    "gap": {"expr": "ABS(since_view - until_due / 2)"},
    "stage": {"expr": "CASE WHEN since_view > 1 THEN 'old' WHEN since_view > 0.5 THEN 'mid' ELSE 'new' END"},
    "due_soon": {"expr": "due - CURRENT_DATE <= 2"},
}
_LEAVES = (
    "views_2d > {n}", "views > {n}", "views_before >= {n}", "views_today = {n}", "spend_36h > {n}0", "score >= {n}",
    "spend_1mo < 50", "last_amount BETWEEN 10 AND 30", "last_amount > since_view * 10 * last_amount / 10",
    "since_view > {x}", "since_view <= {x}", "since_login < {x}", "since_first BETWEEN {x} AND 3", "since_view = {n}",
    "until_due < {x}", "until_at <= {x}", "until_due IN ({n}, 1.5, 0.25)", "drift > {n}", "worst < {x}", "gap < {x}",
    "since_login IS NULL", "stage = 'mid'", "stage <> 'old'", "due_soon", "due - CURRENT_DATE = {n}",
    "COALESCE(since_login, since_view * 2, 9) > {x}", "LEAST(since_view, until_due, 2 - since_login / 2) > 0.5",
    "NULLIF(since_view, {n}) < 3", "NULLIF(since_view, {n}) IS NULL", "CASE WHEN since_login > 1 THEN since_view"
    " ELSE until_at END < {x}", "age >= 30", "age BETWEEN 29 AND 31", "salary > 1000", "due > CURRENT_DATE + 1",
    "since_view + CASE WHEN views_today > 0 THEN 1 ELSE 0 END > {x}", "since_login - since_view > 0.3",
    "since_view * views_2d > {n}", "since_view > due - CURRENT_DATE", "(since_view > 1) = (since_login > 1)",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """One case."""

    bench: Bench
    events: list[OracleEvent]
    segments: dict[str, Any]
    known: int


def drawn(seed: int) -> Drawn:
    """Return the case of a seed."""
    random = Random(seed)
    zone = random.choice(["UTC", "Europe/Prague", "America/New_York"])
    retention = {"view": Span.parse("5d")} if random.random() < 0.2 else None
    while True:
        segments = _segments(random)
        try:
            made = bench(FEATURES, segments, zone_name=zone, retention=retention)
        except UserError:  # a circle through a dimension
            continue
        known = BEGIN + LENGTH // 2 if random.random() < 0.2 else 1 << 62
        return Drawn(made, events(random), segments, known)


def _leaf(random: Random, others: list[str]) -> str:
    if others and random.random() < 0.3:
        return f"in_segment('{random.choice(others)}')"
    leaf = random.choice(_LEAVES)
    return leaf.format(n=random.randrange(4), x=random.choice([0.25, 0.5, 1, 1.5, 2, 3]))


def _predicate(random: Random, others: list[str], depth: int = 0) -> str:
    draw = random.random()
    if depth > 2 or draw < 0.35:
        return _leaf(random, others)
    if draw < 0.5:
        return f"NOT ({_predicate(random, others, depth + 1)})"
    joint = random.choice([" AND ", " OR "])
    return joint.join(f"({_predicate(random, others, depth + 1)})" for _ in range(random.randrange(2, 4)))


def _segments(random: Random) -> dict[str, Any]:
    names = random.sample(["a", "b", "c", "d", "e"], random.randrange(1, 5))
    found: dict[str, Any] = {}
    for place, name in enumerate(names):
        while True:
            when = _predicate(random, names[:place])
            if any(word.isidentifier() for word in when.split()):
                break
        body: dict[str, Any] = {"when": when}
        if random.random() < 0.4:
            body["hold"] = random.choice(["1us", "6h", "24h", "3d"])
        if random.random() < 0.3:
            body["purpose"] = random.choice(["marketing", "service", "analytics"])
        if random.random() < 0.4:
            body["dimension"] = random.choice(["d", "d", "e"])
        found[name] = body
    if random.random() < 0.3:
        found = dict(reversed(found.items()))
    return found


def _time(random: Random) -> int:
    if random.random() < 0.6:
        return BEGIN + random.randrange(LENGTH // (6 * HOUR)) * 6 * HOUR
    return BEGIN + random.randrange(LENGTH)


def events(random: Random) -> list[OracleEvent]:
    """Return up to two dozen events, some of which arrive late."""
    return [_event(random) for _ in range(random.choice([0, 1, 3, 8, 14, 24]))]


def _event(random: Random) -> OracleEvent:
    time = _time(random)
    late = time + random.choice([0, 0, DAY, 6 * DAY])
    draw = random.random()
    if draw < 0.35:
        return event("view", time, late, path="/a")
    if draw < 0.5:
        return event("login", time, late)
    if draw < 0.7:
        due = day("2026-03-24") + random.randrange(20) if random.random() < 0.8 else None
        moment = _time(random) if random.random() < 0.7 else None
        return event("paid", time, late, amount=random.randrange(40) * 100, due=due, at=moment)
    if draw < 0.78:
        return event("scored", time, late, score=random.randrange(5))
    if draw < 0.9:
        expires = time + random.randrange(5 * DAY) if random.random() < 0.5 else None
        purpose = random.choice(["marketing", "analytics"])
        return consent(time, random.choice(["granted", "granted", "denied"]), purpose, expires=expires)
    if draw < 0.95:
        return stated("birth_date", random.choice([None, *(day(f"1996-03-{one}") for one in (25, 29, 31))]), time)
    return stated("salary", random.choice([None, 200_000]), time)
