"""Parity: random definitions, streams and moments by number, the same everywhere, and a table of what they show."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.features.parity import problems
from tests.oracles.coverage import shown, table
from tests.oracles.stream_definitions import AIMS, ALL, WINDOWS, Aim
from tests.oracles.streams import case_of

DAILY, NIGHTLY, SHARDS = 600, 20_000, 20
AT_LEAST = 50


@pytest.mark.parametrize("shard", range(4))
def test_parity(shard: int) -> None:
    _agree(range(shard, DAILY, 4))


@pytest.mark.nightly
@pytest.mark.parametrize("shard", range(SHARDS))
def test_parity_of_many(shard: int) -> None:
    _agree(range(DAILY + shard, DAILY + NIGHTLY, SHARDS))


def _agree(seeds: range) -> None:
    wrong = {seed: found for seed in seeds if (found := problems(case_of(seed)))}
    assert wrong == {}, f"{len(wrong)} of {len(seeds)} cases differ"


def test_every_aggregate_is_seen_in_every_window() -> None:
    counts = _counted(range(DAILY))
    seen = {(aim.aggregate, aim.window) for aim in counts}
    assert seen >= {(aggregate, window) for aggregate in ALL for window in WINDOWS}


@pytest.mark.nightly
def test_every_kind_of_nothing_is_met_often(capsys: pytest.CaptureFixture[str]) -> None:
    counts = _counted(range(DAILY, DAILY + NIGHTLY))
    with capsys.disabled():
        print("\n" + table(counts))
    rare = {aim: counts[aim] for aim in AIMS if counts[aim] < AT_LEAST}
    assert rare == {}


def _counted(seeds: range) -> Counter[Aim]:
    return Counter(aim for seed in seeds for aim in shown(case_of(seed)))
