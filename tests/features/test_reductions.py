"""The reductions: cases worked out by hand, to the microsecond, and each clever path against a slow, obvious one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.core.document import read_yaml
from onefold.core.ids import NULL, message_hash, text_code
from onefold.core.instant import DAY, EPOCH, HOUR, MINUTE, SECOND, Span, to_datetime
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.aggregates import REGISTRY, Reduction
from onefold.features.aggregates.base import Numbers
from onefold.features.engine import Engine
from onefold.features.places import Place, Point, kilometres
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.features.reduce import compiled
from onefold.features.values import Value
from onefold.features.wall import instants_of, months_later, walls_of
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS, in_byte_order, pack_times

PRAGUE = "Europe/Prague"
SCHEMA = Schema(
    {
        "paid": EventType(
            "paid",
            (
                Property("amount", ValueType.MONEY, 2),
                Property("x", ValueType.NUMBER, 3),
                Property("shop", ValueType.CATEGORY),
                Property("took", ValueType.DURATION),
                Property("at", ValueType.PLACE),
                Property("note", ValueType.TEXT),
                Property("lines", ValueType.LIST, items=(Property("price", ValueType.MONEY, 2),)),
            ),
        ),
        "page": EventType("page", (Property("path", ValueType.CATEGORY),)),
        "applied": EventType("applied", (Property("path", ValueType.CATEGORY),)),
        "moved": EventType("moved", (Property("start", ValueType.PLACE), Property("end", ValueType.PLACE))),
    },
    {"region": Property("region", ValueType.CATEGORY), "home": Property("home", ValueType.PLACE)},
)
LAYOUT = Layout(SCHEMA)
PLACES = {
    "castle": Place("castle", Point(500900000, 144000000), "sight"),
    "bridge": Place("bridge", Point(500865000, 144114000), "sight"),
    "brno": Place("brno", Point(491951000, 166068000), "branch"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the customer: slot words by property, a place as two."""

    source: str
    time: int
    values: Mapping[str, Any] = field(default_factory=dict)
    order: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What an engine reads of one feature."""

    value: Value
    change: int | None


def _words(value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        return (text_code(value),)
    return tuple(value) if isinstance(value, tuple) else (int(value),)


def _row(event: Event, number: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    row = np.full(LAYOUT.width, NULL, np.int64)
    for name, value in event.values.items():
        at = SLOTS + LAYOUT.slots(event.source)[name]
        words = _words(value)
        row[at : at + len(words)] = words
    row[3], row[4] = 0, LAYOUT.code(event.source)
    row[2] = np.frombuffer(message_hash(event.id or str(number)).to_bytes(8, "big"), np.int64)[0]
    row[:2] = pack_times(np.array([event.time, event.order], np.int64)).view(np.int64)
    return row.view(np.uint64)


def engine_of(definition: Mapping[str, Any], zone_name: str = "UTC", retention: str | None = None) -> Engine:
    """Return an engine of one feature, `f`."""
    section = read_yaml(json.dumps({"features": {"f": definition}}), "features/f.yaml")
    kept = {"paid": Span.parse(retention)} if retention else {}
    features = read_features([section], SCHEMA, retention=kept, places=PLACES)
    section.problems.raise_if_any()
    return Engine(build_plan(features, LAYOUT), zone(zone_name))


def read(engine: Engine, events: Sequence[Event], now: int) -> Read:
    """Return the value of the one customer's feature `f`, and when it changes next."""
    texts = {value for event in events for value in event.values.values() if isinstance(value, str)}
    engine.texts.add((text_code(text), text) for text in sorted(texts))
    rows = in_byte_order(np.stack([_row(event, number) for number, event in enumerate(events)]))
    genomes = engine.read(rows, np.array([0, len(rows)], np.int64), now=now)
    return Read(genomes.value("f", 0), genomes.next_change(0))


def value(definition: Mapping[str, Any], events: Sequence[Event], now: int, zone_name: str = "UTC") -> Value:
    return read(engine_of(definition, zone_name), events, now).value


def at(text: str, zone_name: str = "UTC") -> int:
    return zone(zone_name).parse(text)


def paid(time: int, **values: Any) -> Event:
    return Event("paid", time, values)


# --- stddev --------------------------------------------------------------------------------------------------------


