from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.event import Event
from onefold.core.ids import NULL, message_hash, text_code
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType
from onefold.profiles import words
from onefold.profiles.encode import Encoded, Stamp, rows_of
from onefold.profiles.layout import Layout

PAID = EventType(
    "paid",
    (
        Property("amount", ValueType.MONEY, 2),
        Property("category", ValueType.CATEGORY),
        Property(
            "products",
            ValueType.LIST,
            items=(Property("sku", ValueType.CATEGORY), Property("amount", ValueType.MONEY, 2)),
        ),
        Property("at", ValueType.PLACE),
        Property("note", ValueType.TEXT),
    ),
)
TRAITS = {
    "region": Property("region", ValueType.CATEGORY),
    "age": Property("age", ValueType.NUMBER),
    "email": Property("email", ValueType.TEXT, sensitivity=Sensitivity.IDENTIFIER),
}
LAYOUT = Layout(Schema(events={"paid": PAID}, traits=TRAITS))
OWNER = bytes(range(16))


def encoded(name: str, alias: str | None = None, time: int = 7, **properties: Any) -> Encoded:
    event = Event(node="user:1", name=name, time=time, order=-3, message_id="m1", properties=properties, alias=alias)
    return rows_of(event, LAYOUT, stamp=Stamp(OWNER, 99, 0xABCDEF123456789))


def slots(rows: words.Rows, source: str, at: int = 0) -> dict[str, int]:
    found = rows.view(np.int64)[at, words.SLOTS :].tolist()
    return {name: found[slot] for name, slot in LAYOUT.slots(source).items()}


def codes(rows: words.Rows) -> list[int]:
    return [int(code) for code in words.codes_of(rows)]


def test_the_head_of_a_record() -> None:
    rows = encoded("paid", time=-5).rows(LAYOUT)
    assert rows.shape == (1, LAYOUT.width)
    assert rows.flags.writeable
    assert words.times_of(rows).tolist() == [-5]
    assert words.unpack_times(rows[:, words.ORDER]).tolist() == [-3]
    assert words.hashes_of(rows).tolist() == [message_hash("m1")]
    assert words.known_of(rows).tolist() == [99]
    assert words.digests_of(rows).tolist() == [0x23456789]
    assert codes(rows) == [LAYOUT.code("paid")]
    assert set(slots(rows, "paid").values()) == {NULL}


def test_values_stand_in_their_slots_and_texts_come_along() -> None:
    found = encoded("paid", amount=Decimal("12.34"), category="travel", at=[50, 14], undeclared=1, note="x")
    rows = found.rows(LAYOUT)
    values = rows.view(np.int64)[0, words.SLOTS :].tolist()
    assert values == [1234, text_code("travel"), 500_000_000, 140_000_000, *[NULL] * (len(values) - 4)]
    assert found.texts == {text_code("travel"): "travel"}
    assert found.linked == b""


def test_lines_share_what_they_do_not_declare() -> None:
    lines = [{"sku": "a", "amount": 1}, {"sku": "b", "category": "not its own"}]
    rows = encoded("paid", amount=5, category="food", products=lines).rows(LAYOUT)
    assert words.parts_of(rows).tolist() == [0, 1, 2]
    assert codes(rows) == [16, 17, 17]
    assert slots(rows, "paid")["amount"] == 500
    first, second = slots(rows, "paid.products", 1), slots(rows, "paid.products", 2)
    assert (first["sku"], first["amount"], first["category"]) == (text_code("a"), 100, text_code("food"))
    assert (second["sku"], second["amount"], second["category"]) == (text_code("b"), NULL, text_code("food"))


@pytest.mark.parametrize("products", [[], None])
def test_no_lines_leave_the_parent(products: object) -> None:
    assert codes(encoded("paid", products=products).rows(LAYOUT)) == [16]


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": "12"},
        {"category": "x" * 201},
        {"products": {"sku": "a"}},
        {"products": ["a"]},
        {"products": [{"sku": "a"}, {"sku": 7}]},
        {"products": [{}] * (words.MAX_PART + 1)},
    ],
)
def test_what_no_longer_fits_is_hidden_whole(bad: dict[str, Any]) -> None:
    found = encoded("paid", alias="anon:a", **{"category": "kept out", **bad})
    rows = found.rows(LAYOUT)
    assert codes(rows) == [words.HIDDEN]
    assert words.hashes_of(rows).tolist() == [message_hash("m1")]
    assert not found.texts
    assert codes(found.alias_rows(LAYOUT)) == [words.LINKED]


