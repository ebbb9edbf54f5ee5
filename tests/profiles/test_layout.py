from __future__ import annotations

from dataclasses import replace

import pytest

from onefold.core.errors import UserError
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType
from onefold.profiles.layout import Layout

SKU = Property("sku", ValueType.CATEGORY)
PAID = EventType(
    "paid",
    (
        Property("amount", ValueType.MONEY, 2),
        Property("note", ValueType.TEXT),
        Property("at", ValueType.PLACE),
        Property("iban", ValueType.CATEGORY, sensitivity=Sensitivity.IDENTIFIER),
        Property("products", ValueType.LIST, items=(SKU,)),
        Property("category", ValueType.CATEGORY),
    ),
)
TRAITS = {"region": Property("region", ValueType.CATEGORY), "email": Property("email", ValueType.TEXT)}


def schema_of(*events: EventType, **traits: Property) -> Schema:
    return Schema(events={event.name: event for event in events}, traits=traits)


def wide(slots: int) -> Schema:
    return schema_of(EventType("wide", tuple(Property(f"p{at}", ValueType.BOOLEAN) for at in range(slots))))


def test_codes_go_by_name_and_slots_by_declaration() -> None:
    layout = Layout(schema_of(PAID, **TRAITS))
    assert list(layout.sources) == ["paid", "paid.products", "traits.email", "traits.region"]
    assert [layout.code(name) for name in layout.sources] == [16, 17, 18, 19]
    assert dict(layout.slots("paid")) == {"amount": 0, "at": 1, "category": 3}
    assert dict(layout.slots("paid.products")) == {"sku": 0, "amount": 1, "at": 2, "category": 4}
    assert dict(layout.slots("traits.email")) == {}
    assert layout.width == 10
    with pytest.raises(KeyError):
        layout.code("sold")


@pytest.mark.parametrize(("slots", "width"), [(0, 8), (2, 8), (3, 8), (4, 10), (5, 10), (56, 62), (57, 62), (58, 63)])
def test_width_is_the_smallest_even_one_that_lmdb_takes(slots: int, width: int) -> None:
    layout = Layout(wide(slots))
    assert layout.width == width
    assert layout.row_bytes <= 511


def test_a_source_too_wide_is_refused_with_what_to_do() -> None:
    with pytest.raises(UserError, match=r"`wide`: its properties need 59 slots.*Declare fewer of them"):
        Layout(wide(59))


def test_the_fingerprint_changes_with_what_rows_hold_and_with_nothing_else() -> None:
    base = Layout(schema_of(PAID, **TRAITS)).fingerprint
    assert len(base) == 64
    amount, *rest = PAID.properties

    def with_amount(changed: Property) -> str:
        return Layout(schema_of(replace(PAID, properties=(changed, *rest)), **TRAITS)).fingerprint

    assert with_amount(replace(amount, sensitivity=Sensitivity.PERSONAL)) == base
    assert with_amount(replace(amount, currency_from="currency")) == base
    assert with_amount(replace(amount, scale=3)) != base
    assert with_amount(replace(amount, type=ValueType.NUMBER)) != base
    assert with_amount(replace(amount, name="sum")) != base
    swapped = replace(PAID, properties=PAID.properties[::-1])
    assert Layout(schema_of(swapped, **TRAITS)).fingerprint != base
    texts = {**TRAITS, "email": Property("email", ValueType.TEXT, sensitivity=Sensitivity.IDENTIFIER)}
    assert Layout(schema_of(PAID, **texts)).fingerprint == base
    assert Layout(schema_of(PAID, EventType("quiet"), **TRAITS)).fingerprint != base
    assert Layout(replace(schema_of(PAID, **TRAITS), currency="CZK")).fingerprint == base