def test_stddev_is_of_a_sample() -> None:
    events = [paid(number, amount=amount) for number, amount in enumerate((200, 400, 900))]
    assert value({"stddev": "paid.amount"}, events, DAY) == pytest.approx(math.sqrt(13))  # mean 5, 9 + 1 + 16, / 2
    assert value({"stddev": "paid.amount"}, events[:1], DAY) is None
    assert value({"stddev": "paid.x"}, events, DAY) is None


# --- trend ---------------------------------------------------------------------------------------------------------


def test_trend_is_the_slope_per_day() -> None:
    events = [paid(0, amount=1000), paid(DAY, amount=2000), paid(2 * DAY, amount=6000)]
    assert value({"trend": "paid.amount"}, events, 3 * DAY) == 25.0  # money a day
    assert value({"trend": "paid.amount", "within": "2d"}, events, 3 * DAY) == 40.0
    assert value({"trend": "paid.took"}, [paid(0, took=SECOND), paid(DAY // 2, took=3 * SECOND)], DAY) == 4.0
    assert value({"trend": "paid.x"}, [paid(0, x=1500), paid(DAY, x=1750)], DAY) == 0.25


def test_trend_needs_two_distinct_times() -> None:
    same = [paid(DAY, amount=100), Event("paid", DAY, {"amount": 300}, order=1)]
    assert value({"trend": "paid.amount"}, same, DAY) is None
    assert value({"trend": "paid.amount"}, [*same, paid(DAY + 1, amount=200)], 2 * DAY) == 0.0
    assert value({"trend": "paid.amount"}, [*same, paid(DAY + 1, shop="a")], 2 * DAY) is None


VALUES = st.one_of(st.integers(-3, 3), st.integers(-(10**12), 10**12), st.integers(-(2**61) + 1, 2**61 - 1))
TIMES = st.one_of(st.integers(0, 5), st.integers(-8_520_336_000_000_000, 7_258_118_400_000_000 - 1))


def _slope(times: Sequence[int], values: Sequence[int]) -> Fraction:
    count = len(times)
    above = count * sum(x * y for x, y in zip(times, values, strict=True)) - sum(times) * sum(values)
    return Fraction(above, count * sum(x * x for x in times) - sum(times) ** 2) * DAY


def _reduced(name: str, times: Sequence[int], words: Sequence[int], numbers: Sequence[int], now: int = 0,
             more: Sequence[int] = ()) -> tuple[Numbers, Numbers]:  # fmt: skip
    reduction = REGISTRY[name]
    assert isinstance(reduction, Reduction)
    people, out, changes = np.array([0, len(times)]), np.array([NULL]), np.array([2**63 - 1])
    beside = np.array(more or times, np.int64)
    if reduction.derive is not None:
        beside = reduction.derive(np.array(times, np.int64), zone("UTC"), tuple(numbers))
    compiled(reduction.reduce)(
        people, np.array(times, np.int64), np.array(words, np.int64), beside, np.ones(len(times), np.int64), now,
        np.array(numbers, np.int64), out, out.view(np.float64), changes,
    )  # fmt: skip
    return out, changes


@given(st.lists(st.tuples(TIMES, VALUES), min_size=2, max_size=8))
def test_trend_equals_exact_arithmetic(events: list[tuple[int, int]]) -> None:
    times, values = zip(*sorted(events), strict=True)
    if times[0] == times[-1]:
        return
    (out,), _ = _reduced("trend", times, values, [1])
    assert out.view(np.float64) == pytest.approx(float(_slope(times, values)), rel=1e-14, abs=0)


def test_trend_of_values_that_fill_64_bits() -> None:
    (out,), _ = _reduced("trend", [0, DAY], [-(2**63) + 1, 2**63 - 1], [1])
    assert out.view(np.float64) == pytest.approx(2.0**64, rel=1e-15)


def test_trend_of_many_events_is_exact() -> None:
    count = 200_000  # more than one block of products
    times = (np.arange(count) * 1_000_003).tolist()
    values = [(7 * number * number) % 10_007 for number in range(count)]
    (out,), _ = _reduced("trend", times, values, [1])
    assert out.view(np.float64) == pytest.approx(float(_slope(times, values)), rel=1e-14)


# --- top -----------------------------------------------------------------------------------------------------------


def test_top_is_the_most_frequent_and_of_several_the_most_recent() -> None:
    shops = "abacbd"
    events = [paid(number * HOUR, shop=shop) for number, shop in enumerate(shops)]
    assert value({"top": "paid.shop"}, events, DAY) == "b"  # a and b twice: b was seen last
    assert value({"top": "paid.shop"}, events[:4], DAY) == "a"
    assert value({"top": "paid.shop", "within": "1h"}, events, 5 * HOUR) == "d"
    assert value({"top": "paid.shop"}, [paid(0, amount=1)], DAY) is None
    assert value({"top": "paid.amount"}, [paid(0, amount=5), paid(1, amount=5), paid(2, amount=9)], DAY) == Decimal(
        "0.05"
    )


def test_top_breaks_ties_at_one_instant_by_order_then_hash() -> None:
    later = [Event("paid", 0, {"shop": "a"}, order=1), Event("paid", 0, {"shop": "b"}, order=0)]
    assert value({"top": "paid.shop"}, later, DAY) == "a"
    first, second = sorted(("m1", "m2"), key=message_hash)
    hashed = [Event("paid", 0, {"shop": "x"}, id=second), Event("paid", 0, {"shop": "y"}, id=first)]
    assert value({"top": "paid.shop"}, hashed, DAY) == "x"


def test_top_does_not_see_a_statement_of_null() -> None:
    events = [Event("traits.region", 0, {"value": "Brno"}), Event("traits.region", 1), Event("traits.region", 2)]
    assert value({"top": "traits.region"}, events, DAY) == "Brno"


# --- hours ---------------------------------------------------------------------------------------------------------


def test_hours_wrap_over_midnight_and_end_before_the_last() -> None:
    clock = ["21:59:59.999999", "22:00", "23:30", "05:59:59.999999", "06:00", "12:00"]
    events = [paid(at(f"2026-05-04T{time}Z"), amount=1) for time in clock]
    now = at("2026-05-05")
    assert value({"hours": [22, 6], "event": "paid"}, events, now) == 3 / 6
    assert value({"hours": [6, 22], "of": "paid"}, events, now) == 3 / 6
    assert value({"hours": [0, 24], "event": "paid"}, events, now) == 1.0
    assert value({"hours": [22, 24], "event": "paid"}, events, now) == 2 / 6


def test_hours_are_those_of_the_local_clock() -> None:
    before, after = at("2026-03-29T00:59:59.999999Z"), at("2026-03-29T01:00:00Z")  # 02:00 became 03:00
    definition = {"hours": [2, 3], "event": "paid"}
    assert value(definition, [paid(before)], after, PRAGUE) == 0.0
    assert value(definition, [paid(after)], after, PRAGUE) == 0.0
    assert value({"hours": [1, 2], "event": "paid"}, [paid(before)], after, PRAGUE) == 1.0
    assert value({"hours": [3, 4], "event": "paid"}, [paid(after)], after, PRAGUE) == 1.0
    twice = [paid(at("2026-10-25T00:30:00Z")), paid(at("2026-10-25T01:30:00Z"))]  # 02:30, and 02:30 again
    assert value(definition, twice, at("2026-10-26"), PRAGUE) == 1.0


def test_hours_of_those_that_pass_or_of_all() -> None:
    night, noon = at("2026-05-04T23:00Z"), at("2026-05-04T12:00Z")
    events = [paid(night, shop="a"), paid(noon, shop="a"), paid(night + 1, shop="b"), paid(noon + 1)]
    now, where = at("2026-05-05"), "shop = 'a'"
    assert value({"hours": [22, 6], "event": "paid", "where": where}, events, now) == 1 / 2
    assert value({"share": "paid", "hours": [22, 6], "where": where}, events, now) == 1 / 4
    assert value({"share": "paid", "hours": [22, 6], "where": "shop = 'c'"}, events, now) == 0.0
    assert value({"hours": [22, 6], "event": "paid", "where": "shop = 'c'"}, events, now) is None
    assert value({"share": "paid", "hours": [22, 6]}, [Event("page", 0)], now) is None


def test_hours_of_all_change_with_every_event_of_the_type() -> None:
    events = [paid(0, shop="a"), paid(HOUR, shop="b")]
    body = {"hours": [22, 6], "where": "shop = 'b'", "within": "1d"}
    assert read(engine_of({**body, "event": "paid"}), events, 2 * HOUR).change == HOUR + DAY + 1
    assert read(engine_of({**body, "share": "paid"}), events, 2 * HOUR).change == DAY + 1


# --- recurring -----------------------------------------------------------------------------------------------------

MONTHLY = {"recurring": "paid.amount", "every": "month"}


def salaries(*days: str, amounts: Sequence[int] | None = None, clock: str = "09:00") -> list[Event]:
    some = amounts or [1000] * len(days)
    return [paid(at(f"{day}T{clock}Z"), amount=amount) for day, amount in zip(days, some, strict=True)]


def test_recurring_is_the_newest_of_three() -> None:
    events = salaries("2026-01-10", "2026-02-12", "2026-03-09", amounts=[100_00, 110_00, 95_00])
    assert value(MONTHLY, events, at("2026-03-20")) == 95
    assert value(MONTHLY, events[:2], at("2026-03-20")) is None
    assert value(MONTHLY, events, at("2026-03-09T08:59:59.999999Z")) is None


def test_recurring_is_overdue_a_microsecond_after_five_days() -> None:
    engine = engine_of(MONTHLY)
    events = salaries("2026-01-10", "2026-02-10", "2026-03-10")
    last = at("2026-04-15T09:00Z")
    assert read(engine, events, last) == Read(10, last + 1)
    assert read(engine, events, last + 1) == Read(None, None)


@pytest.mark.parametrize(("off", "chain"), [(0, True), (5 * DAY, True), (5 * DAY + 1, False), (-5 * DAY, True),
                                            (-5 * DAY - 1, False)])  # fmt: skip
def test_recurring_margin_to_the_microsecond(off: int, chain: bool) -> None:
    events = [*salaries("2026-01-10", "2026-02-10"), paid(at("2026-03-10T09:00Z") + off, amount=1000)]
    assert (value(MONTHLY, events, at("2026-03-20")) is not None) == chain


@pytest.mark.parametrize(
    ("tolerance", "amounts", "chain"),
    [
        ("20%", (10000, 12000, 9600), True),
        ("20%", (10000, 12001, 12001), False),
        ("20%", (10000, 8000, 6400), True),
        ("20%", (10000, 8000, 6399), False),
        ("0%", (7, 7, 7), True),
        ("0%", (7, 7, 8), False),
        ("12.5%", (800, 900, 1012), True),
        ("12.5%", (800, 900, 1013), False),
        ("100%", (100, 0, 0), True),
        ("100%", (100, 200, 400), True),
        ("100%", (100, 200, 401), False),
        ("100%", (0, 1, 1), False),
        ("20%", (-10000, -12000, -9600), True),
        ("20%", (-10000, -12001, -12001), False),
        ("20%", (1000, -1000, 1000), False),
        ("20%", (0, 0, 0), True),
    ],
)
def test_recurring_tolerance_is_exact(tolerance: str, amounts: tuple[int, ...], chain: bool) -> None:
    events = salaries("2026-01-10", "2026-02-10", "2026-03-10", amounts=amounts)
    found = value({**MONTHLY, "tolerance": tolerance}, events, at("2026-03-20"))
    assert found == (Decimal(amounts[-1]) / 100 if chain else None)


def test_recurring_leaves_out_what_lies_between() -> None:
    rent = salaries("2026-01-01", "2026-02-01", "2026-03-01", amounts=[500_00] * 3)
    other = salaries("2026-01-15", "2026-02-20", "2026-03-02", amounts=[7_00, 80_00, 900_00], clock="10:00")
    assert value(MONTHLY, [*rent, *other], at("2026-03-05")) == 500


def test_recurring_weeks_quarters_and_years() -> None:
    weeks = salaries("2026-03-20", "2026-03-27", "2026-04-03")  # over a change of clocks
    assert value({**MONTHLY, "every": "week"}, weeks, at("2026-04-04"), PRAGUE) == 10
    assert value(MONTHLY, weeks, at("2026-04-04"), PRAGUE) is None
    quarters = salaries("2025-11-30", "2026-03-01", "2026-05-30")
    assert value({**MONTHLY, "every": "quarter"}, quarters, at("2026-06-01")) == 10
    years = salaries("2024-02-29", "2025-03-01", "2026-03-01")
    assert value({**MONTHLY, "every": "year"}, years, at("2026-03-02")) == 10


def test_recurring_due_is_a_wall_clock() -> None:
    """Due on 29 March at 02:30, which does not exist in Prague: at 03:00, 01:00 in UTC."""
    engine = engine_of({**MONTHLY, "every": "week"}, PRAGUE)
    events = [paid(at(f"2026-03-{day}T02:30", PRAGUE), amount=1000) for day in ("08", "15", "22")]
    due = at("2026-03-29T01:00Z")
    assert read(engine, events, due).change == due + 5 * DAY + 1


AMOUNTS = st.one_of(st.integers(-3, 3), st.integers(90, 130), st.integers(-130, -90), st.integers(-(2**62), 2**62))
GAPS = st.sampled_from([0, 1, DAY, 7 * DAY, 28 * DAY, 30 * DAY, 31 * DAY, 33 * DAY, 5 * DAY, 36 * DAY])


@settings(max_examples=300)
@given(
    st.lists(st.tuples(GAPS, AMOUNTS), max_size=12),
    st.sampled_from([0, 1]),
    st.sampled_from([Fraction(0), Fraction(1, 8), Fraction(1, 5), Fraction(9999, 10000), Fraction(1)]),
)
def test_recurring_equals_all_chains(steps: list[tuple[int, int]], months: int, tolerance: Fraction) -> None:
    times = np.cumsum([gap for gap, _ in steps], dtype=np.int64).tolist()
    amounts = [amount for _, amount in steps]
    now = max([0, *times])
    (word,), (change,) = _reduced("recurring", times, amounts, (months, *tolerance.as_integer_ratio()), now)
    due = [_naive_due(time, months) for time in times]
    length: list[int] = []
    for j, (time, amount) in enumerate(zip(times, amounts, strict=True)):
        before = [
            length[i]
            for i in range(j)
            if abs(time - due[i]) <= 5 * DAY and abs(amount - amounts[i]) <= tolerance * abs(amounts[i])
        ]
        length.append(1 + max(before, default=0))
    ends = [j for j in range(len(times)) if length[j] >= 3]
    if ends and now <= due[ends[-1]] + 5 * DAY:
        assert (word, change) == (amounts[ends[-1]], due[ends[-1]] + 5 * DAY + 1)
    else:
        assert (word, change) == (NULL, 2**63 - 1)


def _naive_due(time: int, months: int) -> int:
    moment = to_datetime(time)
    if not months:
        return time + 7 * DAY
    month = moment.month % 12 + 1
    year = moment.year + (moment.month == 12)
    try:
        later = moment.replace(year=year, month=month)
    except ValueError:
        later = datetime(year, month, 28, tzinfo=EPOCH.tzinfo) + timedelta(days=7)
        later = later.replace(day=1)
    return (later - EPOCH) // timedelta(microseconds=1)


# --- wall clocks of many instants ----------------------------------------------------------------------------------


@given(st.lists(st.integers(-(10**15), 7 * 10**15), min_size=1, max_size=20), st.sampled_from(
    ["UTC", PRAGUE, "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]))  # fmt: skip
def test_wall_clocks_equal_those_of_the_zone(instants: list[int], name: str) -> None:
    here, some = zone(name), np.array(instants, np.int64)
    walls = walls_of(some, here)
    assert walls.tolist() == [here.local(one) for one in instants]
    assert instants_of(some, here).tolist() == [here.resolve(one) for one in instants]


@pytest.mark.parametrize(
    ("wall", "months", "later"),
    [
        ("2026-01-31T10:00", 1, "2026-03-01T00:00"),
        ("2024-02-29T10:00", 12, "2025-03-01T00:00"),
        ("2026-12-15T10:00", 1, "2027-01-15T10:00"),
        ("1969-10-31T23:59", 3, "1970-01-31T23:59"),
    ],
)
def test_months_later(wall: str, months: int, later: str) -> None:
    assert months_later(np.array([at(wall + "Z")]), months).tolist() == [at(later + "Z")]


# --- sequence ------------------------------------------------------------------------------------------------------

TWICE = {"sequence": ["page", "page"], "without": "applied", "within": "7d", "after": "48h"}


def test_sequence_becomes_true_when_enough_time_has_passed() -> None:
    engine = engine_of(TWICE)
    events = [Event("page", 0), Event("page", HOUR)]
    assert read(engine, events, 2 * HOUR) == Read(False, HOUR + 48 * HOUR)
    assert read(engine, events, 49 * HOUR - 1) == Read(False, 49 * HOUR)
    assert read(engine, events, 49 * HOUR) == Read(True, 7 * DAY + 1)
    assert read(engine, events, 7 * DAY) == Read(True, 7 * DAY + 1)
    assert read(engine, events, 7 * DAY + 1) == Read(False, 7 * DAY + HOUR + 1)


def test_sequence_needs_strictly_increasing_times() -> None:
    same = [Event("page", 0), Event("page", 0, order=1)]
    definition = {"sequence": ["page", "page"]}
    assert value(definition, same, DAY) is False
    assert value(definition, [*same, Event("page", 1)], DAY) is True
    swapped = [Event("applied", 0, order=1), Event("page", 0)]
    assert value({"sequence": ["page", "applied"]}, swapped, DAY) is False


def test_sequence_without() -> None:
    definition = {"sequence": ["page", "page"], "without": ["applied", {"event": "paid", "where": "amount > 1"}]}
    pages = [Event("page", HOUR), Event("page", 3 * HOUR)]
    assert value(definition, [*pages, Event("applied", HOUR)], DAY) is True  # at the instant of the first: before it
    assert value(definition, [*pages, Event("applied", HOUR + 1)], DAY) is False
    assert value(definition, [*pages, Event("applied", 4 * HOUR)], DAY) is False
    assert value(definition, [*pages, paid(4 * HOUR, amount=100)], DAY) is True
    assert value(definition, [*pages, paid(4 * HOUR, amount=101)], DAY) is False
    again = [*pages, Event("applied", 2 * HOUR), Event("page", 5 * HOUR)]
    assert value(definition, again, DAY) is True  # the pages of 3 and 5 h
    future = [*pages, Event("applied", 2 * DAY)]
    assert read(engine_of(definition), future, DAY) == Read(True, 2 * DAY)
    assert read(engine_of(definition), future, 2 * DAY) == Read(False, None)


def test_sequence_without_reaches_beyond_the_window_s_end() -> None:
    definition = {"sequence": ["page", "page"], "without": "applied", "between": ["10d", "5d"]}
    pages = [Event("page", 0), Event("page", HOUR)]
    assert value(definition, pages, 8 * DAY) is True
    assert value(definition, [*pages, Event("applied", 8 * DAY)], 8 * DAY) is False


def test_sequence_steps_have_filters_of_their_own_and_one_in_common() -> None:
    steps = [{"event": "page", "where": "path = '/a'"}, "page", {"event": "applied"}]
    events = [Event("page", 0, {"path": "/a"}), Event("page", 1, {"path": "/b"}), Event("applied", 2, {"path": "/c"})]
    assert value({"sequence": steps}, events, DAY) is True
    assert value({"sequence": steps}, events[1:], DAY) is False
    assert value({"sequence": steps, "where": "path <> '/b'"}, events, DAY) is False
    assert value({"sequence": ["page"], "where": "path = '/z'"}, events, DAY) is False


# --- session -------------------------------------------------------------------------------------------------------


def pages(*times: int) -> list[Event]:
    return [Event("page", time, {"path": f"/{number}"}) for number, time in enumerate(times)]


def test_sessions_end_after_a_gap() -> None:
    half = 30 * MINUTE
    visits = pages(0, half, 2 * half + 1, 2 * half + 5 * SECOND)  # the gap itself does not end one

    def ask(**more: str) -> Value:
        return value({"session": "page.path", **more}, visits, DAY)

    assert ask() == 2
    assert ask(of="last") == 1
    assert ask(stat="pages") == 4
    assert ask(stat="pages", of="last") == 2
    assert ask(stat="seconds") == Decimal("1804.999999")
    assert ask(stat="seconds", of="last") == Decimal("4.999999")
    assert ask(stat="entry") == "/2"
    assert ask(stat="entry", gap="1h") == "/0"
    assert ask(gap="29m") == 3


def test_no_session() -> None:
    for stat, empty in {"count": 0, "seconds": None, "pages": None, "entry": None}.items():
        assert value({"session": "page.path", "stat": stat}, [Event("page", 0)], DAY) == empty
    assert value({"session": "page"}, [Event("page", 0)], DAY) == 1


# --- near ----------------------------------------------------------------------------------------------------------


def test_near_counts_what_is_within_the_radius() -> None:
    here, north = (500900000, 144000000), (501080000, 144000000)  # 2.0015 km apart
    events = [paid(0, at=here), paid(1, at=north), paid(2, amount=1)]
    at_castle = {"event": "paid", "point": [50.09, 14.40]}
    assert value({"near": {**at_castle, "radius": "2km"}}, events, DAY) == 1
    assert value({"near": {**at_castle, "radius": "2.0016km"}}, events, DAY) == 2
    assert value({"near": {**at_castle, "radius": "2001m"}, "where": "amount > 0"}, events, DAY) == 0
    assert value({"near": {**at_castle, "radius": "2001m"}}, [paid(0, amount=1)], DAY) == 0
    assert value({"near": {"event": "paid.at", "places": ["bridge", "branch"], "radius": "1km"}}, events, DAY) == 1


def test_near_distance_is_that_of_the_last_place() -> None:
    events = [paid(0, at=(491951000, 166068000)), paid(1, at=(500900000, 144000000)), paid(2, amount=1)]
    expected = kilometres(PLACES["castle"].point, PLACES["bridge"].point)
    assert value({"near": {"event": "paid", "places": "bridge", "stat": "distance"}}, events, DAY) == expected
    assert value({"near": {"event": "paid", "places": "sight"}, "stat": "distance"}, events, DAY) == 0.0
    assert value({"near": {"event": "paid", "point": [50, 14]}, "stat": "distance"}, [paid(0)], DAY) is None
    moved = [Event("traits.home", 0, {"value": (0, 1799000000)})]
    across = value({"near": {"event": "traits.home", "point": [0, -179.9], "stat": "distance"}}, moved, DAY)
    assert across == pytest.approx(0.2 * 6371.0088 * math.pi / 180)


LATITUDES, LONGITUDES = st.integers(-900000000, 900000000), st.integers(-1800000000, 1800000000)
POINTS = st.one_of(
    st.tuples(LATITUDES, LONGITUDES), st.tuples(st.integers(500000000, 500300000), st.integers(144000000, 144300000))
)


@given(st.lists(POINTS, min_size=1, max_size=12), st.lists(POINTS, max_size=6), st.integers(1, 20_000_000_000))
def test_near_equals_measuring_everything(
    points: list[tuple[int, int]], events: list[tuple[int, int]], millimetres: int
) -> None:
    numbers = [millimetres, *(number for point in sorted(points) for number in point)]
    times = list(range(len(events)))
    longitudes = [longitude for _, longitude in events] or [0]
    (word,), _ = _reduced("near", times, [latitude for latitude, _ in events], numbers, more=longitudes)
    nearest = [min(kilometres(Point(*event), Point(*point)) for point in points) for event in events]
    assert word == (sum(one <= millimetres / 1e6 for one in nearest) if events else NULL)
    numbers[0] = -1
    (word,), _ = _reduced("near", times, [latitude for latitude, _ in events], numbers, more=longitudes)
    if events:
        assert word.view(np.float64) == pytest.approx(nearest[-1], rel=1e-12)


# --- definitions at fault ------------------------------------------------------------------------------------------

FAULTS = {
    "stddev: paid": "takes a property of an event",
    "stddev: paid.shop": "its type is category",
    "trend: paid.at": "its type is place",
    "top: paid.note": "it stays in the vault",
    "top: paid.at": "its type is place",
    "hours: [22, 6]": "it names no event",
    "hours: [22, 6], event: paid, of: page": "it names `event` and `of`",
    "hours: [22, 6], event: paid.amount": "takes an event",
    "hours: [22, 25], event: paid": "two whole hours",
    "hours: 22, event: paid": "two whole hours",
    "hours: [1.5, 6], event: paid": "two whole hours",
    "hours: [6, 6], event: paid": "no time lies between",
    "hours: [24, 0], event: paid": "no time lies between",
    "share: paid, hours: [22, 6], count: paid": "it has several",
    "recurring: paid.amount": "it is missing",
    "recurring: paid.amount, every: day": "'day' is not known",
    "recurring: paid.shop, every: week": "its type is category",
    "recurring: paid.took, every: week": "its type is duration",
    "recurring: paid.amount, every: week, tolerance: 0.2": "a percentage",
    "recurring: paid.amount, every: week, tolerance: 101%": "a percentage",
    "sequence: []": "1 to 20 steps",
    "sequence: [page], without: []": "1 to 20 steps",
    "sequence: [page, page, page, page, page, page, page, page, page, page, page, page, page, page, page, page, page, "
    "page, page, page, page]": "1 to 20 steps",
    "sequence: [page.path]": "takes an event",
    "sequence: [pages]": "Did you mean `page`",
    "sequence: [{where: path = '/a'}]": "it is missing",
    "sequence: [{event: page, when: path = '/a'}]": "no such key",
    "sequence: [{event: page, where: amount > 1}]": "Use one of path",
    "sequence: [page, paid], where: path = '/a'": "Use one of amount, shop",
    "sequence: [page], after: 1mo": "no fixed length",
    "sequence: [page], after: soon": "is no span of time",
    "session: page, gap: 1y": "no fixed length",
    "session: page, stat: clicks": "'clicks' is not known",
    "session: page, of: first": "'first' is not known",
    "session: page, stat: entry": "the value of a property",
    "session: paid.at": "its type is place",
    "near: ": "it names no event",
    "near: paid": "a mapping belongs here",
    "near: {point: [50, 14], radius: 1km}": "it is missing",
    "near: {event: paid, radius: 1km}": "neither a point nor places",
    "near: {event: paid, point: [50, 14], places: sight, radius: 1km}": "both a point and places",
    "near: {event: paid, point: [14], radius: 1km}": "a latitude and a longitude",
    "near: {event: paid, point: [91, 14], radius: 1km}": "a latitude and a longitude",
    "near: {event: paid, places: [sights], radius: 1km}": "no place and no kind",
    "near: {event: paid, places: [], radius: 1km}": "it names no place",
    "near: {event: paid, places: sight}": "a count needs a radius",
    "near: {event: paid, places: sight, radius: 1mi}": "a distance on Earth",
    "near: {event: paid, places: sight, radius: 0m}": "a distance on Earth",
    "near: {event: paid, places: sight, radius: 30000km}": "a distance on Earth",
    "near: {event: paid, places: sight, radius: 1km, stat: nearest}": "'nearest' is not known",
    "near: {event: paid, places: sight, stat: count, radius: 1km}, stat: count": "beside `near`, too",
    "near: {event: page, places: sight, radius: 1km}": "no property that is a place",
    "near: {event: moved, places: sight, radius: 1km}": "several places",
    "near: {event: paid.amount, places: sight, radius: 1km}": "its type is money",
    "near: {event: paid, places: sight, radius: 1km}, gap: 1h": "no such key",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_have_a_place_and_a_remedy(text: str) -> None:
    section = read_yaml(f"features:\n  f: {{{text}}}\n", "features/f.yaml")
    features = read_features([section], SCHEMA, places=PLACES)
    problems = section.problems.found
    assert FAULTS[text] in " ".join(f"{one.why} {one.remedy}" for one in problems), problems
    assert all(one.remedy and one.place.line == 2 for one in problems)
    assert len(problems) == 1
    assert "f" not in features.features or FAULTS[text] == "no such key"


# --- all of them ---------------------------------------------------------------------------------------------------


def test_events_enter_and_leave_the_window() -> None:
    engine = engine_of({"session": "paid", "between": ["2d", "1d"]}, retention="36h")
    events = [paid(0), paid(DAY)]
    assert read(engine, events, HOUR) == Read(0, DAY + 1)
    assert read(engine, events, DAY + 1) == Read(1, 36 * HOUR + 1)
    assert read(engine, events, 36 * HOUR + 1) == Read(0, 2 * DAY + 1)


def test_local_clocks_agree_with_zoneinfo() -> None:
    now = at("2026-10-25T03:00Z")
    for minute in range(0, 24 * 60, 7):
        time = now - DAY + minute * MINUTE
        hour = to_datetime(time).astimezone(ZoneInfo(PRAGUE)).hour
        assert value({"hours": [hour, hour + 1], "event": "paid"}, [paid(time)], now, PRAGUE) == 1.0
