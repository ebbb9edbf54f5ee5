"""Frames of Arrow tables equal a naive sort, and their genomes those of the same events in a store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.harness import engine_of, run, schema_of
from tests.oracles.definitions import Definition, SchemaText
from tests.oracles.genome import OracleEvent
from tests.oracles.wheres import Where

from onefold.core.errors import UserError
from onefold.core.ids import NULL, text_code
from onefold.core.instant import DAY
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.features.arrow_words import number
from onefold.features.frame import Frame, genomes_of, timelines_of
from onefold.profiles.layout import Layout
from onefold.profiles.words import HASH, KIND, SLOTS, codes_of, hashes_of, known_of, times_of, unpack_times

MONEY, CATEGORY = ValueType.MONEY, ValueType.CATEGORY
PAID = EventType("paid", (Property("amount", MONEY, 2), Property("shop", CATEGORY)))
SEEN = EventType("seen", (Property("page", CATEGORY), Property("amount", ValueType.NUMBER, 3)))
EVERYTHING = EventType(
    "told",
    (
        Property("vip", ValueType.BOOLEAN),
        Property("day", ValueType.DATE),
        Property("at", ValueType.INSTANT),
        Property("took", ValueType.DURATION),
        Property("where", ValueType.PLACE),
        Property("memo", ValueType.TEXT),
    ),
)
LAYOUT = Layout(Schema({"paid": PAID, "seen": SEEN, "told": EVERYTHING}))


def frame_of(table: pa.Table, *, order: str | None = None) -> Frame:
    return timelines_of(table, LAYOUT, customer="who", time="at_time", event="what", order=order)


def slots(frame: Frame, row: int) -> list[int | None]:
    words = frame.rows[row, SLOTS:].view(np.int64).tolist()
    return [None if word == NULL else word for word in words]


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, bool]:
    """Events with few customers, times and orders, so that ties are many; whether there is an order."""
    size = draw(st.integers(0, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    span = draw(st.sampled_from([1, 3, 1_000, 10**15]))
    people = draw(st.sampled_from([1, 4, 60]))
    who: pa.Array = pa.array(rng.integers(-people, people, size) * draw(st.sampled_from([1, 10**12])))
    if draw(st.booleans()):
        who = pa.array([f"č{number}" for number in who.to_pylist()], pa.string())
    mask = rng.random(size) < 0.2
    table = pa.table(
        {
            "who": who,
            "at_time": pa.array(rng.integers(-span, span, size)),
            "turn": pa.array(rng.integers(-2, 2, size)),
            "what": pa.array(rng.choice(["paid", "seen"], size).tolist(), pa.string()),
            "amount": pa.array(rng.integers(-(2**40), 2**40, size), mask=mask),
            "shop": pa.array(rng.choice(["a", "bé", ""], size).tolist(), pa.string(), mask=~mask),
        }
    )
    if draw(st.booleans()):
        table = table.set_column(5, "shop", table["shop"].dictionary_encode())
    if size and draw(st.booleans()):
        cut = draw(st.integers(0, size))
        table = pa.concat_tables([table[:cut], table[cut:]])
    return table, draw(st.booleans())


@settings(max_examples=300, deadline=None)
@given(tables())
def test_equals_a_naive_sort(case: tuple[pa.Table, bool]) -> None:
    table, ordered = case
    frame = frame_of(table, order="turn" if ordered else None)
    rows = table.to_pylist()
    sort = sorted(
        range(len(rows)), key=lambda at: (rows[at]["who"], rows[at]["at_time"], rows[at]["turn"] if ordered else 0, at)
    )
    assert frame.keys.to_pylist() == sorted({row["who"] for row in rows})
    sizes = np.diff(frame.people).tolist()
    owners = [key for key, size in zip(frame.keys.to_pylist(), sizes, strict=True) for _ in range(size)]
    assert owners == [rows[at]["who"] for at in sort]
    assert hashes_of(frame.rows).tolist() == sort
    assert times_of(frame.rows).tolist() == known_of(frame.rows).tolist() == [rows[at]["at_time"] for at in sort]
    orders = unpack_times(frame.rows[:, 1]).tolist()
    assert orders == [rows[at]["turn"] if ordered else 0 for at in sort]
    assert codes_of(frame.rows).tolist() == frame.rows[:, KIND].tolist()
    for place, at in enumerate(sort):
        row = rows[at]
        shop = None if row["shop"] is None else text_code(row["shop"])
        expected = [row["amount"], shop] if row["what"] == "paid" else [None, row["amount"]]
        assert slots(frame, place)[:2] == expected
        assert codes_of(frame.rows)[place] == LAYOUT.code(row["what"])
    assert frame.rows[:, HASH:].flags.aligned


def test_long_timelines_are_merged() -> None:
    rng = np.random.default_rng(5)
    size = 20_000
    who, times, turns = rng.integers(0, 3, size), rng.integers(0, 50, size), rng.integers(-3, 3, size)
    table = pa.table({"who": who, "at_time": times, "what": ["paid"] * size, "turn": turns})
    frame = frame_of(table, order="turn")
    assert hashes_of(frame.rows).tolist() == np.lexsort((np.arange(size), turns, times, who)).tolist()


CARD: SchemaText = {"card": {"amount": ("money", 2), "shop": ("category", 0)}}
BIG = Where("amount > 1.00 AND shop LIKE 's%'", lambda _: None)
DEFINITIONS = (
    Definition("spend", {"sum": "card.amount", "within": "30d"}),
    Definition("often", {"count": "card", "within": "7d"}, BIG),
    Definition("shops", {"distinct": "card.shop"}),
    Definition("latest", {"last": "card.shop"}, BIG),
    Definition("usual", {"mean": "card.amount", "within": "1y"}),
)


def test_genomes_equal_those_of_a_store() -> None:
    schema, rng = schema_of(CARD), np.random.default_rng(3)
    events = [
        OracleEvent("card", int(time), f"m{at}", int(time), {"amount": amount, "shop": shop})
        for at, time in enumerate(rng.permutation(400) * (DAY // 3))
        for amount, shop in [(None if at % 7 == 0 else int(rng.integers(-500, 500)), f"{'st'[at % 2]}{at % 5}")]
    ]
    owners = rng.integers(0, 6, len(events)).tolist()
    table = pa.table(
        {
            "who": pa.array([f"client:{owner}" for owner in owners]),
            "at_time": pa.array([one.time for one in events], pa.timestamp("us", "UTC")),
            "what": ["card"] * len(events),
            "amount": pa.array([one.properties["amount"] for one in events], pa.int64()),
            "shop": pa.array([one.properties["shop"] for one in events], pa.string()),
        }
    )
    now = 60 * DAY
    engine = engine_of(schema, DEFINITIONS, "Europe/Prague", {})
    keys, genomes = genomes_of(table, engine, now=now, customer="who", time="at_time", event="what")
    assert keys.to_pylist() == sorted({f"client:{owner}" for owner in owners})
    for row, owner in enumerate(sorted(set(owners))):
        own = [one for one, other in zip(events, owners, strict=True) if other == owner]
        alone = run(engine_of(schema, DEFINITIONS, "Europe/Prague", {}), own, now=now)
        assert genomes.values(row) == alone.values(0)
        assert genomes.next_change(row) == alone.next_change(0)
        assert genomes.values(row)["shops"]


def told(**columns: pa.Array) -> pa.Table:
    return pa.table({"who": [1], "at_time": [0], "what": ["told"], **columns})


def test_every_type_becomes_its_word() -> None:
    frame = frame_of(
        told(
            vip=pa.array([True]),
            day=pa.array([date(1970, 1, 3)]),
            at=pa.array([-5], pa.timestamp("ms", "Europe/Prague")),
            took=pa.array([2], pa.duration("s")),
            **{
                "where.latitude": pa.array([Decimal("50.0870000")]),
                "where.longitude": pa.array([-144_210_000]),
            },
            memo=pa.array(["stays in the vault"]),
        )
    )
    assert slots(frame, 0)[:6] == [1, 2, -5_000, 2_000_000, 500_870_000, -144_210_000]


def test_columns_that_are_missing_are_null() -> None:
    assert set(slots(frame_of(told()), 0)) == {None}


def test_decimals_are_exact_and_may_be_negative() -> None:
    amounts = pa.array([Decimal("-0.01"), None, Decimal("9.5")], pa.decimal128(12, 2))
    frame = frame_of(
        pa.table({"who": [1, 1, 1], "at_time": [0, 1, 2], "what": ["paid", "paid", "seen"], "amount": amounts})
    )
    assert [slots(frame, row)[:2] for row in range(3)] == [[-1, None], [None, None], [None, 9_500]]


def test_an_empty_table_has_no_customers() -> None:
    types = [("who", pa.int64()), ("at_time", pa.int64()), ("what", pa.string()), ("amount", pa.int64())]
    frame = frame_of(pa.schema(types).empty_table())
    assert (len(frame.keys), frame.rows.shape, frame.people.tolist()) == (0, (0, LAYOUT.width), [0])


def test_dictionaries_with_repeats_and_nulls_are_one() -> None:
    names = pa.array(["a", None, "a", "b"])
    who = pa.DictionaryArray.from_arrays(pa.array([0, 2, 3, 0], pa.int8()), names)
    frame = frame_of(pa.table({"who": who, "at_time": [3, 2, 1, 0], "what": ["paid"] * 4, "shop": who}))
    assert (frame.keys.to_pylist(), frame.people.tolist()) == (["a", "b"], [0, 3, 4])
    assert hashes_of(frame.rows).tolist() == [3, 1, 0, 2]
    assert frame.texts == {text_code("a"): "a", text_code("b"): "b"}


def test_sparse_numbers_go_through_a_dictionary() -> None:
    sparse = number(pa.chunked_array([[10**15, -7], [10**15]]))
    assert (sparse.size, sparse.numbers.to_pylist()) == (2, [1, 0, 1])
    assert sparse.of(np.array([0, 1])).to_pylist() == [-7, 10**15]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"who": pa.array([None], pa.int64())}, "column `who`: it is NULL in 1 of 1 rows"),
        ({"who": pa.array([1.5])}, "column `who` (double): texts are wanted"),
        ({"at_time": pa.array([0], pa.timestamp("us"))}, "a timestamp without a zone is no instant"),
        ({"at_time": pa.array([1], pa.timestamp("ns", "UTC"))}, "would lose data"),
        ({"what": pa.array(["told", "paid"])[:1], "vip": pa.array([1])}, "column `vip` (int64): a boolean is wanted"),
        ({"what": pa.array(["bought"])}, "event `bought`: it is not declared"),
        ({"day": pa.array(["2026-01-01"])}, "column `day` (string): a date is wanted"),
        ({"took": pa.array([1.0])}, "column `took` (double): it is no duration"),
        ({"where.latitude": pa.array([50.1])}, "integers or decimals are wanted"),
        ({"what": pa.array(["paid"]), "amount": pa.array([1.5])}, "minor units as integers, or decimals are wanted"),
        ({"what": pa.array(["paid"]), "amount": pa.array([2**53])}, "a value is beyond 9007199254740991 units"),
        ({"what": pa.array(["paid"]), "amount": pa.array([Decimal("0.001")])}, "would cause data loss"),
        ({"what": pa.array(["paid"]), "amount": pa.array([Decimal(10) ** 30])}, "a value is beyond"),
        ({"what": pa.array(["paid"]), "shop": pa.array([1])}, "column `shop` (int64): texts are wanted"),
    ],
)
def test_what_does_not_fit_is_refused(columns: dict[str, pa.Array], message: str) -> None:
    table = told()
    for name, column in columns.items():
        table = table.drop_columns([name]) if name in table.column_names else table
        table = table.append_column(name, column)
    with pytest.raises(UserError) as caught:
        frame_of(table)
    assert message in str(caught.value)


def test_all_columns_at_fault_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        timelines_of(told(day=pa.array([1.0])), LAYOUT, customer="whom", time="when", event="what")
    assert len(caught.value.problems) == 3
