"""What features may read: events, lists of events, traits."""

from __future__ import annotations

from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType

PRICE, SKU = Property("price", ValueType.MONEY, 2), Property("sku", ValueType.CATEGORY)
LINES = Property("products", ValueType.LIST, items=(SKU, PRICE))
SCHEMA = Schema(
    {"paid": EventType("paid", (PRICE, Property("country", ValueType.CATEGORY), LINES))},
    {"email": Property("email", ValueType.TEXT, sensitivity=Sensitivity.IDENTIFIER)},
)


def test_lines_share_what_they_do_not_have_themselves() -> None:
    lines = SCHEMA.source("paid.products")
    assert lines is not None
    assert [known.name for known in lines.properties] == ["sku", "price", "country"]


def test_sources() -> None:
    assert [source.name for source in SCHEMA.sources()] == ["paid", "paid.products", "traits.email"]
    assert SCHEMA.source("paid.country") is None
    assert SCHEMA.source("traits.age") is None
    assert SCHEMA.source("nothing") is None


def test_what_stands_on_the_timeline() -> None:
    assert not LINES.on_timeline
    assert not SCHEMA.traits["email"].on_timeline
    assert SCHEMA.events["paid"].properties[0].on_timeline
