"""The reserved events, which every workspace understands without declaring them (SEMANTICS section 2).

A workspace may add properties to them in ``events.yaml``, never change one.
"""

from __future__ import annotations

from onefold.core.event import IDENTIFY, LINKED, RETRACTED, UNLINKED
from onefold.core.schema import DEFAULT_SCALE, EventType, Property
from onefold.core.types import Purpose, Sensitivity, ValueType

CONSENT_CHANGED = "consent_changed"
PREFERENCE_SET = "preference_set"
PAGE_VIEWED = "page_viewed"
SCREEN_VIEWED = "screen_viewed"
_OFFERS = ("reserved", "shown", "clicked", "accepted", "rejected", "ignored", "converted")
_OFFER_TEXTS = ("decision_id", "offer", "treatment", "placement", "channel")

NOT_EVENTS = frozenset({IDENTIFY, "track", "page", "screen", "alias", "traits"})
"""Names that no event may bear: they mean something else in messages, features or mappings."""

REQUIRED: dict[str, tuple[str, ...]] = {
    CONSENT_CHANGED: ("purpose", "status"),
    RETRACTED: ("message_id",),
}
"""Properties without which a reserved event says nothing."""

ALLOWED: dict[tuple[str, str], frozenset[str]] = {
    (CONSENT_CHANGED, "purpose"): frozenset(Purpose),
    (CONSENT_CHANGED, "status"): frozenset({"granted", "denied", "withdrawn"}),
    (PREFERENCE_SET, "preference"): frozenset({"wanted", "unwanted", "snoozed"}),
}
"""The only texts that these properties may hold."""


def reserved_events(money_scale: int) -> dict[str, EventType]:
    """Return the reserved events by name; ``money_scale`` is the exponent of the workspace's currency.

    >>> [known.name for known in reserved_events(2)["arrived"].properties]
    ['branch']
    """
    category, text = ValueType.CATEGORY, ValueType.TEXT
    offer = (
        *(Property(name, category) for name in _OFFER_TEXTS),
        Property("value", ValueType.MONEY, money_scale),
    )
    identifier = (Property("identifier", text, sensitivity=Sensitivity.IDENTIFIER),)
    properties: dict[str, tuple[Property, ...]] = {
        CONSENT_CHANGED: (
            Property("purpose", category),
            Property("channel", category),
            Property("status", category),
            Property("expires", ValueType.INSTANT),
            Property("source", category),
        ),
        **{f"offer_{what}": offer for what in _OFFERS},
        LINKED: identifier,
        UNLINKED: identifier,
        "arrived": (Property("branch", category),),
        PREFERENCE_SET: (
            Property("topic", category),
            Property("preference", category),
            Property("until", ValueType.INSTANT),
            Property("channel", category),
        ),
        "goal_set": (),
        "survey_answered": (Property("survey", category), Property("score", ValueType.NUMBER, DEFAULT_SCALE)),
        RETRACTED: (Property("message_id", text),),
        "customer_erased": (),
    }
    return {name: EventType(name, known, reserved=True) for name, known in properties.items()}
