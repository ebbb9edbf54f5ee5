"""``check`` and ``apply``: all problems at once, with their places and remedies."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.command import Onefold
from tests.acceptance.shop import FEATURES, Shop, track


def test_check_counts(shop: Shop, onefold: Onefold) -> None:
    shop.write("segments/all.yaml", "segments: {busy: {when: logins > 3}}\n")
    shop.write("journeys/welcome.yaml", "journeys: {}\n")
    done = onefold("check", "-w", shop.folder, "--json").fine().json
    assert done.keys() == {
        *("definitions", "events", "traits", "features", "sources", "unread"),
        *("segments", "offers", "placements", "policies"),
    }
    assert (done["traits"], done["features"], done["sources"]) == (4, 10, 0)
    assert (done["segments"], done["offers"], done["policies"]) == (1, 0, 0)
    assert done["unread"] == ["journeys/welcome.yaml"]
    assert len(done["definitions"]) == 64
    said = onefold("check", "-w", shop.folder).fine().out
    assert "4 traits, 10 features, 0 sources, 1 segments." in said
    assert "journeys/welcome.yaml" in said


def test_every_problem_of_every_file_with_its_line_and_remedy(shop: Shop, onefold: Onefold) -> None:
    shop.write("onefold.yaml", "name: Shop\ntime_zone: Mars/Olympus\ncurrency: EUR\n")
    shop.write("events.yaml", "events:\n  login: {}\n  paid:\n    amount: {type: monye}\n")
    shop.write(
        "features/all.yaml", 'features:\n  a: {count: nosuch}\n  b: {count: login, within: 7x}\n  c: {expr: "1 +"}\n'
    )
    shop.write("sources/x.yaml", "source: x\nfiles: x.csv\nrecords:\n  - event: nosuch\n    customer: user:{a}\n")
    done = onefold("check", "-w", shop.folder, "--json")
    assert done.status == 1
    places = [problem["where"] for problem in done.problems]
    assert all(problem["why"] and problem["remedy"] for problem in done.problems)
    for where in (
        "events.yaml:4:", "features/all.yaml:2:", "features/all.yaml:3:", "features/all.yaml:4:", "onefold.yaml:2:",
        "sources/x.yaml:4:",
    ):  # fmt: skip
        assert any(place.startswith(where) for place in places), (where, places)
    assert [place.split(":")[0] for place in places] == sorted(place.split(":")[0] for place in places)
    said = onefold("check", "-w", shop.folder)
    assert said.status == 1
    assert said.err.count("\n    ") >= len(places)
    assert said.err.endswith(f"{len(places)} problems\n")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("features:\n  a: {count: login\n", 3, "this is not YAML"),
        ("features:\n  a: {count: login}\n  a: {count: login}\n", 3, "a key stands twice"),
        ("- a\n", 1, "top is not a mapping"),
        ("features:\n\tx: 1\n", 2, "this is not YAML"),
    ],
)
def test_broken_yaml(shop: Shop, onefold: Onefold, text: str, line: int, why: str) -> None:
    shop.write("features/more.yaml", text)
    done = onefold("check", "-w", shop.folder)
    assert done.status == 1
    assert f"features/more.yaml:{line}:" in done.err
    assert why in done.err


def test_a_broken_events_yaml_does_not_bury_its_cause(shop: Shop, onefold: Onefold) -> None:
    shop.write("events.yaml", "events:\n  login: {\n")
    done = onefold("check", "-w", shop.folder, "--json")
    assert [problem["what"] for problem in done.problems] == ["this is not YAML"]


def test_a_file_that_is_no_text(shop: Shop, onefold: Onefold) -> None:
    (shop.folder / "features" / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    done = onefold("check", "-w", shop.folder)
    assert done.status == 1
    assert "features/bad.yaml" in done.err
    assert "UTF-8" in done.err


def test_no_workspace(onefold: Onefold, tmp_path: Path) -> None:
    messages = tmp_path / "m.jsonl"
    messages.write_text("")
    for words in (
        ["check"], ["apply"], ["load"], ["load", "--messages", messages], ["status"], ["genome", "u1"],
        ["rejected", "list"], ["rejected", "replay"], ["export", "genomes", "--to", tmp_path / "x.csv"],
        ["genome", "u1", "--draft"],
    ):  # fmt: skip
        for folder in (tmp_path, tmp_path / "nosuch"):
            done = onefold(*words, "--workspace", folder)
            assert done.status == 1, words
            assert str(folder) in done.err, words
            assert "it is no workspace" in done.err, words
    assert not (tmp_path / ".onefold").exists()
    assert not (tmp_path / "nosuch").exists()


def test_apply_publishes_once(shop: Shop, onefold: Onefold) -> None:
    first = onefold("apply", "-w", shop.folder, "--json").fine().json
    assert (first["number"], first["changed"]) == (1, True)
    assert onefold("apply", "-w", shop.folder, "--json").fine().json == {**first, "changed": False}
    shop.write("features/all.yaml", FEATURES + "  more: {count: login}\n")
    second = onefold("apply", "-w", shop.folder, "--json").fine().json
    assert (second["number"], second["changed"]) == (2, True)
    assert second["definitions"] != first["definitions"]
    assert "number 2" in onefold("apply", "-w", shop.folder).fine().out


def test_commands_read_what_is_published_and_draft_the_files(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("login"))
    shop.write("features/all.yaml", "features:\n  visits: {count: login}\n")
    genome = ("genome", "u1", "-w", shop.folder, "--json")
    assert "visits" not in onefold(*genome).fine().json["features"]
    assert onefold(*genome, "--draft").fine().json["features"] == {"visits": 1}
    assert "visits" not in onefold(*genome).fine().json["features"]
    assert onefold("status", "-w", shop.folder, "--json").fine().json["draft_differs"] is True
    onefold("apply", "-w", shop.folder).fine()
    assert onefold(*genome).fine().json["features"] == {"visits": 1}


def test_a_broken_draft_stops_no_one(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("login"))
    shop.write("features/all.yaml", "features:\n  a: {count: nosuch}\n")
    path = shop.file([track("login")], "more.jsonl")
    done = onefold("load", "-w", shop.folder, "--messages", path, "--json").fine().json
    assert done["draft_differs"] is True
    assert onefold("genome", "u1", "-w", shop.folder, "--json").fine().json["features"]["logins"] == 2
    assert onefold("genome", "u1", "-w", shop.folder, "--draft").status == 1
    assert onefold("apply", "-w", shop.folder).status == 1
