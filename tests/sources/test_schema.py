from __future__ import annotations

import pytest
from tests.sources.workbench import schema_of, schema_problems

from onefold.core.types import Sensitivity, ValueType
from onefold.sources.names import event_name


def test_the_example_of_the_specification() -> None:
    schema = schema_of()
    payment = schema.events["payment"]
    assert [prop.name for prop in payment.properties][:3] == ["amount", "score", "kind"]
    assert payment.properties[0].scale == 2
    assert payment.properties[1].scale == 2
    lines = payment.property("lines")
    assert lines is not None
    assert [item.type for item in lines.items] == [ValueType.CATEGORY, ValueType.MONEY]
    assert schema.traits["email"].sensitivity is Sensitivity.IDENTIFIER
    assert schema.source("payment.lines") is not None
    assert schema.source("traits.region") is not None


def test_reserved_events_are_there_and_pages_are_not() -> None:
    schema = schema_of("events: {}")
    for name in (
        "consent_changed",
        "offer_shown",
        "identity_linked",
        "event_retracted",
        "customer_erased",
        "arrived",
    ):
        assert schema.events[name].reserved
        assert event_name(name) == name
    assert "page_viewed" not in schema.events
    value = schema.events["offer_converted"].property("value")
    assert value is not None
    assert value.type is ValueType.MONEY


def test_reserved_events_may_be_extended() -> None:
    schema = schema_of("events:\n  offer_shown: {screen: category}\n  goal_set: {goal: {type: category}}")
    assert schema.events["offer_shown"].property("screen") is not None
    assert schema.events["offer_shown"].property("offer") is not None
    assert schema.events["goal_set"].reserved


def test_short_types_and_empty_events() -> None:
    schema = schema_of("events:\n  opened:\n  closed: {at: instant}")
    assert schema.events["opened"].properties == ()
    assert schema.events["closed"].properties[0].type is ValueType.INSTANT


def test_money_has_the_decimals_of_its_currency() -> None:
    for currency, scale in (("JPY", 0), ("KWD", 3), ("EUR", 2)):
        assert schema_of("events: {a: {b: money}}", currency).events["a"].properties[0].scale == scale


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("events:\n  a:\n    b: {type: mony}", "`type`", 3),
        ("events:\n  a:\n    b: {type: money, sensitivity: secret}", "`sensitivity`", 3),
        ("events:\n  a:\n    b: {type: money, colour: red}", "`colour`", 3),
        ("events:\n  a:\n    b: {sensitivity: public}", "`type`", 3),
        ("events:\n  a:\n    b: {type: number, scale: 10}", "`scale`", 3),
        ("events:\n  a:\n    b: {type: number, scale: -1}", "`scale`", 3),
        ("events:\n  a:\n    b: {type: number, scale: two}", "`scale`", 3),
        ("events:\n  a:\n    b: {type: money, scale: 2}", "`scale`", 3),
        ("events:\n  a:\n    b: {type: list}", "`of`", 3),
        ("events:\n  a:\n    b: {type: list, of: {c: {type: list, of: {d: money}}}}", "`type`", 3),
        ("events:\n  a:\n    b: {type: date, currency_from: c}", "`currency_from`", 3),
        ("events:\n  a:\n    b: {type: money, currency_from: c}\n    c: date", "`currency_from` of `b`", 3),
        ("events:\n  Card Purchase:\n    b: money", "the event `Card Purchase`", 2),
        ("events:\n  identify:\n    b: money", "the event `identify`", 2),
        ("events:\n  traits:\n    b: money", "the event `traits`", 2),
        ("events:\n  " + "a" * 61 + ": {b: money}", "the event `" + "a" * 61 + "`", 2),
        ("events:\n  a:\n    case: money", "the property `case`", 3),
        ("events:\n  a:\n    my amount: money", "the property `my amount`", 3),
        ("events:\n  a:\n    productId: money\n    product_id: money", "the property `product_id`", 4),
        ("events:\n  offer_shown:\n    offer: {type: number}", "`offer` of `offer_shown`", 3),
        ("events:\n  offer_shown:\n    Offer: {type: number}", "the property `Offer`", 3),
        ("traits:\n  pets: {type: list, of: {name: category}}", "`type`", 2),
        ("traits:\n  pets:", "`pets`", 2),
        ("evnts: {}", "`evnts`", 1),
    ],
)
def test_every_fault_has_a_place_and_a_remedy(text: str, what: str, line: int) -> None:
    problems = schema_problems(text)
    assert [problem.what for problem in problems] == [what]
    assert problems[0].place.line == line
    assert problems[0].remedy


def test_all_problems_at_once() -> None:
    text = "events:\n  a: {b: mony, c: dat}\n  B: {d: {type: number, scale: 99}}\ntraits: {e: {}}"
    assert len(schema_problems(text)) == 5


def test_an_unknown_currency() -> None:
    problems = schema_problems("events: {}", "CKZ")
    assert len(problems) == 1
    assert "CZK" in problems[0].remedy
