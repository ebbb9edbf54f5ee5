from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.acceptance.shop import Shop, identify, track

from onefold.core.errors import UserError
from onefold.workspace.export import check_target, write

EVENTS = """
events:
  seen: {money: money, number: {type: number, scale: 3}, whole: {type: number, scale: 0}, kind: category, yes: boolean,
         day: date, moment: instant, took: duration}
traits: {birth_date: date}
"""
FEATURES = """
features:
  money: {last: seen.money}
  mean: {mean: seen.money}
  number: {last: seen.number}
  whole: {sum: seen.whole}
  kind: {last: seen.kind}
  yes: {last: seen.yes}
  day: {last: seen.day}
  moment: {last: seen.moment}
  took: {last: seen.took}
  rich: {expr: "money > 5"}
  label: {expr: "CASE WHEN money > 5 THEN 'rich' ELSE kind END"}
"""
TYPES = {
    "customer": "string", "money": "decimal128(38, 2)", "mean": "double", "number": "decimal128(38, 3)",
    "whole": "int64", "kind": "string", "yes": "bool", "day": "date32[day]", "moment": "timestamp[us, tz=UTC]",
    "took": "double", "rich": "bool", "label": "string",
}  # fmt: skip


@pytest.fixture
def typed(tmp_path: Path) -> Shop:
    """Two people: one with a value of every type, one with none."""
    shop = Shop(tmp_path / "typed", {"events.yaml": EVENTS, "features/all.yaml": FEATURES})
    shop.send(
        track("seen", money=-9007199254.25, number=1.125, whole=3, kind="a", yes=True, day="2026-02-28",
              moment="2026-05-04T09:00:00.000001Z", took="PT1M30S"),
        identify(user="u2", birth_date="2000-01-01"),
    )  # fmt: skip
    return shop


def test_every_type_has_its_column(typed: Shop) -> None:
    table = typed.bank.genomes()
    assert {field.name: str(field.type) for field in table.schema} == TYPES
    some, none = sorted(table.to_pylist(), key=lambda row: str(row["customer"]))
    assert some["money"] == Decimal("-9007199254.25")
    assert (some["number"], some["whole"], some["kind"], some["yes"]) == (Decimal("1.125"), 3, "a", True)
    assert (some["day"], some["took"], some["rich"], some["label"]) == (date(2026, 2, 28), 90.0, False, "a")
    assert some["moment"].isoformat() == "2026-05-04T09:00:00.000001+00:00"
    assert some["mean"] == -9007199254.25
    assert {name: value for name, value in none.items() if value is not None} == {"customer": "user:u2", "whole": 0}


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_every_format_takes_every_type(typed: Shop, tmp_path: Path, ending: str) -> None:
    to = tmp_path / f"x.{ending}"
    assert typed.bank.export_genomes(to).customers == 2
    if ending == "parquet":
        assert pq.read_table(to).equals(typed.bank.genomes())
    elif ending == "jsonl":
        rows = [json.loads(line) for line in to.read_bytes().splitlines()]
        [some] = [row for row in rows if row["customer"] == "user:u1"]
        assert (some["day"], some["moment"]) == ("2026-02-28", "2026-05-04T09:00:00.000001Z")
        assert b"-9007199254.25" in to.read_bytes()
    else:
        assert "-9007199254.25" in to.read_text()


def test_a_table_and_a_genome_say_the_same(typed: Shop) -> None:
    for row in typed.bank.genomes().to_pylist():
        genome = typed.bank.genome(row.pop("customer")).features
        said = {name: getattr(value, "isoformat", lambda value=value: value)() for name, value in row.items()}
        plain = {name: getattr(value, "isoformat", lambda value=value: value)() for name, value in genome.items()}
        said["moment"] = said["moment"] and said["moment"].replace("+00:00", "Z")
        assert said == plain


def test_a_failing_export_leaves_what_was_there(tmp_path: Path) -> None:
    to = tmp_path / "x.csv"
    table = pa.table({"customer": ["a"]})
    assert write([table, table], to) == 2
    before = to.read_bytes()

    def broken() -> object:
        yield table
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"):
        write(broken(), to)  # type: ignore[arg-type]
    assert to.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize(("name", "why"), [("x.xlsx", "ending"), ("x", "ending"), ("no/x.csv", "folder")])
def test_targets_that_cannot_be(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        check_target(tmp_path / name)
