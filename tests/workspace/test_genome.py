from __future__ import annotations

from tests.acceptance.shop import EVENTS, ONEFOLD

from onefold.features.definitions import FeatureSet
from onefold.workspace.definitions import read_definitions
from onefold.workspace.genome import About, Genome, completeness, sources_of

FEATURES = """
features:
  spend:  {sum: card_purchase.amount, family: financial}
  pages:  {count: page_viewed, family: digital}
  double: {expr: "spend * 2", family: financial}
  both:   {expr: "COALESCE(double, 0) > income OR pages > 3"}
  years:  {expr: age, family: characteristics}
  older:  {expr: "age + pages"}
"""


def features() -> FeatureSet:
    files = {"onefold.yaml": ONEFOLD, "events.yaml": EVENTS, "features/a.yaml": FEATURES}
    return read_definitions(files).features


def test_lineage_goes_through_all_expressions() -> None:
    found = {name: sorted(sources_of(features(), name)) for name in features().features}
    assert found == {
        "spend": ["card_purchase"],
        "pages": ["page_viewed"],
        "double": ["card_purchase"],
        "both": ["card_purchase", "page_viewed", "traits.income"],
        "years": ["traits.birth_date"],
        "older": ["page_viewed", "traits.birth_date"],
    }


def test_lineage_of_a_feature_that_bears_the_name_age() -> None:
    files = {"onefold.yaml": ONEFOLD, "events.yaml": EVENTS, "features/a.yaml": "features:\n  age: {expr: age}\n"}
    assert sources_of(read_definitions(files).features, "age") == {"traits.birth_date"}


def test_completeness_is_the_share_that_is_known_by_family() -> None:
    values = {"spend": 0, "pages": None, "double": None, "both": None, "years": None, "older": 1}
    assert completeness(features(), values) == {"characteristics": 0.0, "digital": 0.0, "financial": 0.5}


def test_brief_and_long() -> None:
    about = About("a", 1, "derived", "digital", ("login",), None)
    genome = Genome("user:u1", "T", None, "d" * 64, {"a": 1}, {}, None, about=(about,))
    assert genome.brief()["features"] == {"a": 1}
    assert genome.long()["features"] == {
        "a": {"value": 1, "layer": "derived", "family": "digital", "sources": ["login"], "as_of": None}
    }
    assert list(genome.long()) == [*genome.brief(), "missing"]
