"""Model files: scores against plain arithmetic, NULL, units, and every fault by name with a remedy."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.core.document import Section, read_yaml
from onefold.core.errors import Problem, Problems
from onefold.core.ids import NULL
from onefold.core.instant import DAY, SECOND
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.engine import Engine
from onefold.features.models import Model, parse_model, read_models
from onefold.features.models.linear import Linear
from onefold.features.models.trees import LEAF, Tree, Trees
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.profiles.layout import Layout
from onefold.profiles.words import SLOTS, pack_times

LINEAR = {"model": "m", "form": "linear", "inputs": ["a", "b"], "intercept": 1, "weights": [2, -0.5]}
STUMP = {"feature": [1, None, None], "threshold": [0.5, None, None], "left": [1, -1, -1], "right": [2, -1, -1],
         "value": [None, 10, 20]}  # fmt: skip
FOREST = {"model": "m", "form": "trees", "inputs": ["a", "b"], "base": 0.5, "trees": [STUMP]}


def read(content: Mapping[str, Any], file: str = "models/m.json") -> tuple[Mapping[str, Model], list[Problem]]:
    problems = Problems()
    section = parse_model(json.dumps(content), file, problems)
    assert section is not None
    return read_models([section]), problems.found


def scores(content: Mapping[str, Any], *rows: Sequence[float | None]) -> list[float | None]:
    models, problems = read(content)
    assert not problems
    columns = [
        np.array([math.nan if value is None else value for value in column]) for column in zip(*rows, strict=True)
    ]
    found = models["m"].form.scores(columns)
    return [None if math.isnan(score) else score for score in found.tolist()]


def test_linear_and_logistic() -> None:
    assert scores(LINEAR, (3, 4), (0, 0), (None, 1), (1, None)) == [5.0, 1.0, None, None]
    assert scores({**LINEAR, "missing": [7, None]}, (None, 4), (1, None)) == [13.0, None]
    assert scores({**LINEAR, "form": "logistic"}, (0, 2), (-1000, 0), (1000, 0)) == [0.5, 0.0, 1.0]
    assert scores({**LINEAR, "weights": [1e308, 0]}, (1e10, 0)) == [None]  # never infinite


def test_trees_add_up() -> None:
    assert scores(FOREST, (0, 0.5), (0, 0.500001), (None, 0), (0, None)) == [10.5, 20.5, 10.5, None]
    left = {**STUMP, "missing_left": [True, False, False]}
    right = {**STUMP, "missing_left": [0, 0, 0]}
    assert scores({**FOREST, "trees": [left, right]}, (0, None)) == [30.5]
    assert scores({**FOREST, "trees": [left, STUMP]}, (0, None)) == [None]
    lone = {"feature": [None], "threshold": [None], "left": [-1], "right": [-1], "value": [-0.5]}
    assert scores({**FOREST, "link": "logistic", "trees": [lone]}, (None, None)) == [0.5]


def test_yaml_and_json_say_the_same() -> None:
    for content in (LINEAR, FOREST):
        (one,), (other,) = (read(content, file)[0].values() for file in ("models/m.json", "models/m.yaml"))
        assert one == other


# --- trees against a walk by hand ----------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Grow a tree by splitting leaves."""
    left, right = [LEAF], [LEAF]
    for _ in range(draw(st.integers(0, 5))):
        leaf = draw(st.sampled_from([node for node in range(len(left)) if left[node] == LEAF]))
        left[leaf], right[leaf] = len(left), len(left) + 1
        left += [LEAF, LEAF]
        right += [LEAF, LEAF]
    rows = [(draw(st.integers(0, 2)), draw(st.integers(-2, 2)), draw(st.integers(-9, 9)) / 4) for _ in left]
    feature, threshold, value = zip(*rows, strict=True)
    missing = draw(st.none() | st.lists(st.booleans(), min_size=len(left), max_size=len(left)).map(tuple))
    return Tree(feature, threshold, tuple(left), tuple(right), value, missing)


def _walk(tree: Tree, row: Sequence[float]) -> float:
    node = 0
    while tree.left[node] != LEAF:
        known, threshold = row[tree.feature[node] or 0], tree.threshold[node]
        assert threshold is not None
        if math.isnan(known):
            if tree.missing_left is None:
                return math.nan
            goes_left = tree.missing_left[node]
        else:
            goes_left = known <= threshold
        node = tree.left[node] if goes_left else tree.right[node]
    value = tree.value[node]
    assert value is not None
    return value


