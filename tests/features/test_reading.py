"""Feature files: what is understood, and that each mistake is named with its line and a remedy."""

from __future__ import annotations

import pytest

from onefold.core.document import read_yaml
from onefold.core.errors import UserError
from onefold.core.instant import DAY, Span
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType
from onefold.features.definitions import Aggregated, Derived, FeatureSet
from onefold.features.reading import read_features
from onefold.features.windows import Bound, Unit, Window

SCHEMA = Schema(
    {
        "paid": EventType(
            "paid",
            (
                Property("amount", ValueType.MONEY, 2),
                Property("category", ValueType.CATEGORY),
                Property("note", ValueType.TEXT),
                Property("lines", ValueType.LIST, items=(Property("price", ValueType.MONEY, 2),)),
            ),
        )
    },
    {
        "birth_date": Property("birth_date", ValueType.DATE, sensitivity=Sensitivity.PROTECTED),
        "region": Property("region", ValueType.CATEGORY),
        "email": Property("email", ValueType.TEXT, sensitivity=Sensitivity.IDENTIFIER),
    },
)


def read(text: str) -> FeatureSet:
    section = read_yaml("features:\n" + "\n".join(f"  {line}" for line in text.splitlines()), "features/f.yaml")
    features = read_features([section], SCHEMA)
    section.problems.raise_if_any()
    return features


def body(text: str) -> Aggregated:
    found = read(text).features["f"].body
    assert isinstance(found, Aggregated)
    return found


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("within: 30d", Window(Bound(Span(fixed=30 * DAY)))),
        ("within: 12mo", Window(Bound(Span(months=12)))),
        ("between: [24mo, 12mo]", Window(Bound(Span(months=24)), Bound(Span(months=12)))),
        ("between: [2mo, 30d]", Window(Bound(Span(months=2)), Bound(Span(fixed=30 * DAY)))),
        ("since: start of month", Window(Bound(start_of=Unit.MONTH))),
        ("title: all time", Window()),
    ],
)
def test_windows(text: str, window: Window) -> None:
    assert body(f"f: {{count: paid, {text}}}").window == window


def test_sources_and_properties() -> None:
    assert body("f: {sum: paid.amount}").source == "paid"
    assert body("f: {sum: paid.lines.price}").source == "paid.lines"
    assert body("f: {count: paid.lines}").source == "paid.lines"
    assert body("f: {last: traits.region}").source == "traits.region"


def test_expressions_find_each_other_whatever_their_order() -> None:
    features = read("a: {expr: b * 2}\nb: {expr: c + 1}\nc: {count: paid}\nage: {expr: age}\nolder: {expr: age + 1}")
    assert isinstance(features.features["a"].body, Derived)
    assert list(features.features) == ["a", "age", "b", "c", "older"]


def test_a_trait_may_be_a_feature_of_its_own_name() -> None:
    assert "region" in read("region: {last: traits.region}").features


MISTAKES = [
    ("f: {count: payd}", 2, "not declared", "paid"),
    ("f: {sum: paid.amont}", 2, "not declared", "paid.amount"),
    ("f: {sum: paid}", 2, "takes a property", "event.property"),
    ("f: {sum: paid.category}", 2, "its type is category", "money"),
    ("f: {last: paid.note}", 2, "stays in the vault", "type"),
    ("f: {last: traits.email}", 2, "stays in the vault", "type"),
    ("f: {active: paid}", 2, "days, weeks or months", "by"),
    ("f: {count: paid, by: month}", 2, "counts no calendar units", "Remove"),
    ("f: {count: paid, within: 30}", 2, "no span of time", "30d"),
    ("f: {count: paid, within: 30d, since: start of day}", 2, "already says", "Keep one"),
    ("f: {count: paid, between: [30d, 1mo]}", 2, "not always the longer", "longer first"),
    ("f: {count: paid, since: monday}", 2, "start of a calendar unit", "start of day"),
    ("f: {count: paid, whre: x}", 2, "no such key", "where"),
    ("f: {count: paid, sum: paid.amount}", 2, "several", "exactly one"),
    ("f: {title: nothing}", 2, "no aggregate", "exactly one"),
    ("f: {count: paid, family: shoes}", 2, "'shoes'", "behaviour"),
    ("F1: {count: paid}", 2, "snake case", "a-z"),
    ("region: {count: paid}", 2, "has this name", "Rename"),
    ("age: {count: paid}", 2, "has this name", "Rename"),
    ("a: {expr: b}\nb: {expr: a}", 2, "a -> b -> a", "Break"),
    ("a: {expr: b +}\nb: {count: paid}", 2, "", ""),
    ("a: {expr: nothing_there}", 2, "", ""),
    ("f: {count: paid, where: amount}", 2, "", ""),
    ("f:", 2, "empty", "Describe"),
]


@pytest.mark.parametrize(("text", "line", "why", "remedy"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_mistakes(text: str, line: int, why: str, remedy: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (problem.place.file, problem.place.line) == ("features/f.yaml", line)
    assert why in f"{problem.what}: {problem.why}"
    assert remedy in problem.remedy
    assert problem.remedy


def test_all_mistakes_at_once() -> None:
    with pytest.raises(UserError) as caught:
        read("a: {count: payd}\nb: {sum: paid.amont, within: x}\nc: {expr: 'nowhere > 1'}")
    assert [problem.place.line for problem in caught.value.problems] == [2, 3, 3, 4]
