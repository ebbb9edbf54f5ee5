"""Real definitions as the oracle reads them: against features and conditions that tests write down by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from tests.features.harness import same, schema_of
from tests.oracles.definitions import Definition, Places
from tests.oracles.genome import OracleEvent, Value
from tests.oracles.hand_cases import HAND_CASES, SCHEMA, HandCase
from tests.oracles.streams import Case, cases

from onefold.core.document import read_yaml
from onefold.core.instant import DAY, LATEST, Span, days_of
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.features.aggregates import REGISTRY
from onefold.features.definitions import Aggregated, FeatureSet
from onefold.features.places import Place, Point
from onefold.features.reading import read_features
from onefold.language.ast import Kind
from onefold.language.parse import parse_predicate
from onefold.language.scope import Scope
from onefold.oracle.calendar import instant
from onefold.oracle.definitions import oracle_feature
from onefold.oracle.genome import Oracle, row_of, truth
from onefold.oracle.reading import AGGREGATES, oracle_genome

NOON = instant("2026-06-01T12:00:00Z")


def features_of(
    text: str, schema: Schema, retention: Mapping[str, Span] | None = None, places: Places | None = None
) -> FeatureSet:
    section = read_yaml(text, "features/case.yaml")
    named = {name: Place(name, Point(*point), kind) for name, (point, kind) in (places or {}).items()}
    features = read_features([section], schema, retention=retention, places=named)
    section.problems.raise_if_any()
    return features


def case_features(
    definitions: Sequence[Definition], schema: Schema, retention: Mapping[str, Span], places: Places | None = None
) -> FeatureSet:
    text = json.dumps({"features": {one.name: one.yaml for one in definitions}}, ensure_ascii=False)
    return features_of(text, schema, retention, places)


def test_every_aggregate_has_its_oracle() -> None:
    assert set(AGGREGATES) == set(REGISTRY)


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_examples_by_hand(case: HandCase) -> None:
    features = case_features(case.definitions, schema_of(SCHEMA), case.retention)
    found = Oracle(features, case.zone).genome(case.events, now=case.now, known=case.known)
    _agrees(features, found.values, case.expected)
    assert found.next_change == case.next_change


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_generated_definitions(case: Case) -> None:
    retention = {source: Span.parse(span) for source, span in case.retention.items()}
    features = case_features(case.definitions, schema_of(case.schema), retention, case.places)
    found = Oracle(features, case.zone).genome(case.events, now=case.now, known=case.known)
    values, change = case.genome()
    _agrees(features, found.values, values)
    assert found.next_change == change


def _agrees(features: FeatureSet, found: Mapping[str, object], expected: Mapping[str, Value]) -> None:
    assert list(found) == list(features.features)
    for name, wanted in expected.items():
        result = features.features[name].body.result
        assert same(found[name], wanted, result.type, result.scale), (name, found[name], wanted)


PAID = EventType(
    "paid",
    (
        Property("amount", ValueType.MONEY, 2),
        Property("rate", ValueType.NUMBER, 3),
        Property("shop", ValueType.CATEGORY),
        Property("ok", ValueType.BOOLEAN),
        Property("due", ValueType.DATE),
        Property("at", ValueType.INSTANT),
        Property("took", ValueType.DURATION),
    ),
)
TRAITS = {
    "birth_date": Property("birth_date", ValueType.DATE),
    "region": Property("region", ValueType.CATEGORY),
    "income": Property("income", ValueType.MONEY, 2),
}
SHOP = Schema({"paid": PAID}, TRAITS)
ALL = """
features:
  spend: {sum: paid.amount}
  mean:  {mean: paid.amount}
  rate:  {last: paid.rate}
  shop:  {last: paid.shop}
  ok:    {last: paid.ok}
  due:   {last: paid.due}
  at:    {last: paid.at}
  took:  {sum: paid.took}
  slow:  {mean: paid.took}
  ahead: {until: paid.at}
  half:  {expr: spend / 2}
  rich:  {expr: income > 1000 AND spend > 5}
  later: {expr: "CASE WHEN region = 'north' THEN due ELSE birth_date END"}
  years: {expr: age}
  deep:  {expr: half + spend}
