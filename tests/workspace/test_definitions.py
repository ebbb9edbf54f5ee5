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
        {**GOOD, "sources/a.yaml": SOURCE.format(name="a") + columns, "offers/x.yaml": "offers: {}", "places.yaml": ""}
    )
    assert found.config.name == "Shop"
    assert len(found.features.features) == 10
    assert [mapping.source for mapping in found.mappings] == ["a"]
    assert found.unread == ("places.yaml",)


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
