from __future__ import annotations

import pytest

from onefold.core.document import read_yaml
from onefold.core.types import Sensitivity
from onefold.features.definitions import FeatureSet
from onefold.features.reading import read_features
from onefold.features.tags import trails
from onefold.sources.schema import read_schema

EVENTS = """
events:
  bought:
    amount: {type: money, sensitivity: personal}
    shop: {type: category}
    postcode: {type: category, sensitivity: proxy}
    lines: {type: list, of: {sku: {type: category}, drug: {type: category, sensitivity: protected}}}
traits:
  birth_date: {type: date, sensitivity: protected}
  income: {type: money, sensitivity: personal}
  region: category
"""
FEATURES = """
features:
  visits: {count: bought}
  visits_shop: {count: bought, where: "shop = 'x'"}
  spend: {sum: bought.amount}
  spend_near: {sum: bought.amount, where: "postcode = '1'"}
  drugs: {count: bought.lines, where: "drug = 'x'"}
  lines_near: {distinct: bought.lines.sku, where: "postcode = '1'"}
  income: {last: traits.income}
  age: {expr: age}
  senior: {expr: "age > 60"}
  chain: {expr: "CASE WHEN senior THEN spend ELSE income END"}
"""
P = Sensitivity.PERSONAL


@pytest.fixture(scope="module")
def features() -> FeatureSet:
    section = read_yaml(FEATURES, "features.yaml")
    found = read_features([section], read_schema(read_yaml(EVENTS, "events.yaml"), currency="EUR"))
    section.problems.raise_if_any()
    return found


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("visits", set()),
        ("visits_shop", {"public"}),
        ("spend", {"personal"}),
        ("spend_near", {"personal", "proxy"}),
        ("drugs", {"protected"}),
        ("lines_near", {"public", "proxy"}),
        ("income", {"personal"}),
        ("region", {"public"}),
        ("birth_date", {"protected"}),
        ("age", {"protected"}),
        ("senior", {"protected"}),
        ("chain", {"protected", "personal"}),
        ("context.page", set()),
    ],
)
def test_tags_flow_along_lineage(features: FeatureSet, name: str, tags: set[str]) -> None:
    assert set(trails(features, name)) == tags


def test_the_trail_names_every_step(features: FeatureSet) -> None:
    assert trails(features, "chain") == {
        P: ("chain", "income", "traits.income"),
        Sensitivity.PROTECTED: ("chain", "senior", "age", "traits.birth_date"),
    }
