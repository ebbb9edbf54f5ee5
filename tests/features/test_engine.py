"""What the engine adds to the kernel: expressions, ages, boundaries, plain values, many customers at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from tests.features.harness import engine_of, run, schema_of, store_of
from tests.oracles.definitions import Definition, SchemaText
from tests.oracles.genome import OracleEvent, Value

from onefold.core.errors import UserError
from onefold.core.instant import DAY, days_of
from onefold.core.zone import zone
from onefold.features.engine import PARALLEL_FROM, Engine
from onefold.features.genomes import Genomes

SCHEMA: SchemaText = {
    "paid": {
        "amount": ("money", 2),
        "category": ("category", 0),
        "points": ("number", 2),
        "due": ("date", 0),
        "ok": ("boolean", 0),
        "at": ("instant", 0),
        "took": ("duration", 0),
    },
    "traits.birth_date": {"value": ("date", 0)},
    "traits.region": {"value": ("category", 0)},
}
NOW = 20_000 * DAY + DAY // 2
PRAGUE = zone("Europe/Prague")


def engine(*definitions: tuple[str, Mapping[str, str | list[str]]]) -> Engine:
    found = [Definition(name, body) for name, body in definitions]
    return engine_of(schema_of(SCHEMA), found, "Europe/Prague", {})


def paid(days_ago: float, message: str = "", **properties: Value) -> OracleEvent:
    time = NOW - int(days_ago * DAY)
    absent: dict[str, Value] = dict.fromkeys(SCHEMA["paid"])
    return OracleEvent("paid", time, message or f"m{days_ago}", time, {**absent, **properties})


def stated(trait: str, value: Value, time: int = 0) -> OracleEvent:
    return OracleEvent(f"traits.{trait}", time, f"t{trait}{time}", time, {"value": value})


def test_plain_values() -> None:
    names = ("amount", "category", "points", "due", "ok", "at", "took")
    reader = engine(*((name, {"last": f"paid.{name}"}) for name in names))
    event = paid(1, amount=1234, category="travel", points=Fraction(5, 2), due=20_005, ok=True, at=0, took=1_500_000)
    values = run(reader, [event], now=NOW).values(0)
    assert values == {
        "amount": Decimal("12.34"),
        "at": "1970-01-01T00:00:00Z",
        "category": "travel",
        "due": date(2024, 10, 9),
        "ok": True,
        "points": Decimal("2.50"),
        "took": 1.5,
    }
    assert set(run(reader, [], now=NOW).values(0).values()) == {None}


def test_expressions_read_features_traits_and_one_another() -> None:
    reader = engine(
        ("spend", {"sum": "paid.amount"}),
        ("n", {"count": "paid"}),
        ("per", {"expr": "spend / NULLIF(n, 0)"}),
        ("twice", {"expr": "per * 2"}),
        ("south", {"expr": "region = 'south'"}),
        ("where", {"expr": "COALESCE(region, 'nowhere')"}),
    )
    found = run(reader, [paid(1, amount=1000), paid(2, amount=500), stated("region", "south")], now=NOW)
    assert found.values(0) == {
        "n": 2, "per": 7.5, "south": True, "spend": Decimal("15.00"), "twice": 15.0, "where": "south",
    }  # fmt: skip
    nothing = run(reader, [], now=NOW).values(0)
    assert (nothing["per"], nothing["south"], nothing["where"]) == (None, None, "nowhere")


def test_age_and_the_birthday_as_the_next_change() -> None:
    reader = engine(("age", {"expr": "age"}), ("adult", {"expr": "age >= 18"}))
    birth = stated("birth_date", days_of(date(2000, 2, 29)))

    def at(text: str) -> tuple[object, int | None]:
        found = run(reader, [birth], now=PRAGUE.parse(text))
        return found.value("age", 0), found.next_change(0)

    assert at("2025-02-27T23:59:59.999999") == (24, PRAGUE.parse("2025-02-28"))
    assert at("2025-02-28") == (25, PRAGUE.parse("2026-02-28"))
    assert at("2027-06-01") == (27, PRAGUE.parse("2028-02-29"))
    unknown = run(reader, [], now=NOW)
    assert (unknown.value("adult", 0), unknown.next_change(0)) == (None, None)


def test_current_date_makes_midnight_a_boundary() -> None:
    reader = engine(("last_due", {"last": "paid.due"}), ("late", {"expr": "last_due < CURRENT_DATE"}))
    due = PRAGUE.day(NOW)
    found = run(reader, [paid(3, due=due)], now=NOW)
    midnight = PRAGUE.start_of_day(due + 1)
    assert (found.value("late", 0), found.next_change(0)) == (False, midnight)
    assert run(reader, [paid(3, due=due)], now=midnight).value("late", 0) is True


def test_current_date_in_a_filter() -> None:
    reader = engine(("open", {"count": "paid", "where": "due >= CURRENT_DATE"}))
    due = PRAGUE.day(NOW)
    midnight = PRAGUE.start_of_day(due + 1)
    assert run(reader, [paid(3, due=due)], now=NOW).value("open", 0) == 1
    assert run(reader, [paid(3, due=due)], now=NOW).next_change(0) == midnight
    assert run(reader, [paid(3, due=due)], now=midnight).value("open", 0) == 0


def test_like_learns_texts_that_come_later() -> None:
    reader = engine(("n", {"count": "paid", "where": "category LIKE 'tra%'"}))
    assert run(reader, [paid(1, category="food")], now=NOW).value("n", 0) == 0
    assert run(reader, [paid(1, category="food"), paid(2, category="travel")], now=NOW).value("n", 0) == 1


def test_a_sum_beyond_64_bits_is_an_error_and_no_wrong_number() -> None:
    reader = engine(("spend", {"sum": "paid.amount"}))
    largest = 2**53 - 1
    few = [paid(at, amount=largest) for at in range(1, 1000)]
    assert run(reader, few, now=NOW).value("spend", 0) == Decimal(largest * 999) / 100
    many = [paid(at / 10, amount=largest) for at in range(1, 1_100)]
    with pytest.raises(UserError, match="beyond 64 bits"):
        run(reader, many, now=NOW)


def test_a_million_events_of_one_customer_are_read_right() -> None:
    reader = engine(
        ("n", {"count": "paid", "within": "30d"}),
        ("kinds", {"distinct": "paid.points"}),
        ("days", {"active": "paid", "by": "day", "within": "365d"}),
    )
    count = 1_000_000
    one = run_rows(reader, [paid(1, points=1)])
    rows = np.repeat(one, count, axis=0)
    times = np.sort(NOW - np.random.default_rng(1).integers(0, 400 * DAY, count))
    rows[:, 0] = (times.view(np.uint64) ^ np.uint64(1 << 63)).byteswap()
    rows[:, 5 + reader.plan.layout.slots("paid")["points"]] = np.arange(count) % 70_001
    found = reader.read(rows, np.array([0, count]), now=NOW)
    inside = times >= NOW - 30 * DAY
    year = times[times >= NOW - 365 * DAY]
    local = np.unique((year + np.array([PRAGUE.offset(int(at)) for at in year[:: len(year)]])[0]) // DAY)
    assert found.value("n", 0) == int(inside.sum())
    assert found.value("kinds", 0) == 70_001
    assert abs(int(found.value("days", 0)) - len(local)) <= 2  # type: ignore[arg-type]


def run_rows(reader: Engine, events: list[OracleEvent]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    store = store_of(events, reader.plan.layout)
    reader.texts.add(store.texts())
    return store.rows(next(node for node, _ in store.nodes()))


def test_many_customers_are_read_as_each_alone() -> None:
    reader = engine(
        ("n", {"count": "paid", "within": "1mo"}),
        ("kinds", {"distinct": "paid.category"}),
        ("mean", {"mean": "paid.amount", "since": "start of year"}),
        ("share", {"share": "paid", "where": "category = 'a'", "within": "90d"}),
    )
    rng = np.random.default_rng(3)
    parts, alone = [], []
    for customer in range(60):
        events = [
            paid(float(rng.integers(0, 100)) + at / 64, f"{customer}-{at}", amount=int(rng.integers(0, 99)),
                 category="abc"[int(rng.integers(0, 3))])
            for at in range(int(rng.integers(0, 6)))
        ]  # fmt: skip
        store = store_of(events, reader.plan.layout)
        reader.texts.add(store.texts())
        rows = np.concatenate(
            [
                np.empty((0, reader.plan.layout.width), np.uint64),
                *map(store.rows, (n for n, _ in store.nodes())),
            ]
        )
        parts.append(rows)
        alone.append(reader.read(rows, np.array([0, len(rows)]), now=NOW))
    repeat = PARALLEL_FROM // 60 + 2
    rows = np.concatenate(parts * repeat)
    people = np.concatenate([[0], np.cumsum([len(part) for part in parts * repeat])])
    found = reader.read(rows, people, now=NOW)
    assert len(found) == 60 * repeat > PARALLEL_FROM
    for at in range(0, len(found), 61):
        expected: Genomes = alone[at % 60]
        assert found.values(at) == expected.values(0)
        assert found.next_change(at) == expected.next_change(0)
        assert found.present[at] == expected.present[0]
