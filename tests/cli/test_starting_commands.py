"""``init`` and ``simulate`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold


def test_init(onefold: Onefold, tmp_path: Path) -> None:
    done = onefold("init", tmp_path / "bank", "--json").fine().json
    assert done.keys() == {"folder", "lean", "files"}
    assert (done["folder"], done["lean"]) == (str(tmp_path / "bank"), False)
    assert (tmp_path / "bank" / "segments").is_dir()
    onefold("check", "-w", tmp_path / "bank").fine()
    said = onefold("init", tmp_path / "lean", "--lean").fine().out
    assert f"onefold check -w {tmp_path / 'lean'}" in said
    assert onefold("check", "-w", tmp_path / "lean", "--json").fine().json["events"] == 3


def test_simulate(onefold: Onefold, tmp_path: Path) -> None:
    words = ("--customers", 120, "--seed", 1, "--days", 30, "--end", "2026-02-28")
    done = onefold("simulate", tmp_path / "a", *words, "--json").fine().json
    assert done.keys() == {"folder", "customers", "seed", "first", "last", "rows", "demo", "simulated"}
    assert (done["customers"], done["seed"], done["first"], done["last"]) == (120, 1, "2026-01-30", "2026-02-28")
    assert done["simulated"] is True
    assert done["demo"]["before"] == "2026-03-01T09:00:00Z"
    loaded = onefold("load", "-w", tmp_path / "a", "--json").fine().json
    assert {one["source"]: one["read"] for one in loaded["sources"] if one["source"] != "web"} == {
        name: count for name, count in done["rows"].items() if name != "web"
    }
    said = onefold("simulate", tmp_path / "b", *words).fine().out
    assert "SIMULATED" in said
    assert done["demo"]["customer"] in said
    assert all(f"data/{name}.csv" in said for name in done["rows"])


def test_three_mortgage_pages_change_what_the_suggested_customer_is_shown(onefold: Onefold, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    demo = onefold("simulate", folder, "--customers", 100, "--seed", 4, "--json").fine().json["demo"]
    onefold("load", "-w", folder, "--history").fine()

    def hero(at: str) -> str:
        words = ("decide", demo["customer"], "-w", folder, "--placement", "home_hero", "--channel", "web")
        (item,) = onefold(*words, "--at", at, "--json").fine().json["placements"]["home_hero"]["items"]
        return str(item["offer"])

    assert hero(demo["before"]) != "fixed_rate_mortgage"
    assert hero(demo["after"]) == hero(demo["before"])
    onefold("load", "-w", folder, "--history", "--messages", folder / demo["messages"]).fine()
    assert hero(demo["after"]) == "fixed_rate_mortgage"


def test_a_folder_in_use_is_1_and_says_what_to_do(onefold: Onefold, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    for words in (("init", tmp_path), ("init", tmp_path, "--lean"), ("simulate", tmp_path)):
        done = onefold(*words, "--json")
        assert done.status == 1
        (problem,) = json.loads(done.err)["problems"]
        assert problem["what"] == str(tmp_path)
        assert problem["remedy"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_date_that_is_none_is_1(onefold: Onefold, tmp_path: Path) -> None:
    done = onefold("simulate", tmp_path / "bank", "--end", "soon")
    assert done.status == 1
    assert "2026-06-30" in done.err
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize(
    "words", [["init"], ["simulate"], ["simulate", "x", "--customers", "0"], ["simulate", "x", "--days", "1"]]
)
def test_usage_is_2(onefold: Onefold, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert onefold(*words).status == 2
    assert not list(tmp_path.iterdir())
