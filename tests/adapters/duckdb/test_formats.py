from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sources.workbench import candidates, codes, reading

from onefold.adapters.duckdb.objects import parse_object
from onefold.core.errors import UserError

MAPPING = """
source: payments
files: FILE
columns: {amount: money, at: instant, day: date}
records:
  - event: payment
    customer: client:{owner_id}
    time: at
    properties: {amount: amount, kind: kind, due_on: day}
"""
GOOD = '{"ownerId": 7, "amount": 12.340, "at": "2026-05-04T09:00:00Z", "kind": "ř", "day": "2026-05-04"}'
BAD = ["{", "[]", "5", '{"a": {"b": 1}, "a_b": 2}', '{"owner_id": 1', '{"owner_id": NaN}', "[" * 3000]


def test_json_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join([GOOD, "", *BAD, GOOD]))
    found = candidates(MAPPING.replace("FILE", "a.jsonl"), tmp_path)
    assert codes(found) == ["", *["malformed_row"] * len(BAD), ""]
    assert found[0].event is not None
    assert found[0].event.node == "client:7"
    assert found[0].event.properties == {"amount": Decimal("12.34"), "kind": "ř", "due_on": "2026-05-04"}


def test_a_json_array_gives_the_same_events(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{GOOD}\n{GOOD}")
    (tmp_path / "a.json").write_text(f"[{GOOD}, 5, {GOOD}]")
    lines = candidates(MAPPING.replace("FILE", "a.jsonl"), tmp_path)
    array = candidates(MAPPING.replace("FILE", "a.json"), tmp_path)
    assert codes(array) == ["", "malformed_row", ""]
    assert [array[0].event, array[2].event] == [each.event for each in lines]
    for text in ("{}", "[1", "x"):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(UserError, match="not a JSON array"):
            list(reading(MAPPING.replace("FILE", "a.json"), tmp_path))


def test_inner_objects_are_flattened() -> None:
    assert parse_object('{"owner": {"Id": 1, "ok": true}, "x": null, "y": "", "tags": ["a"], "n": 1.50}') == {
        "owner_id": "1", "owner_ok": "true", "x": None, "y": None, "tags": '["a"]', "n": "1.50",
    }  # fmt: skip


def test_parquet_is_read_as_exact_text(tmp_path: Path) -> None:
    at = dt.datetime(2026, 5, 4, 11, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    table = pa.table(
        {
            "OwnerId": pa.array([7, None], pa.int64()),
            "amount": pa.array([Decimal("12.34"), Decimal("90071992547409.91")], pa.decimal128(20, 2)),
            "at": pa.array([at, at], pa.timestamp("ns", "Europe/Prague")),
            "kind": pa.array(["ř", "x"]).dictionary_encode(),
            "day": pa.array([dt.date(2026, 5, 4), None]),
            "unused": pa.array([[1], []]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = candidates(MAPPING.replace("FILE", "a.parquet"), tmp_path)
    assert codes(found) == ["", "no_customer"]
    (tmp_path / "a.jsonl").write_text(GOOD)
    line = candidates(MAPPING.replace("FILE", "a.jsonl"), tmp_path)[0].event
    assert line is not None
    assert found[0].event is not None
    assert found[0].event.properties == line.properties
    assert found[0].event.time == line.time
    assert b"12.34" not in found[1].raw
    assert b"90071992547409.91" in found[1].raw


def test_floats_of_parquet_keep_their_shortest_text(tmp_path: Path) -> None:
    values = [0.1, 1e15, 5.0, float("nan"), None]
    table = pa.table(
        {
            "owner_id": ["1"] * 5,
            "amount": values,
            "at": ["2026-05-04"] * 5,
            "kind": [""] * 5,
            "day": [None] * 5,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = candidates(MAPPING.replace("FILE", "a.parquet"), tmp_path)
    assert codes(found) == ["", "bad_column", "", "", ""]
    assert [each.event and each.event.properties.get("amount") for each in found] == [
        Decimal("0.10"), None, Decimal("5.00"), None, None,
    ]  # fmt: skip


def test_what_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("PAR1 no")
    with pytest.raises(UserError, match="Parquet"):
        list(reading(MAPPING.replace("FILE", "a.parquet"), tmp_path))
    pq.write_table(pa.table({"owner_id": ["1"]}), tmp_path / "a.parquet")
    with pytest.raises(UserError, match="no column `amount`"):
        list(reading(MAPPING.replace("FILE", "a.parquet"), tmp_path))
