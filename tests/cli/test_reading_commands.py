"""``genome``, ``status``, ``export``: the shapes that programs rely on, and names that mean harm."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.acceptance.command import Onefold, lines_of
from tests.acceptance.shop import Shop, identify, track

KEYS = [
    "customer", "at", "known", "definitions", "features", "segments", "personas", "markers", "completeness",
    "next_change",
]  # fmt: skip


def test_genome_json_is_as_promised(shop: Shop, onefold: Onefold) -> None:
    shop.send(
        track("card_purchase", "2026-05-04T09:00:00Z", amount=1234.5, category="travel"), identify(region="north")
    )  # fmt: skip
    done = onefold("genome", "u1", "-w", shop.folder, "--at", "2026-05-05", "--json").fine()
    assert list(done.json) == KEYS
    assert done.json | {"definitions": "", "features": {}} == {
        "customer": "user:u1", "at": "2026-05-05T00:00:00Z", "known": None, "definitions": "", "features": {},
        "segments": [], "personas": {}, "markers": [], "completeness": {"characteristics": 1.0, "digital": 1.0,
        "financial": 0.5}, "next_change": None,
    }  # fmt: skip
    assert done.json["features"] == {
        "days_since_login": None, "dearest": None, "income": None, "lines": 0, "logins": 0, "mortgage_views_7d": 0,
        "pages": 0, "purchases": 1, "region": "north", "spend": 1234.5,
    }  # fmt: skip
    assert '"spend":1234.50' in done.out  # a number with its decimals, exact
    assert done.json["definitions"] == shop.bank.status().definitions


def test_genome_long_says_where_each_value_comes_from(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("card_purchase", "2026-05-04T09:00:00Z", amount=5))
    done = onefold("genome", "u1", "-w", shop.folder, "--long", "--json").fine().json
    assert list(done) == [*KEYS, "missing"]
    assert done["features"]["spend"] == {
        "value": 5.0, "layer": None, "family": "financial", "sources": ["card_purchase"],
        "as_of": "2026-05-04T09:00:00Z",
    }  # fmt: skip
    assert done["features"]["region"]["as_of"] is None
    said = onefold("genome", "u1", "-w", shop.folder, "--long").fine().out
    assert "card_purchase" in said
    assert "financial" in said


def test_genome_for_people(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("card_purchase", amount=1234.5))
    said = onefold("genome", "u1", "-w", shop.folder, "--at", "2026-06-01", "--known", "2026-06-02").fine().out
    assert said.startswith("user:u1 at 2026-06-01T00:00:00Z, as known at 2026-06-02T00:00:00Z")
    assert "1,234.50" in said
    assert said.rstrip().endswith("Next change by itself: none.")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--at", "soon"], "--at soon"),
        (["--at", "2026-13-01"], "--at 2026-13-01"),
        (["--at", "12026-01-01"], "--at"),
        (["--known", "never"], "--known never"),
        (["--at", ""], "--at"),
    ],
)
def test_times_that_are_none(shop: Shop, onefold: Onefold, words: list[str], says: str) -> None:
    shop.send(track("login"))
    done = onefold("genome", "u1", "-w", shop.folder, *words)
    assert done.status == 1
    assert says in done.err
    assert "ISO 8601" in done.err


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE x; --",
        "../../etc/passwd",
        "[bold red]x[/]",
        "x" * 5000,
        "a:b:c",
        ":",
        "*",
        "%s%s%n",
        "\N{SNOWMAN}",
    ],
)
def test_hostile_names_that_never_occurred(shop: Shop, onefold: Onefold, name: str) -> None:
    shop.send(track("login"))
    done = onefold("genome", name, "-w", shop.folder)
    assert done.status == 1
    assert "Traceback" not in done.err
    assert "    " in done.err  # a remedy


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\x00b", "a\nb", "\udcff", "null", "", "  "])
def test_names_that_can_be_no_ones(shop: Shop, onefold: Onefold, name: str) -> None:
    shop.send(track("login"))
    done = onefold("genome", name, "-w", shop.folder)
    assert done.status == 1
    assert "\x1b" not in done.err


HOSTILE = ["=1+1", '"x",y', "a,b", "[bold]x[/bold]", "it's", "\N{SNOWMAN}", "a b", "</script>"]


def test_hostile_names_that_do_occur(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    shop.send(*(track("card_purchase", user=name, amount=1, category=name) for name in HOSTILE))
    for name in HOSTILE:
        said = onefold("genome", name, "-w", shop.folder).fine().out
        assert said.startswith(f"user:{name} at ")
    for ending in ("csv", "jsonl"):
        onefold("export", "genomes", "-w", shop.folder, "--to", tmp_path / f"x.{ending}").fine()
    with (tmp_path / "x.csv").open(newline="") as file:
        assert sorted(row["customer"] for row in csv.DictReader(file)) == sorted(f"user:{name}" for name in HOSTILE)
    assert [row["customer"] for row in lines_of(tmp_path / "x.jsonl")] == sorted(f"user:{name}" for name in HOSTILE)


def test_rejected_text_cannot_steer_a_terminal(shop: Shop, onefold: Onefold) -> None:
    shop.send(b'{"a": "\x1b]0;owned\x07\x1b[2J"}\n', track("[bold red]x", user="u\x9b2J"))
    said = onefold("rejected", "list", "-w", shop.folder).fine().out
    assert not {sign for sign in said if not sign.isprintable()} - {"\n"}
    assert "owned" in said


def test_status_json(shop: Shop, onefold: Onefold) -> None:
    shop.send(track("login"), track("nosuch"), track("login", user=None, anon="a1"))
    done = onefold("status", "-w", shop.folder, "--json").fine().json
    assert done == {
        "workspace": "Shop", "definitions": done["definitions"], "draft_differs": False, "records": 3, "behind": 0,
        "customers": 1, "visitors": 1, "rejected": {"unknown_event": 1},
    }  # fmt: skip
    assert "rejected: unknown_event" in onefold("status", "-w", shop.folder).fine().out


def test_export_json_and_its_refusals(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    shop.send(track("login"), track("login", user=None, anon="a1"))
    to = tmp_path / "x.parquet"
    export = ("export", "genomes", "-w", shop.folder, "--at", "2026-06-01", "--json")
    done = onefold(*export, "--to", to).fine().json
    assert done == {
        "file": str(to), "customers": 1, "at": "2026-06-01T00:00:00Z", "definitions": shop.bank.status().definitions,
    }  # fmt: skip
    assert onefold(*export, "--to", to, "--visitors").fine().json["customers"] == 2
    before = to.read_bytes()
    for bad, why in ((tmp_path / "x.xlsx", "ending"), (tmp_path / "no" / "x.csv", "folder"), (tmp_path, "ending")):
        refused = onefold(*export, "--to", bad)
        assert refused.status == 1
        assert why in refused.err
    (tmp_path / "d.csv").mkdir()
    assert onefold(*export, "--to", tmp_path / "d.csv").status == 1
    assert to.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.csv", "messages.jsonl", "shop", "x.parquet"]


def test_an_export_of_nobody_has_its_columns(shop: Shop, onefold: Onefold, tmp_path: Path) -> None:
    onefold("apply", "-w", shop.folder).fine()
    onefold("export", "genomes", "-w", shop.folder, "--to", tmp_path / "x.csv").fine()
    assert (tmp_path / "x.csv").read_text().startswith('"customer","days_since_login",')


def test_no_progress_bar_where_no_one_watches(shop: Shop, onefold: Onefold) -> None:
    path = shop.file(track("login", f"2026-05-04T09:00:00.{at:06}Z") for at in range(3000))
    assert onefold("load", "-w", shop.folder, "--messages", path).fine().err == ""
    done = onefold("genome", "u1", "-w", shop.folder, "--json").fine()
    assert (done.err, json.loads(done.out)["features"]["logins"]) == ("", 3000)


def test_load_says_what_it_did(shop: Shop, onefold: Onefold) -> None:
    path = shop.file([track("login", device="x"), track("nosuch")])
    said = onefold("load", "-w", shop.folder, "--messages", path).fine().out
    assert "Nothing was published yet: published the files as" in said
    assert "1 rejected: see `onefold rejected list`." in said
    assert "login.device (1)" in said
    shop.write("features/more.yaml", "features: {}\n")
    assert "`onefold apply` puts them in force" in onefold("load", "-w", shop.folder, "--messages", path).fine().out


@pytest.mark.parametrize("stated", ["data", "=x", ""])
def test_variables_need_a_name_and_a_value(shop: Shop, onefold: Onefold, stated: str) -> None:
    done = onefold("load", "-w", shop.folder, "--var", stated)
    assert done.status == 1
    assert "--var name=value" in done.err


def test_loading_without_any_source(shop: Shop, onefold: Onefold) -> None:
    done = onefold("load", "-w", shop.folder)
    assert done.status == 1
    assert "no source is defined" in done.err
    assert "--messages" in done.err
