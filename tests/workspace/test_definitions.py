from __future__ import annotations

import pytest
from tests.acceptance.shop import EVENTS, FEATURES, ONEFOLD

from onefold.core.errors import UserError
from onefold.workspace.definitions import read_definitions

GOOD = {"onefold.yaml": ONEFOLD, "events.yaml": EVENTS, "features/all.yaml": FEATURES}
SOURCE = "source: {name}\nfiles: x.csv\nrecords:\n  - event: login\n    customer: user:{{who}}\n    time: day\n"


def places(contents: dict[str, str]) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_definitions(contents)
    return [str(problem.place) for problem in caught.value.problems]


def test_a_good_set() -> None:
    columns = "columns: {day: date}\n"
    found = read_definitions(
        {
            **GOOD,
            "sources/a.yaml": SOURCE.format(name="a") + columns,
            "offers/x.yaml": "offers: {}",
            "personas/x.yaml": "",
        }
    )
    assert found.config.name == "Shop"
    assert len(found.features.features) == 10
    assert [mapping.source for mapping in found.mappings] == ["a"]
    assert found.unread == ("personas/x.yaml",)


def test_problems_of_all_files_at_once() -> None:
    bad = "features:\n  a: {count: nosuch}\n"
    found = places({**GOOD, "features/a.yaml": bad, "features/b.yaml": bad.replace("a:", "b:"), "onefold.yaml": "x: 1"})
    assert {place.split(":")[0] for place in found} == {"features/a.yaml", "features/b.yaml", "onefold.yaml"}


def test_yaml_faults_of_every_file_but_nothing_that_only_follows_from_them() -> None:
    found = places({**GOOD, "events.yaml": "a: {", "features/more.yaml": "b: {", "sources/x.yaml": "c: ["})
    assert sorted(place.split(":")[0] for place in found) == ["events.yaml", "features/more.yaml", "sources/x.yaml"]
    found = places({**GOOD, "features/more.yaml": "b: {", "features/bad.yaml": "features:\n  z: {count: nosuch}\n"})
    assert sorted(place.split(":")[0] for place in found) == ["features/bad.yaml", "features/more.yaml"]


def test_two_sources_of_one_name() -> None:
    columns = "columns: {day: date}\n"
    text = SOURCE.format(name="a") + columns
    assert places({**GOOD, "sources/a.yaml": text, "sources/b.yaml": text}) == ["sources/b.yaml:2:8"]


def test_retention_of_what_is_not_declared() -> None:
    with pytest.raises(UserError, match="retention of `nosuch`"):
        read_definitions({**GOOD, "onefold.yaml": ONEFOLD + "retention: {nosuch: 24mo}\n"})
    fine = read_definitions({**GOOD, "onefold.yaml": ONEFOLD + "retention: {login: 24mo}\n"})
    assert list(fine.config.retention) == ["login"]


def test_retention_hides_old_events_from_every_feature() -> None:
    found = read_definitions({**GOOD, "onefold.yaml": ONEFOLD + "retention: {login: 24mo}\n"})
    assert found.features.retention == found.config.retention


PLACES = "places: {main_square: {at: [50.0870, 14.4208], kind: branch}}"
MODEL = '{"model": "likes", "form": "linear", "inputs": ["times_in"], "weights": [2]}'


def test_places_and_models_are_part_of_the_set() -> None:
    set_ = {**GOOD, "places.yaml": PLACES, "models/likes.json": MODEL, "features/more.yaml": (
        "features:\n  times_in: {count: login}\n  liking: {model: likes}\n")}  # fmt: skip
    found = read_definitions(set_)
    assert found.unread == ()
    assert found.features.features["liking"].body.names == {"times_in"}
    others = ({**set_, "places.yaml": PLACES + " "}, {**set_, "models/likes.json": MODEL + " "})
    assert len({found.digest, *(read_definitions(other).digest for other in others)}) == 3


def test_features_are_not_at_fault_for_a_place_or_a_model_that_is() -> None:
    features = "features:\n  liking: {model: likes}\n  times_in: {count: login}\n"
    bad = {"features/more.yaml": features, "places.yaml": "places: {x: {at: [1]}}"}
    weights = MODEL.replace("[2]", "[2, 3]")
    found = places({**GOOD, **bad, "models/likes.json": weights})
    assert [place.split(":")[0] for place in found] == ["models/likes.json", "places.yaml"]
    found = places({**GOOD, **bad, "models/likes.json": "{"})
    assert [place.split(":")[0] for place in found] == ["models/likes.json"]
