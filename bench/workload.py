"""The workload of ``workload.yaml``: data by seed, definitions for us, and the same filters for the peers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from ruamel.yaml import YAML

from onefold.core.document import read_yaml
from onefold.core.instant import DAY, SECOND, Span
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.engine import Engine
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.profiles.layout import Layout

FILE = Path(__file__).parent / "workload.yaml"
NOW = 20_454 * DAY  # 2026-01-01T00:00Z
CATEGORIES, COUNTRIES = 20, 5
AGGREGATES = ("count", "sum", "mean", "min", "max", "distinct", "last")


@dataclass(frozen=True)
class Filter:
    """One filter of the workload: aggregate, event type, property (None for counts), SQL condition."""

    aggregate: str
    type: str
    property: str | None
    where: str


def _loaded() -> dict[str, object]:
    return dict(YAML(typ="safe").load(FILE.read_text()))


def filters() -> list[Filter]:
    found = []
    features = _loaded()["features"]
    assert isinstance(features, dict)
    for row in features["filters"]:
        aggregate = next(key for key in row if key in AGGREGATES)
        type_, _, known = row[aggregate].partition(".")
        found.append(Filter(aggregate, type_, known or None, row["where"]))
    return found


def windows() -> list[str]:
    features = _loaded()["features"]
    assert isinstance(features, dict)
    return [str(window) for window in features["windows"]]


def types() -> list[str]:
    features = _loaded()["features"]
    assert isinstance(features, dict)
    return [str(name) for name in features["types"]]


def schema() -> Schema:
    properties = (
        Property("amount", ValueType.MONEY, 2),
        Property("category", ValueType.CATEGORY),
        Property("country", ValueType.CATEGORY),
    )
    return Schema({name: EventType(name, properties) for name in types()})


def engine() -> Engine:
    """Return an engine over the hundred features."""
    lines = ["features:"]
    for at, one in enumerate(filters()):
        target = one.type if one.property is None else f"{one.type}.{one.property}"
        lines += [
            f'  f{at:02d}_{window}: {{{one.aggregate}: {target}, where: "{one.where}", within: {window}}}'
            for window in windows()
        ]
    return _engine(lines)


def _engine(lines: list[str]) -> Engine:
    section = read_yaml("\n".join(lines), "features/bench.yaml")
    features = read_features([section], schema())
    section.problems.raise_if_any()
    return Engine(build_plan(features, Layout(schema())), zone("UTC"))


def span(window: str) -> int:
    return Span.parse(window).fixed


def table(events: int, customers: int) -> pa.Table:
    """Return unsorted events of one year, uniform over customers, types and categories."""
    seed = _loaded()["seed"]
    assert isinstance(seed, int)
    rng = np.random.default_rng(seed)
    names = pa.array(types())
    categories = pa.array([f"c{at}" for at in range(CATEGORIES)])
    countries = pa.array([f"k{at}" for at in range(COUNTRIES)])
    times = NOW - rng.integers(0, 365 * DAY // SECOND, events) * SECOND - rng.integers(0, SECOND, events)

    def dictionary(values: pa.Array) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, len(values), events, dtype=np.int32)), values)

    return pa.table(
        {
            "customer": pa.array(rng.integers(0, customers, events)),
            "time": pa.array(times, pa.timestamp("us", tz="UTC")),
            "type": dictionary(names),
            "amount": pa.array(rng.integers(0, 100_000, events)),
            "category": dictionary(categories),
            "country": dictionary(countries),
        }
    )


def different_engine() -> Engine:
    """Return an engine over a hundred features with as many different filters, ten of each event type."""
    lines = ["features:"]
    for at in range(100):
        name = types()[at % 10]
        target, window = (f"{{sum: {name}.amount", "365d") if at % 2 else (f"{{count: {name}", "90d")
        where = f"category <> 'c{at % CATEGORIES}' AND amount > {at}"
        lines.append(f'  d{at:02d}: {target}, where: "{where}", within: {window}}}')
    return _engine(lines)
