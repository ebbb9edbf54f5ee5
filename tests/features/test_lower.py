"""A filter program passes an event exactly where its predicate is true: random predicates, words and NULLs."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.generators import NAMES, nodes, texts

from onefold.core.ids import NULL, text_code
from onefold.core.instant import DAY
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features import tables
from onefold.features.aggregates.count import COUNT
from onefold.features.definitions import Aggregated, Feature, FeatureSet
from onefold.features.engine import Engine
from onefold.features.lower import LARGEST, Slots, lower, value_of
from onefold.features.plan import build_plan
from onefold.features.windows import ALL_TIME
from onefold.language.ast import Kind, Node
from onefold.language.parse import parse_predicate
from onefold.language.scope import Scope
from onefold.language.to_python import to_python
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS, pack_times

TODAY = 20_000
SCALE = 3
PROPERTIES = tuple(
    Property(name, ValueType(kind.value), SCALE if kind is Kind.NUMBER else 2 if kind is Kind.MONEY else 0)
    for name, kind in NAMES.items()
)
SCHEMA = Schema({"e": EventType("e", PROPERTIES)})
LAYOUT = Layout(SCHEMA)

words = st.one_of(
    st.sampled_from([0, 1, -1, 500, 1000, 1500, 2500, -2500, 100, 150, LARGEST, -LARGEST, TODAY, TODAY - 1]),
    st.integers(-3000, 50_000),
    st.integers(-LARGEST, LARGEST),
)


@st.composite
def word_rows(draw: st.DrawFn) -> list[dict[str, int | str | None]]:
    def value(known: Property) -> st.SearchStrategy[int | str | None]:
        if known.type is ValueType.CATEGORY:
            return st.none() | texts.filter(lambda text: text != "")
        return st.none() | (st.integers(0, 1) if known.type is ValueType.BOOLEAN else words)

    return draw(st.lists(st.fixed_dictionaries({one.name: value(one) for one in PROPERTIES}), min_size=1, max_size=6))


def passing(predicate: Node, rows: list[dict[str, int | str | None]]) -> list[bool]:
    """Count each row, as the only event of a customer of its own, by a feature with that predicate."""
    body = Aggregated(COUNT, "e", None, ALL_TIME, predicate)
    engine = Engine(build_plan(FeatureSet(SCHEMA, {"f": Feature("f", body)}), LAYOUT), zone("UTC"))
    found = np.full((len(rows), LAYOUT.width), NULL, np.int64)
    for row, values in zip(found, rows, strict=True):
        for name, value in values.items():
            if isinstance(value, str):
                engine.texts.add([(text_code(value), value)])
            if value is not None:
                row[SLOTS + LAYOUT.slots("e")[name]] = text_code(value) if isinstance(value, str) else value
    found[:, 0] = pack_times(np.zeros(len(rows), np.int64)).view(np.int64)
    found[:, 3], found[:, 4] = 0, LAYOUT.code("e")
    people = np.arange(len(rows) + 1, dtype=np.int64)
    genomes = engine.read(found.view(np.uint64), people, now=TODAY * DAY)
    return [genomes.value("f", row) == 1 for row in range(len(rows))]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes(Kind.BOOLEAN, 3), word_rows())
def test_a_program_is_its_predicate(predicate: Node, rows: list[dict[str, int | str | None]]) -> None:
    run = to_python(predicate)
    expected = []
    for row in rows:
        seen = {
            one.name: value if value is None or isinstance(value, str) else value_of(value, one.type, one.scale)
            for one in PROPERTIES
            for value in [row[one.name]]
        }
        expected.append(run(seen, TODAY) is True)
    assert passing(predicate, rows) == expected


def test_plain_conditions_need_no_mask() -> None:
    """What banks write by the hundred is tested in the kernel, slot by slot."""
    slots = Slots({one.name: one for one in PROPERTIES}, {one.name: at for at, one in enumerate(PROPERTIES)})
    scope = Scope(NAMES)
    for text in (
        "category1 = 'travel'",
        "category1 NOT IN ('a', 'b') AND money1 > 100",
        "category1 LIKE '/mortgage%' OR category2 IS NULL",
        "LOWER(category1) = 'travel'",
        "number1 BETWEEN 1 AND 2.5 AND NOT boolean1",
        "date1 >= DATE '2026-01-01'",
        "money1 = 12.34 OR number1 <> 3",
    ):
        assert all(test.kind != tables.MASK for test in lower(parse_predicate(text, scope), slots)), text


def test_conditions_over_two_properties_are_masks() -> None:
    slots = Slots({one.name: one for one in PROPERTIES}, {one.name: at for at, one in enumerate(PROPERTIES)})
    program = lower(parse_predicate("money1 > money2 AND category1 = 'a'", Scope(NAMES)), slots)
    assert [test.kind for test in program] == [tables.MASK, tables.IN_SET]
