"""Random features over random streams: the engine against the query that says the same in DuckDB's SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from tests.features.harness import engine_of, run, schema_of
from tests.oracles.calendar import days, local_date, start_of_date, zone_named
from tests.oracles.streams import case_of
from tests.sql.aggregates import RENDER
from tests.sql.answers import agree, answers
from tests.sql.calendar import connect
from tests.sql.events_table import fill
from tests.sql.render import Renderer

from onefold.features.aggregates import REGISTRY

CONNECTION = connect()
CASES, LONG, STRIDE = 200, 4_000, 1_009
"""How many cases, and the step from one seed to the next, which passes over all that cases aim at."""


@pytest.mark.parametrize("shard", range(2))
def test_every_feature_equals_its_query(shard: int) -> None:
    check(seed * STRIDE for seed in _part(CASES, shard, of=2))


@pytest.mark.nightly
@pytest.mark.parametrize("shard", range(8))
def test_every_feature_equals_its_query_long(shard: int) -> None:
    check(10**6 + seed for seed in _part(LONG, shard, of=8))


def test_every_aggregate_has_a_rendering() -> None:
    assert set(RENDER) == set(REGISTRY), "write a renderer in tests/sql/aggregates.py"


def check(seeds: Iterable[int]) -> None:
    """Compare cases, among which every aggregate must come up."""
    counted = Counter[str]()
    for seed in seeds:
        counted += checked(seed)
    assert set(counted) >= set(REGISTRY)


def _part(number: int, shard: int, *, of: int) -> range:
    return range(number * shard // of, number * (shard + 1) // of)


def checked(seed: int) -> Counter[str]:
    """Compare every feature of a case, for somebody with events and for nobody; return the aggregates compared."""
    case = case_of(seed)
    schema = schema_of(case.schema)
    engine = engine_of(schema, case.definitions, case.zone, case.spans, case.places)
    today = local_date(case.now, zone_named(case.zone))
    midnight = start_of_date(today, zone_named(case.zone))
    renderer = Renderer(engine.plan.features, case.zone, case.now, case.known, days(today), midnight)
    everybody = {"somebody": case.events, "nobody": ()}
    fill(CONNECTION, schema, everybody)
    read = {who: run(engine, events, now=case.now, known=case.known) for who, events in everybody.items()}
    for name, feature in engine.plan.features.features.items():
        found = answers(CONNECTION, renderer, name)
        for who, genomes in read.items():
            ours = genomes.value(name, 0)
            assert agree(ours, found[who], feature.body.result), (
                seed,
                name,
                who,
                ours,
                found[who],
                renderer.query(name),
            )
    return Counter(definition.aggregate for definition in case.definitions)