def test_an_undeclared_event_is_hidden() -> None:
    assert codes(encoded("sold", amount=1).rows(LAYOUT)) == [words.HIDDEN]


def test_traits_are_a_record_each_and_null_is_a_value() -> None:
    rows = encoded("identify", region=None, age=41, email="a@b", shoe_size=44).rows(LAYOUT)
    assert codes(rows) == [LAYOUT.code("traits.region"), LAYOUT.code("traits.age")]
    assert rows.view(np.int64)[:, words.SLOTS].tolist() == [NULL, 41]
    assert codes(encoded("identify", shoe_size=44, email="a@b").rows(LAYOUT)) == [words.HIDDEN]


@pytest.mark.parametrize(("name", "code"), [("paid", 1), ("identity_linked", 1), ("identity_unlinked", 2)])
def test_an_alias_gets_a_record_that_names_its_owner(name: str, code: int) -> None:
    rows = encoded(name, alias="anon:a").alias_rows(LAYOUT)
    assert codes(rows) == [code]
    assert rows[0, words.SLOTS : words.SLOTS + 2].tobytes() == OWNER
    assert rows.view(np.int64)[0, words.SLOTS + 2 :].tolist() == [NULL] * (LAYOUT.width - words.SLOTS - 2)


def test_nobody_is_linked_to_himself() -> None:
    assert encoded("paid", alias="user:1").linked == b""


def test_a_retraction_holds_the_hash_of_its_target() -> None:
    rows = encoded("event_retracted", message_id="other").rows(LAYOUT)
    assert codes(rows) == [words.RETRACTED]
    assert rows[0, words.SLOTS] == message_hash("other")
    assert codes(encoded("event_retracted", message_id=7).rows(LAYOUT)) == [words.HIDDEN]


def test_an_order_beyond_64_bits_stands_at_their_end() -> None:
    event = Event(node="user:1", name="paid", time=0, order=2**70, message_id="m")
    rows = rows_of(event, LAYOUT, stamp=Stamp(OWNER, 0, 0)).rows(LAYOUT)
    assert words.unpack_times(rows[:, words.ORDER]).tolist() == [2**63 - 1]


def plainly(event: Event, known_at: int, digest: int) -> words.Rows:
    """Return the one record of a `paid` without products, word by word."""
    row = np.full(LAYOUT.width, NULL, dtype=np.int64).view(np.uint64)
    ends = [min(max(number, -(2**63)), 2**63 - 1) for number in (event.time, event.order)]
    row[words.TIME : words.HASH] = words.pack_times(np.array(ends, dtype=np.int64))
    row[words.HASH] = words.ordered(np.array([message_hash(event.message_id)], dtype=np.uint64))[0]
    row[words.KNOWN] = np.array([known_at], dtype=np.int64).view(np.uint64)[0]
    row[words.KIND] = LAYOUT.code("paid") | digest % 2**32 << 32
    stated = {name: raw for name, raw in event.properties.items() if raw is not None}
    slots = LAYOUT.slots("paid")
    if "amount" in stated:
        row.view(np.int64)[words.SLOTS + slots["amount"]] = int(stated["amount"] * 100)
    if "category" in stated:
        row.view(np.int64)[words.SLOTS + slots["category"]] = text_code(stated["category"])
    if "at" in stated:
        row.view(np.int64)[words.SLOTS + slots["at"] :][:2] = [degrees * 10**7 for degrees in stated["at"]]
    return row.reshape(1, -1)


WHOLE = st.integers(-(2**64), 2**64) | st.integers(-3, 3)
STATED = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.none() | st.decimals(-(10**9), 10**9, places=2),
        "category": st.none() | st.text(max_size=9),
        "at": st.none() | st.tuples(st.integers(-90, 90), st.integers(-180, 180)),
        "note": st.text(max_size=3),
        "colour": st.integers(),
    },
)


@settings(deadline=None)
@given(WHOLE, WHOLE, st.text(max_size=5), STATED, st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**40))
def test_a_record_is_what_it_is_word_by_word(
    time: int, order: int, message_id: str, stated: dict[str, Any], known_at: int, digest: int
) -> None:
    event = Event(node="user:1", name="paid", time=time, order=order, message_id=message_id, properties=stated)
    found = rows_of(event, LAYOUT, stamp=Stamp(OWNER, known_at, digest))
    assert found.rows(LAYOUT).tolist() == plainly(event, known_at, digest).tolist()
    category = stated.get("category")
    assert found.texts == ({} if category is None else {text_code(category): category})
