"""How a worked example is written: SCHEMA, HandCase and short builders (the tables are in ``hand_cases``).

Money is in minor units, numbers are ``int`` or ``Fraction``, durations days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.oracles.calendar import instant
from tests.oracles.definitions import Definition, SchemaText, Yaml
from tests.oracles.genome import OracleEvent, Value
from tests.oracles.wheres import Where

from onefold.core.instant import LATEST, Span

SCHEMA: SchemaText = {
    "card_purchase": {
        "amount": ("money", 2),
        "fee": ("money", 2),
        "category": ("category", 0),
        "coupon": ("boolean", 0),
        "points": ("number", 0),
    },
    "card_purchase.products": {
        "sku": ("category", 0),
        "price": ("money", 2),
        "amount": ("money", 2),
        "fee": ("money", 2),
        "category": ("category", 0),
        "coupon": ("boolean", 0),
        "points": ("number", 0),
    },
    "page_viewed": {"path": ("category", 0), "seconds": ("number", 0)},
    "order_sent": {"amount": ("money", 2), "k_symbol": ("category", 0), "bank": ("category", 0)},
    "mortgage_opened": {"product_id": ("category", 0), "matures_on": ("date", 0)},
    "measured": {"level": ("number", 3)},
    "moved": {"spot": ("place", 0)},
    "login": {},
    "traits.region": {"value": ("category", 0)},
    "traits.income": {"value": ("money", 2)},
    "traits.vip": {"value": ("boolean", 0)},
    "traits.passport_until": {"value": ("date", 0)},
}


@dataclass(frozen=True)
class HandCase:
    """A customer's events (in order of arrival), definitions, a moment, and what must come out."""

    name: str
    events: tuple[OracleEvent, ...]
    definitions: tuple[Definition, ...]
    now: int
    known: int
    zone: str
    expected: Mapping[str, Value]
    next_change: int | None
    retention: Mapping[str, Span] = field(default_factory=dict)


def event(
    source: str,
    time: str,
    properties: Mapping[str, Value] | None = None,
    *,
    id: str | None = None,  # noqa: A002
    known: str | None = None,
    retracted: str | None = None,
    order: int = 0,
    part: int = 0,
) -> OracleEvent:
    """Return an event; it arrives at its own time unless said, and its messageId is its source and time."""
    return OracleEvent(
        source,
        instant(time),
        id or f"{source}@{time}",
        instant(known or time),
        properties or {},
        order,
        part,
        instant(retracted) if retracted else None,
    )


def case(
    name: str,
    now: str,
    events: tuple[OracleEvent, ...],
    definitions: tuple[Definition, ...],
    *,
    expected: Mapping[str, Value],
    next_change: str | None,
    zone: str = "UTC",
    known: str | None = None,
    retention: Mapping[str, str] | None = None,
) -> HandCase:
    """Return a case; everything is known unless said."""
    return HandCase(
        name,
        events,
        definitions,
        instant(now),
        instant(known) if known else LATEST,
        zone,
        expected,
        instant(next_change) if next_change else None,
        {source: Span.parse(span) for source, span in (retention or {}).items()},
    )


def define(name: str, where: Where | None = None, **body: Yaml) -> Definition:
    """Return a definition written as keyword arguments."""
    return Definition(name, body, where)