"""


def paid(time: int, **properties: Value) -> OracleEvent:
    full = {known.name: None for known in PAID.properties} | properties
    return OracleEvent("paid", time, f"m{time}", time, full)


def stated(trait: str, value: Value, time: int = 0) -> OracleEvent:
    return OracleEvent(f"traits.{trait}", time, f"{trait}{time}", time, {"value": value})


def test_values_are_plain_as_they_are_served() -> None:
    day, later = days_of(date(2026, 1, 2)), NOON + 6 * 3_600_000_000
    events = [
        paid(1, amount=250, rate=500, shop="x", took=1_500_000),
        paid(2, amount=1000, ok=True, due=day, at=later, took=1_000_000),
        stated("income", 200_000),
        stated("region", "north"),
        stated("birth_date", days_of(date(2000, 6, 2))),
    ]
    found = Oracle(features_of(ALL, SHOP), "UTC").genome(events, now=NOON, known=LATEST).values
    assert found == {
        "spend": Decimal("12.50"), "mean": 6.25, "rate": Decimal(500), "shop": "x", "ok": True,
        "due": date(2026, 1, 2), "at": "2026-06-01T18:00:00Z", "took": 2.5, "slow": 1.25, "ahead": 0.25, "half": 6.25,
        "rich": True, "later": date(2026, 1, 2), "years": 25.0, "deep": 18.75,
    }  # fmt: skip
    assert {name: type(value).__name__ for name, value in found.items()} == {
        "spend": "Decimal", "mean": "float", "rate": "Decimal", "shop": "str", "ok": "bool", "due": "date", "at": "str",
        "took": "float", "slow": "float", "ahead": "float", "half": "float", "rich": "bool", "later": "date",
        "years": "float", "deep": "float",
    }  # fmt: skip


def test_nothing_to_see() -> None:
    found = Oracle(features_of(ALL, SHOP), "UTC").genome([], now=NOON, known=LATEST)
    zeros = {"spend": Decimal("0.00"), "took": 0.0, "half": 0.0, "deep": 0.0}
    assert found.values == dict.fromkeys(found.values) | zeros | {"rich": False}
    assert found.next_change is None


def test_the_next_change_of_instants_birthdays_and_midnights() -> None:
    events = [paid(2, at=NOON + 5), stated("birth_date", days_of(date(2000, 6, 3)))]
    shorter = features_of("features:\n  ahead: {until: paid.at}\n", SHOP)
    with_age = features_of("features:\n  years: {expr: age}\n", SHOP)
    today = features_of("features:\n  due: {count: paid, where: due >= CURRENT_DATE}\n", SHOP)
    age = parse_predicate("age > 3", Scope({"age": Kind.NUMBER}))
    for oracle, change in (
        (Oracle(shorter, "UTC"), NOON + 6),
        (Oracle(shorter, "UTC", [age]), NOON + 6),
        (Oracle(with_age, "UTC"), instant("2026-06-03T00:00:00Z")),
        (Oracle(today, "Europe/Prague"), instant("2026-06-01T22:00:00Z")),
        (Oracle(features_of("features: {}", SHOP), "UTC", [age]), instant("2026-06-03T00:00:00Z")),
        (Oracle(features_of("features: {}", SHOP), "UTC"), None),
    ):
        assert oracle.genome(events, now=NOON, known=LATEST).next_change == change


def test_every_event_is_seen_where_that_is_asked_for() -> None:
    last = features_of("features:\n  shop: {last: paid.shop}\n", SHOP).features["shop"].body
    assert isinstance(last, Aggregated)
    always = Aggregated(last.aggregate, last.source, last.prop, last.window, every_event=True)
    events = [paid(1, shop="x"), paid(2)]
    for body, value in ((last, "x"), (always, None)):
        feature = oracle_feature("shop", body, today=0)
        found, _ = oracle_genome(events, [feature], now=NOON, known=LATEST, zone="UTC", retention={})
        assert found == {"shop": value}


def test_rows_are_what_expressions_see() -> None:
    events = [
        paid(1, amount=1250, ok=False, due=3, took=1_500_000, rate=500),
        stated("income", 200_000),
        stated("region", "north", 1),
        stated("region", None, 2),
        stated("birth_date", days_of(date(2000, 6, 1))),
    ]
    found = Oracle(features_of(ALL, SHOP), "UTC").genome(events, now=NOON, known=LATEST)
    row = row_of(found, {"segment.x": True, "context.page": "/home"})
    seen = {name: row[name] for name in ("spend", "ok", "due", "took", "income", "region", "age", "half", "segment.x")}
    assert seen == {
        "spend": 1250.0, "ok": False, "due": 3.0, "took": 1_500_000.0, "income": 200_000.0, "region": None, "age": 26.0,
        "half": 625.0, "segment.x": True,
    }  # fmt: skip
    assert all(type(value) is not int for value in seen.values())
    assert row.get("nosuch") is None
    assert set(row) == {*found.values, "segment.x", "context.page"}
    assert len(row) == len(set(row))
    scope = Scope({"income": Kind.MONEY, "region": Kind.CATEGORY, "age": Kind.NUMBER, "segment.x": Kind.BOOLEAN})
    for text, holds in (
        ("income = 2000", True), ("age >= 26", True), ("region = 'north'", False), ("NOT region = 'north'", False),
    ):  # fmt: skip
        assert truth(parse_predicate(text, scope), row) is holds


def test_today_is_that_of_the_zone() -> None:
    features = features_of("features:\n  due: {count: paid, where: due = CURRENT_DATE}\n", SHOP)
    events = [paid(1, due=days_of(date(2026, 6, 2)))]
    for zone, count in (("Europe/Prague", 1), ("UTC", 0)):
        now = instant("2026-06-01T22:30:00Z")
        assert Oracle(features, zone).genome(events, now=now, known=LATEST).values["due"] == count


def test_retention_takes_traits_too() -> None:
    features = features_of("features:\n  rich: {expr: income > 0}\n", SHOP, {"traits": Span.parse("30d")})
    oracle = Oracle(features, "UTC")
    found = oracle.genome([stated("income", 5, NOON)], now=NOON + 30 * DAY, known=LATEST)
    assert (found.values["rich"], found.next_change) == (True, NOON + 30 * DAY + 1)
    assert oracle.genome([stated("income", 5, NOON)], now=NOON + 30 * DAY + 1, known=LATEST).values["rich"] is None
