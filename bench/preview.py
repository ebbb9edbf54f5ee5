"""Row 9: a preview over 1 M customers on kept columns, 20 of them, in this process and with a warm page cache."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.timing import percentile
from onefold.adapters.files.column_head import Head
from onefold.adapters.files.columns import Rows, open_genomes, write_genomes
from onefold.core.document import read_yaml
from onefold.core.ids import text_code
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.language.ast import Node
from onefold.language.columns import BoolArray
from onefold.profiles.layout import Layout
from onefold.segments.definitions import SegmentSet
from onefold.segments.kept import KeptShape
from onefold.segments.lasting import Lasting
from onefold.segments.preview import Settling
from onefold.segments.reading import compile_predicate, read_segments
from onefold.workspace.counting import Counting

CUSTOMERS, CALLS = 1_000_000, 20
CATEGORIES = [f"c{number}" for number in range(16)]
NOW = 1_780_000_000_000_000
PREDICATES = {
    "one condition": "spend0 > 990",
    "three conditions": "spend0 > 500 AND count1 BETWEEN 2 AND 60 AND kind0 = 'c3'",
    "a duration and LIKE": "idle0 > 20 AND kind1 LIKE 'c1%'",
    "half of the bank": "spend0 > 500",
}
"""Predicates by what they show; amounts are uniform from 0 to 1,000, counts from 0 to 100, days from 0 to 100."""


@dataclass(frozen=True)
class Timed:
    """Milliseconds of previews of one kind: without and with the overlap with ten segments."""

    name: str
    count: int
    median: float
    p99: float
    with_overlap: float


def previews(folder: Path, customers: int = CUSTOMERS, calls: int = CALLS) -> list[Timed]:
    """Write a file of kept columns and count in it."""
    engine, segments, parse = _bank()
    shape, settling, lasting = KeptShape(engine), Settling(segments), Lasting(segments, engine)
    path = folder / "genomes-bench"
    head = Head("bench", len(shape.plan.columns), 0, NOW, NOW)
    write_genomes(path, head, _chunks(shape, customers))
    file = open_genomes(path, identity="bench", columns=len(shape.plan.columns))
    found = []
    for name, text in PREDICATES.items():
        node = parse(text)
        alone = Counting(shape, settling, lasting, NOW + 1, lambda: None, _nobody)
        meeting = replace(alone, meet=True)
        spent = [_timed(lambda: alone.count(file, node)) for _ in range(calls)]  # noqa: B023 - called at once
        more = [_timed(lambda: meeting.count(file, node)) for _ in range(max(3, calls // 4))]  # noqa: B023
        count = alone.count(file, node).count
        found.append(Timed(name, count, percentile(spent, 0.5), percentile(spent, 0.99), percentile(more, 0.5)))
    return found


def _nobody(name: str, customers: list[bytes]) -> BoolArray:
    raise AssertionError(f"{name} has no hold: nobody of {len(customers)} is to be asked")


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return round((time.perf_counter() - start) * 1e3, 2)


def _bank() -> tuple[Engine, SegmentSet, Callable[[str], Node]]:
    """Return 20 columns (money, counts, categories, durations, means, an expression over them) and ten segments."""
    amount = Property("amount", ValueType.MONEY, 2)
    schema = Schema(events={"paid": EventType("paid", (amount, Property("kind", ValueType.CATEGORY)))})
    shapes: dict[str, dict[str, str]] = {}
    for number in range(4):
        shapes[f"spend{number}"] = {"sum": "paid.amount", "within": f"{number + 1}d"}
        shapes[f"count{number}"] = {"count": "paid", "within": f"{number + 1}d"}
        shapes[f"kind{number}"] = {"last": "paid.kind", "within": f"{number + 1}d"}
        shapes[f"idle{number}"] = {"since_last": "paid", "within": f"{number + 200}d"}
        shapes[f"mean{number}"] = {"mean": "paid.amount", "within": f"{number + 1}d"}
    features = read_features([read_yaml(json.dumps({"features": shapes}), "f.yaml")], schema, retention={})
    rules = {f"s{number}": {"when": f"spend1 > {number * 100} AND idle{number % 4} > 5"} for number in range(10)}
    segments = read_segments([read_yaml(json.dumps({"segments": rules}), "s.yaml")], features)
    engine = Engine(build_plan(features, Layout(schema), above=segments.expressions), zone("Europe/Prague"))
    engine.texts.add((text_code(text), text) for text in CATEGORIES)
    return engine, segments, lambda text: compile_predicate(text, features, segments)


def _chunks(shape: KeptShape, customers: int) -> Iterator[Rows]:
    dice = np.random.default_rng(20261122)
    codes = np.array(sorted(code for code, _ in shape.texts.items()), np.int64)
    for first in range(0, customers, 16_000):
        count = min(16_000, customers - first)
        words = np.empty((count, len(shape.plan.columns)), np.int64)
        for at, column in enumerate(shape.plan.columns):
            if column.name.startswith("kind"):
                words[:, at] = codes[dice.integers(0, len(codes), count)]
            elif column.name.startswith("idle"):
                words[:, at] = NOW - dice.integers(0, 100 * 86_400_000_000, count)
            elif column.name.startswith("mean"):
                words[:, at] = dice.uniform(0, 1e5, count).view(np.int64)
            else:
                words[:, at] = dice.integers(0, 100_000 if column.name.startswith("spend") else 100, count)
        roots = np.zeros((count, 16), np.uint8)
        roots[:, :8] = np.arange(first, first + count, dtype=">u8").view(np.uint8).reshape(count, 8)
        yield Rows(roots, words, np.full(count, 2**63 - 1, np.int64), np.ones(count, bool))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for one in previews(Path(place)):
            sys.stdout.write(f"{one}\n")
