"""The engine equals the oracle: by hand-made examples, and on generated definitions, streams and moments."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.features.harness import engine_of, run, same, schema_of
from tests.oracles.genome import Value
from tests.oracles.hand_cases import HAND_CASES, SCHEMA, HandCase
from tests.oracles.streams import Case, cases

from onefold.core.instant import Span
from onefold.features.engine import Engine
from onefold.features.genomes import Genomes

EXAMPLES = 500


def check(engine: Engine, found: Genomes, values: dict[str, Value], change: int | None) -> None:
    """Compare every value and the next change."""
    for name, expected in values.items():
        result = engine.plan.features.features[name].body.result
        ours = found.value(name, 0)
        assert same(ours, expected, result.type, result.scale), (name, ours, expected)
    assert found.next_change(0) == change


@pytest.mark.parametrize("case", HAND_CASES, ids=lambda case: case.name)
def test_examples_by_hand(case: HandCase) -> None:
    engine = engine_of(schema_of(SCHEMA), case.definitions, case.zone, case.retention)
    found = run(engine, case.events, now=case.now, known=case.known)
    check(engine, found, dict(case.expected), case.next_change)


def _agrees(case: Case) -> None:
    retention = {source: Span.parse(span) for source, span in case.retention.items()}
    engine = engine_of(schema_of(case.schema), case.definitions, case.zone, retention)
    values, change = case.genome()
    check(engine, run(engine, case.events, now=case.now, known=case.known), values, change)
    for at in () if change is None else (change - 1, change, change + 1):
        values, later = case.genome(at)
        check(engine, run(engine, case.events, now=at, known=case.known), values, later)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_generated_cases(case: Case) -> None:
    _agrees(case)


@pytest.mark.nightly
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_many_generated_cases(case: Case) -> None:
    _agrees(case)
