"""The types of properties and traits, and the tags that flow along lineage (SEMANTICS section 2)."""

from __future__ import annotations

from enum import StrEnum


class ValueType(StrEnum):
    """What a declared property or trait holds."""

    MONEY = "money"
    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    PLACE = "place"
    TEXT = "text"
    LIST = "list"


class Sensitivity(StrEnum):
    """How delicate a value is; tags flow to everything derived from it."""

    PUBLIC = "public"
    PERSONAL = "personal"
    IDENTIFIER = "identifier"
    PROTECTED = "protected"
    PROXY = "proxy"


class Purpose(StrEnum):
    """What a result may be used for."""

    SERVICE = "service"
    MARKETING = "marketing"
    CREDIT_MARKETING = "credit_marketing"
    ANALYTICS = "analytics"
    THIRD_PARTY = "third_party"


Gate = tuple[Purpose, str | None]
"""What consent can open: a purpose in general (None), or for one channel."""