INPUTS = st.sampled_from([math.nan, -3.0, -2.0, -0.5, 0.0, 1.0, 2.5])


@given(st.lists(trees(), min_size=1, max_size=4), st.lists(st.tuples(INPUTS, INPUTS, INPUTS), min_size=1, max_size=8))
def test_trees_equal_a_walk_by_hand(forest: list[Tree], rows: list[tuple[float, ...]]) -> None:
    form = Trees(0.25, "identity", tuple(forest))
    found = form.scores([np.array(column) for column in zip(*rows, strict=True)])
    expected = [0.25 + math.fsum(_walk(tree, row) for tree in forest) for row in rows]
    np.testing.assert_array_equal(found, expected)
    for at, row in enumerate(rows):  # one customer gets what he gets among a million
        np.testing.assert_array_equal(form.scores([np.array([value]) for value in row]), found[at : at + 1])


def test_many_rows_are_worked_on_in_parts() -> None:
    stump = Tree((0, None, None), (5.0, None, None), (1, -1, -1), (2, -1, -1), (None, 1.0, 2.0))
    rows = np.arange(3_000.0)
    found = Trees(0.0, "identity", (stump,) * 1_000).scores([rows])
    np.testing.assert_array_equal(found, np.where(rows <= 5, 1_000.0, 2_000.0))


# --- as features ---------------------------------------------------------------------------------------------------


def test_inputs_are_what_a_genome_shows() -> None:
    """Money in major units, durations in seconds, truth as 0 and 1; no event: count 0, but the sum's mean NULL."""
    shape = (
        Property("amount", ValueType.MONEY, 2),
        Property("took", ValueType.DURATION),
        Property("x", ValueType.NUMBER, 3),
        Property("ok", ValueType.BOOLEAN),
    )
    schema = Schema({"paid": EventType("paid", shape)})
    text = """
features:
  spent: {sum: paid.amount}
  long: {max: paid.took}
  x: {last: paid.x}
  ok: {last: paid.ok}
  mean: {mean: paid.amount}
  score: {model: m}
  twice: {expr: score * 2}
"""
    inputs = ["spent", "long", "x", "ok", "mean"]
    models, _ = read({"model": "m", "form": "linear", "inputs": inputs, "weights": [1, 10, 100, 1000, 10000]})
    section = read_yaml(text, "features/f.yaml")
    features = read_features([section], schema, models=models)
    section.problems.raise_if_any()
    layout = Layout(schema)
    engine = Engine(build_plan(features, layout), zone("UTC"))
    row = np.full(layout.width, NULL, np.int64)
    row[3], row[4] = 0, layout.code("paid")
    row[SLOTS : SLOTS + 4] = (1250, 2 * SECOND, 1500, 1)
    rows = row.view(np.uint64).reshape(1, -1)
    rows[:, :2] = pack_times(np.array([0, 0]))
    genomes = engine.read(np.concatenate([rows, rows[:0]]), np.array([0, 1, 1]), now=DAY)
    expected = 12.5 + 20 + 150 + 1000 + 125000
    assert (genomes.value("score", 0), genomes.value("twice", 0)) == (expected, 2 * expected)
    assert genomes.value("score", 1) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("f: {model: nosuch}", "no registered model"),
        ("f: {model: m}", "reads `b`, which is no number"),
        ("b: {last: paid.shop}\n  f: {model: m}", "reads `b`, which is no number"),
        ("b: {expr: f + 1}\n  f: {model: m}", "it depends on itself"),
    ],
)
def test_features_that_name_a_model(text: str, why: str) -> None:
    schema = Schema({"paid": EventType("paid", (Property("shop", ValueType.CATEGORY),))})
    section = read_yaml(f"features:\n  a: {{count: paid}}\n  {text}\n", "features/f.yaml")
    features = read_features([section], schema, models=read(LINEAR)[0])
    assert any(why in problem.why for problem in section.problems.found)
    assert "f" not in features.features


# --- faults --------------------------------------------------------------------------------------------------------


