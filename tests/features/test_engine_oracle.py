"""The engine equals the oracle: by hand-made examples, and on definitions, streams and moments that shrink."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.features.harness import engine_of, run, schema_of
from tests.features.parity import differences, problems
from tests.oracles.hand_cases import HAND_CASES, SCHEMA, HandCase
from tests.oracles.streams import Case, cases

from onefold.features.models.base import Form, InUnits
from onefold.features.models.linear import Linear
from onefold.features.models.logistic import Logistic
from onefold.features.models.trees import Tree, Trees
from onefold.features.rankings import RANKINGS
from onefold.oracle.ranks import rank
from onefold.oracle.scores import score


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_examples_by_hand(case: HandCase) -> None:
    engine = engine_of(schema_of(SCHEMA), case.definitions, case.zone, case.retention)
    found = run(engine, case.events, now=case.now, known=case.known)
    assert differences(engine, found, case.expected) == []
    assert found.next_change(0) == case.next_change


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_generated_cases(case: Case) -> None:
    assert problems(case) == []


@pytest.mark.nightly
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_many_generated_cases(case: Case) -> None:
    assert problems(case) == []


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("ranking", sorted(RANKINGS))
def test_ranks(ranking: str, seed: int) -> None:
    dice = Random(seed)
    pool = [0.0, 1.0, -1.0, 1250.0, *(dice.uniform(-1e9, 1e9) for _ in range(3))]
    population = [dice.choice(pool) for _ in range(dice.choice([0, 1, 2, 3, 10, 50]))]
    values = [None, *(dice.choice([*pool, dice.uniform(-10, 10)]) for _ in range(5))]
    doubles = np.array([np.nan if value is None else value for value in values])
    found = RANKINGS[ranking].rank(doubles, np.sort(np.array(population)))
    wanted = [rank(ranking, value, population) for value in values]
    assert found.tolist() == pytest.approx([np.nan if one is None else one for one in wanted], nan_ok=True, rel=1e-9)


def _form(dice: Random, inputs: int) -> Form:
    weights = tuple(dice.uniform(-2, 2) for _ in range(inputs))
    line = Linear(dice.uniform(-1, 1), weights, tuple(dice.choice([None, 0.0, 2.5]) for _ in range(inputs)))
    trees = tuple(_tree(dice, inputs) for _ in range(dice.randint(1, 4)))
    forms: list[Form] = [line, Logistic(line), Trees(0.5, "identity", trees), Trees(-0.5, "logistic", trees)]
    form = dice.choice(forms)
    return InUnits(form, tuple(dice.choice([1, 100]) for _ in range(inputs))) if dice.random() < 0.5 else form


def _tree(dice: Random, inputs: int) -> Tree:
    """Return a tree of at most seven nodes, children after their parents."""
    left, right, free = [-1] * 7, [-1] * 7, 1
    for node in range(3):
        if node < free and dice.random() < 0.8:
            left[node], right[node], free = free, free + 1, free + 2
    feature = tuple(dice.randrange(inputs) if left[node] >= 0 else None for node in range(free))
    threshold = tuple(dice.choice([0.0, 1.0, -3.0]) if left[node] >= 0 else None for node in range(free))
    value = tuple(None if left[node] >= 0 else dice.uniform(-2, 2) for node in range(free))
    missing = tuple(dice.random() < 0.5 for _ in range(free)) if dice.random() < 0.7 else None
    return Tree(feature, threshold, tuple(left[:free]), tuple(right[:free]), value, missing)


@pytest.mark.parametrize("seed", range(100))
def test_scores(seed: int) -> None:
    dice = Random(seed)
    inputs = dice.randint(1, 4)
    form = _form(dice, inputs)
    rows = [[dice.choice([None, 0.0, 1.0, -3.0, 700.0, 1e300]) for _ in range(inputs)] for _ in range(8)]
    columns = [np.array([np.nan if row[at] is None else row[at] for row in rows], float) for at in range(inputs)]
    wanted = [score(form, row) for row in rows]
    found = form.scores(columns).tolist()
    assert found == pytest.approx([np.nan if one is None else one for one in wanted], nan_ok=True, rel=1e-9)
