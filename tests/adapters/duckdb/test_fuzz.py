"""Garbled files: no row is lost, none is counted twice, and reading them twice gives the same."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.sources.workbench import PRAGUE, candidates, mapping_of, reading, schema_of

from onefold.adapters.duckdb import blocks as blocks_module
from onefold.adapters.duckdb.engine import connected
from onefold.adapters.duckdb.ordinals import Ordinals
from onefold.adapters.duckdb.rows import replay
from onefold.sources.values import LARGEST

HEAD = b"id;client;on;amount;kind\n"
MAPPING = """
source: payments
files: ${data}/p.csv
format: {separator: ";", encoding: ENCODING}
columns: {amount: money, on: date}
records:
  - event: payment
    customer: client:{client}
    time: on
    when: kind <> 'skip'
    properties: {amount: amount, kind: kind}
  - link: card:{kind}
    customer: client:{client}
    time: on
"""
good = st.tuples(
    st.sampled_from(["1", "2", ""]),
    st.sampled_from(["7", "8", "null", ""]),
    st.sampled_from(["2026-05-04", "1998-01-01", "x", ""]),
    st.sampled_from(["1.00", "2", "1.005", ""]),
    st.sampled_from(["a", "skip", "ř", '"q;q"', ""]),
).map(lambda fields: ";".join(fields).encode())
noise = st.binary(max_size=12) | st.text(';"\n\r\0aé', max_size=12).map(str.encode)
garbled = st.lists(good | noise, max_size=12).flatmap(
    lambda rows: st.sampled_from([b"\n", b"\r\n"]).map(lambda end: end.join([*rows, b""]))
)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(garbled, st.sampled_from(["utf-8", "cp1250", "latin-1"]))
@example(b'"\n"\n"', "utf-8")
@example(b'1;7;2026-05-04;1;"\n2;7;2026-05-04;1;x"\n', "utf-8")
def test_no_row_is_lost(body: bytes, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p.csv").write_bytes(HEAD + body)
        text = MAPPING.replace("ENCODING", encoding)
        once = candidates(text, folder)
        assert once == candidates(text, folder)
        run = reading(text, folder)
        rows = {(each.record, each.raw) for each in run if each.rejection}
        assert run.counts.rows <= body.count(b"\n") + body.count(b"\r") + 1
        kept = [each.raw for each in once if each.rejection is not None]
        assert len(rows) == len(kept)
        again = replay(mapping_of(text), kept, variables={}, base=folder, schema=schema_of(), zone=PRAGUE)
        assert [each.raw for each in again] == kept


@settings(deadline=None, max_examples=12)
@given(garbled)
@example(b'\n";\n"\r\n1;7;2026-05-04;1;a\n\xe6\n1;7;2026-05-04;1;a\na";;\n\n\x00\n')
def test_small_blocks_give_the_same(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p.csv").write_bytes(HEAD + body)
        text = MAPPING.replace("ENCODING", "utf-8")
        whole = candidates(text, folder)
        before = blocks_module.BLOCK_BYTES
        blocks_module.BLOCK_BYTES = 7
        try:
            assert candidates(text, folder) == whole
        finally:
            blocks_module.BLOCK_BYTES = before


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**17), max_value=10**17, places=11)
        | st.decimals(min_value=-(10**10), max_value=10**10, places=2)
        | st.sampled_from([Decimal("90071992547409.91"), Decimal("90071992547409.92"), Decimal("-0.00")]),
        min_size=1,
        max_size=20,
    )
)
def test_money_columns_are_exact(amounts: list[Decimal]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = "".join(f"{at};7;2026-05-04;{amount:f};k\n" for at, amount in enumerate(amounts))
        (folder / "p.csv").write_bytes(HEAD + rows.encode())
        text = MAPPING.replace("ENCODING", "utf-8").split("  - link")[0]
        found = candidates(text, folder)
        for amount, each in zip(amounts, found, strict=True):
            cents = round(Fraction(amount) * 100)
            legal = abs(Fraction(amount) - Fraction(cents, 100)) <= Fraction(1, 10**9) and abs(cents) <= LARGEST
            assert (each.event is not None) == legal, amount
            if each.event is not None:
                assert each.event.properties["amount"] == Decimal(cents).scaleb(-2)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8))
def test_ordinals_count_what_went_before(batches: list[list[int]]) -> None:
    ordinals = Ordinals()
    seen: dict[int, int] = {}
    for batch in batches:
        expected = []
        for row in batch:
            expected.append(seen.get(row, 0))
            seen[row] = expected[-1] + 1
        assert ordinals.number([f"{row:032x}"[::-1] for row in batch]) == expected


def test_the_database_reaches_nothing() -> None:
    with connected() as connection:
        for query in (
            "SELECT * FROM read_csv('/etc/hostname')",
            "SELECT * FROM read_text('/etc/hostname')",
            "SELECT * FROM sniff_csv('/etc/hostname')",
            "COPY (SELECT 1) TO '/tmp/onefold-test'",
            "ATTACH '/tmp/onefold-test.db'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SELECT * FROM connection",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(query).fetchall()
