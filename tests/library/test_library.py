"""The library itself: complete, consistent, and read against its own vocabulary."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tests.library.compiled import FAMILIES, JSON, LIBRARY, PAGE, as_json, by_family, page_with_tables, vocabulary

from onefold.core.errors import Place
from onefold.core.schema import Schema
from onefold.features.definitions import AGE, Aggregated, Collected, Derived, FeatureSet, Ranked
from onefold.features.including.choosing import inputs_of
from onefold.features.including.library import Body, as_section
from onefold.features.reading import read_features
from onefold.language.lineage import names_of
from onefold.sources.reserved import ALLOWED, CONSENT_CHANGED
from onefold.sources.schema import read_schema

FEATURES: dict[str, Body] = {name: body for some in by_family().values() for name, body in some.items()}
ALL = sorted(FEATURES)


@pytest.fixture(scope="module")
def schema() -> Schema:
    section = as_section(vocabulary(), Place("vocabulary.yaml"))
    found = read_schema(section, currency="EUR")
    section.problems.raise_if_any()
    return found


@pytest.fixture(scope="module")
def read(schema: Schema) -> FeatureSet:
    section = as_section({"features": FEATURES}, Place("all.yaml"))
    found = read_features([section], schema)
    section.problems.raise_if_any()
    return found


def test_what_is_made_of_the_yaml_is_current() -> None:
    """Else run ``python -m tests.library.compiled``."""
    assert JSON.read_text(encoding="utf-8") == as_json()
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_tables(page)
    assert all(f"| `{name}` |" in page for name in ALL)


def test_every_file_is_a_family_of_its_own() -> None:
    assert {path.stem for path in (LIBRARY / "features").iterdir()} == set(FAMILIES)
    assert len(FEATURES) == sum(len(some) for some in by_family().values()) >= 70
    for family, some in by_family().items():
        assert {body["family"] for body in some.values()} == {family}
        assert len(some) >= 15


def test_every_feature_is_read_and_says_what_it_is(read: FeatureSet) -> None:
    assert list(read.features) == ALL
    for one in read.features.values():
        assert one.title, one.name
        assert one.family, one.name
        assert one.layer, one.name
    assert len({one.title for one in read.features.values()}) == len(ALL)
    assert set(Counter(one.layer for one in read.features.values())) == {"traditional", "alternate", "derived"}


def test_what_people_say_is_told_from_what_we_infer() -> None:
    stated = {name: body for name, body in FEATURES.items() if name.endswith("_stated") or "_stated_" in name}
    inferred = {name: body for name, body in FEATURES.items() if name.endswith("_inferred")}
    assert len(stated) >= 10
    assert len(inferred) >= 10
    assert all(body["layer"] == "alternate" and "stated" in body["title"] for body in stated.values())
    assert all(body["layer"] == "derived" and "inferred" in body["title"].lower() for body in inferred.values())
    surveys = {name for name, body in FEATURES.items() if "survey_answered" in str(body)}
    assert surveys <= stated.keys()


@pytest.mark.parametrize("name", ALL)
def test_inputs_are_those_of_the_definition_as_read(name: str, read: FeatureSet) -> None:
    body, found = read.features[name].body, inputs_of(FEATURES[name])
    names = body.names - {AGE}
    assert found.features == names
    wanted = {"traits.birth_date"} if AGE in body.names else set()
    for stream in body.streams:
        wanted |= {stream.source} | ({f"{stream.source}.{stream.prop.name}"} if stream.prop is not None else set())
        wanted |= {f"{stream.source}.{one}" for one in names_of(stream.where)} if stream.where is not None else set()
    # a trait's only property needs no name, and of an event's property the event need not be said
    assert found.sources | {one.partition(".")[0] for one in found.sources if not one.startswith("traits.")} == {
        one.removesuffix(".value") if one.startswith("traits.") else one for one in wanted
    }


def test_a_family_stands_on_its_own() -> None:
    """So that a workspace may include one of them alone."""
    for some in by_family().values():
        for body in some.values():
            assert inputs_of(body).features <= some.keys()


def test_the_vocabulary_holds_nothing_that_no_feature_reads() -> None:
    read = {source for body in FEATURES.values() for source in inputs_of(body).sources}
    events = {one.partition(".")[0] for one in read}
    assert {name for name in vocabulary()["events"] if name not in events} == set()
    assert {f"traits.{name}" for name in vocabulary()["traits"] if f"traits.{name}" not in read} == set()


def test_texts_that_conditions_look_for_are_listed_in_the_vocabulary() -> None:
    text = (LIBRARY / "vocabulary.yaml").read_text(encoding="utf-8")
    listed = set(re.findall(r"\w+", " ".join(line.partition("#")[2] for line in text.splitlines())))
    listed |= ALLOWED[CONSENT_CHANGED, "status"]  # of a reserved event
    looked_for = {word for body in FEATURES.values() for word in re.findall(r"'([^']+)'", str(body.get("where", "")))}
    assert looked_for - listed == set()


def test_every_kind_of_definition_occurs(read: FeatureSet) -> None:
    assert {type(one.body) for one in read.features.values()} == {Aggregated, Collected, Derived, Ranked}