def _with(content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {key: value for key, value in {**content, **more}.items() if value != "absent"}


def _tree(**more: Any) -> dict[str, Any]:
    return _with(FOREST, trees=[STUMP, _with(STUMP, **more)])


CHAIN = 66
FAULTS: list[tuple[dict[str, Any], str]] = [
    (_with(LINEAR, model="absent"), "it is missing"),
    (_with(LINEAR, model="Bad Name"), "snake case"),
    (_with(LINEAR, form="absent"), "it is missing"),
    (_with(LINEAR, form="deep"), "no such form"),
    (_with(LINEAR, inputs="absent"), "it is missing"),
    (_with(LINEAR, inputs=[]), "a list of 1 to 1,000"),
    (_with(LINEAR, inputs="a"), "a list of 1 to 1,000"),
    (_with(LINEAR, inputs=["a", "a"]), "it names a twice"),
    (_with(LINEAR, extra=1), "no such key"),
    (_with(LINEAR, weights="absent"), "a list of numbers"),
    (_with(LINEAR, weights=[1]), "it has 1 items, and 2 belong here"),
    (_with(LINEAR, weights=[1, True]), "item 2 is not one of numbers"),
    (_with(LINEAR, weights=[None, 1]), "item 1 is not one of numbers"),
    (_with(LINEAR, missing=[1, "x"]), "item 2 is not one of numbers and nulls"),
    (_with(LINEAR, intercept="x"), "it takes a number"),
    (_with(FOREST, base=None), "it takes a number"),
    (_with(FOREST, link="probit"), "'probit' is not known"),
    (_with(FOREST, trees="absent"), "1 to 5,000 trees"),
    (_with(FOREST, trees=[]), "1 to 5,000 trees"),
    (_with(FOREST, trees=[STUMP] * 5_001), "1 to 5,000 trees"),
    (_with(FOREST, trees=[1]), "it is no mapping"),
    (_tree(left=[]), "it lists no nodes"),
    (_tree(extra=1), "no such key"),
    (_tree(value=[None, 10]), "it has 2 items, and 3 belong here"),
    (_tree(value=[None, 10, None]), "node 2 is a leaf without a value"),
    (_tree(left=[1.5, -1, -1]), "item 1 is not one of whole numbers"),
    (_tree(left=[0, -1, -1]), "the children of node 0"),
    (_tree(right=[3, -1, -1]), "the children of node 0"),
    (_tree(right=[-1, -1, -1]), "the children of node 0"),
    (_tree(left=[1, 0, -1]), "the children of node 1"),
    (_tree(feature=[2, None, None]), "node 0 tests no input"),
    (_tree(feature=[-1, None, None]), "node 0 tests no input"),
    (_tree(feature=[None, None, None]), "node 0 tests no input"),
    (_tree(threshold=[None, None, None]), "node 0 has no threshold"),
    (_tree(missing_left=[1, 0, 2]), "item 3 is not one of true and false"),
    (
        _tree(
            feature=[0] * (2 * CHAIN + 1),
            threshold=[0] * (2 * CHAIN + 1),
            left=[node + 1 if node % 2 == 0 and node < 2 * CHAIN else -1 for node in range(2 * CHAIN + 1)],
            right=[node + 2 if node % 2 == 0 and node < 2 * CHAIN else -1 for node in range(2 * CHAIN + 1)],
            value=[0] * (2 * CHAIN + 1),
        ),
        "deeper than 64",
    ),
]


@pytest.mark.parametrize(("content", "why"), FAULTS)
def test_faults_of_a_model(content: dict[str, Any], why: str) -> None:
    for file in ("models/m.json", "models/m.yaml"):
        if file.endswith("yaml") and len(str(content)) > 100_000:
            continue  # slow to parse, and the same
        _, problems = read(content, file)
        assert len(problems) == 1, problems
        assert why in problems[0].why
        assert problems[0].remedy
        assert problems[0].place.file == file


def test_all_faults_at_once_but_not_thousands() -> None:
    bad = _with(FOREST, base="x", link="y", trees=[_with(STUMP, feature=[9, None, None])] * 100)
    _, problems = read(bad)
    assert [problem.what for problem in problems][:2] == ["`base`", "`link`"]
    assert len(problems) == 12


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100_000])
def test_what_is_no_json(text: str) -> None:
    problems = Problems()
    assert parse_model(text, "models/m.json", problems) is None
    assert len(problems.found) == 1


def test_two_files_of_one_name() -> None:
    problems = Problems()
    sections = [parse_model(json.dumps(LINEAR), f"models/{name}.json", problems) for name in "ab"]
    read_models(section for section in sections if isinstance(section, Section))
    assert [problem.place.file for problem in problems.found] == ["models/b.json"]
    assert "registered twice" in problems.found[0].why


def test_a_model_at_fault_is_known_by_name() -> None:
    models, problems = read(_with(LINEAR, weights=[1]))
    assert problems
    assert models["m"].inputs == ("a", "b")
    assert isinstance(models["m"].form, Linear)
