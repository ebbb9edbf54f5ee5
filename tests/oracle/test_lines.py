"""What features see of an event, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from onefold.core.event import Event
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType
from onefold.features.definitions import FeatureSet
from onefold.oracle.genome import Oracle
from onefold.oracle.lines import LoggedEvent, lines_of
from onefold.oracle.people import people

ITEMS = (Property("sku", ValueType.CATEGORY), Property("price", ValueType.MONEY, 2))
PAID = EventType(
    "paid",
    (
        Property("price", ValueType.MONEY, 2),
        Property("shop", ValueType.CATEGORY),
        Property("note", ValueType.TEXT),
        Property("lines", ValueType.LIST, items=ITEMS),
    ),
)
TRAITS = {
    "region": Property("region", ValueType.CATEGORY),
    "email": Property("email", ValueType.TEXT, sensitivity=Sensitivity.IDENTIFIER),
}
SCHEMA = Schema({"paid": PAID}, TRAITS)


def logged(name: str, **properties: Any) -> LoggedEvent:
    return LoggedEvent(Event(node="user:1", name=name, time=5, message_id="m", order=2, properties=properties), 7)


def seen(name: str, **properties: Any) -> list[tuple[str, int, dict[str, Any]]]:
    return [(one.source, one.part, dict(one.properties)) for one in lines_of(logged(name, **properties), SCHEMA)]


def test_lines_share_what_they_do_not_declare_themselves() -> None:
    lines = [{"sku": "a", "price": 1}, {"sku": "b", "shop": "mine"}]
    assert seen("paid", price=Decimal("9.5"), shop="theirs", note=5, more=1, lines=lines) == [
        ("paid", 0, {"price": 950, "shop": "theirs"}),
        ("paid.lines", 1, {"sku": "a", "price": 100, "shop": "theirs"}),
        ("paid.lines", 2, {"sku": "b", "price": None, "shop": "theirs"}),
    ]


def test_traits_are_statements_and_null_is_one() -> None:
    assert seen("identify", region=None, email="a@b.c", nosuch=1) == [("traits.region", 0, {"value": None})]
    (line,) = lines_of(logged("identify", region="north"), SCHEMA)
    assert (line.time, line.order, line.known_at, line.message_id) == (5, 2, 7, "m")


@pytest.mark.parametrize(
    "properties", [{"price": "5"}, {"lines": [{"price": "5"}]}, {"lines": ["x"]}, {"lines": {}}, {"shop": "x" * 201}]
)
def test_what_does_not_fit_hides_the_whole_event(properties: dict[str, Any]) -> None:
    assert seen("paid", **properties) == []
    assert seen("nosuch") == []


def test_who_exists() -> None:
    oracle = Oracle(FeatureSet(SCHEMA), "UTC")
    hidden, link = logged("nosuch"), Event(node="user:2", name="paid", time=9, message_id="l", alias="anon:a")
    found = people([hidden, LoggedEvent(link, 7)], 7)
    assert set(found) == {"user:1", "user:2"}
    for name, since in (("user:1", 5), ("user:2", 9)):
        assert [oracle.exists(found[name], now=at) for at in (since - 1, since)] == [False, True]
