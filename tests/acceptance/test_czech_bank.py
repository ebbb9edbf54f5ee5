"""The Czech bank: our answers against the raw files, worked out apart."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.acceptance.command import Onefold, lines_of
from tests.acceptance.czech import ROWS, CzechBank, midnight, same

from onefold.core.instant import from_datetime
from onefold.features.engine import FOREVER
from onefold.profiles.layout import Layout
from onefold.profiles.timeline import read_person
from onefold.workspace.publishing import published_definitions
from onefold.workspace.reader import Reader
from onefold.workspace.stores import open_stores

DAYS = (
    "1995-04-30", "1995-10-01", "1996-01-31", "1996-02-29", "1996-03-31", "1996-10-27",
    "1997-02-28", "1997-03-30", "1997-10-26", "1998-01-01", "1998-06-30", "1998-12-31",
)  # fmt: skip
"""Month ends, 29 February, the days on which the clock changes, and the days after some of them."""
MOMENTS = ("1996-03-31T00:30:00Z", "1997-04-29T21:59:59.999999Z", "1997-11-24T23:00:00Z", "1998-12-30T12:34:56Z")


def test_every_row_is_accepted(czech: CzechBank) -> None:
    assert {one.source: one.read for one in czech.report.sources} == ROWS
    assert all(one.accepted == one.new == one.read and not one.rejected for one in czech.report.sources)
    assert not czech.report.undeclared


def account_days(czech: CzechBank) -> Iterator[tuple[str, str, date, Decimal, set[Decimal]]]:
    """Yield (client, account, day, running sum, balances of the day) of every day of every account."""
    for client, made in czech.raw.transactions.items():
        balances = defaultdict(set)
        for one in made:
            balances[one.account, one.day].add(one.balance)
        for account, day in sorted(balances):
            total = sum((one.flow for one in made if one.day <= day), Decimal(0))
            yield client, account, day, total, balances[account, day]


def test_net_flow_of_every_account_day(czech: CzechBank) -> None:
    """Through the reader, which keeps this fast; the next test goes through the front door."""
    days = 0
    with open_stores(czech.folder, read_only=True) as stores:
        definitions = published_definitions(stores)
        timelines = stores.timelines(Layout(definitions.schema))
        reader = Reader(stores, timelines, definitions)
        for client, account, day, total, balances in account_days(czech):
            who = reader.find(f"account:{account}")
            rows = read_person(timelines, who, known=FOREVER)
            at = from_datetime(midnight(day))
            net = reader.engine().read(rows, np.array([0, len(rows)]), now=at).value("net_flow", 0)
            assert isinstance(net, Decimal)
            assert net == total, (client, account, day)
            assert any(abs(net - balance) <= 1 for balance in balances), (account, day)
            days += 1
        timelines.close()
    assert days > 9000


@pytest.mark.nightly
def test_net_flow_of_every_account_day_through_the_front_door(czech: CzechBank) -> None:
    with czech.open() as bank:
        for client, account, day, total, _ in account_days(czech):
            found = bank.genome(f"account:{account}", at=day.isoformat())
            assert (found.customer, found.features["net_flow"]) == (f"client:{client}", total), day


@pytest.mark.parametrize(
    "day", [pytest.param(day, marks=pytest.mark.nightly if at % 2 else ()) for at, day in enumerate(DAYS)]
)
def test_the_export_gives_the_same_for_all(czech: CzechBank, onefold: Onefold, tmp_path: Path, day: str) -> None:
    to = tmp_path / "all.jsonl"
    onefold("--workspace", czech.folder, "export", "genomes", "--at", day, "--to", to).fine()
    now = midnight(date.fromisoformat(day))
    rows = lines_of(to)
    assert {row["customer"] for row in rows} == {
        f"client:{client}" for client, joined in czech.raw.joined.items() if midnight(joined) <= now
    }
    for row in rows:
        client = row.pop("customer").removeprefix("client:")
        features = {name: value for name, value in row.items() if not name.startswith("segment.")}
        wanted = czech.raw.features(client, now)
        assert same(features, {name: _plain(value) for name, value in wanted.items()}), (client, row, wanted)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def test_genomes_at_odd_moments(czech: CzechBank) -> None:
    some = random.Random(7).sample(sorted(czech.raw.transactions), 60)
    with czech.open() as bank:
        for moment in (*MOMENTS, *DAYS):
            now = midnight(date.fromisoformat(moment)) if len(moment) == 10 else datetime.fromisoformat(moment)
            for client in some:
                found = bank.genome(f"client:{client}", at=moment)
                wanted = czech.raw.features(client, now)
                assert same(dict(found.features), wanted), (client, moment, found.features, wanted)


def test_nothing_changes_before_next_change_and_something_may_then(czech: CzechBank) -> None:
    some = random.Random(11).sample(sorted(czech.raw.transactions), 40)
    moved = 0
    with czech.open() as bank:
        for client in some:
            now = datetime.fromisoformat("1997-03-30T10:00:00+00:00")
            change = bank.genome(f"client:{client}", at=now).next_change
            assert change is not None  # a birthday, at least
            at = datetime.fromisoformat(change)
            assert at > now
            steady = {"days_since_transaction", "days_since_opening"}
            last = at - timedelta(microseconds=1)
            # what the files say: only events and calendars change anything, and events lie in the future too
            events = [midnight(one.day) for one in czech.raw.transactions[client]]
            arrived = any(now < event <= last for event in events)
            before = {name: value for name, value in czech.raw.features(client, now).items() if name not in steady}
            if not arrived:
                late = czech.raw.features(client, last)
                assert {name: value for name, value in late.items() if name not in steady} == before
            moved += bank.genome(f"client:{client}", at=at).features != dict(before)
    assert moved


def test_a_client_is_found_by_every_name(czech: CzechBank, onefold: Onefold) -> None:
    owner = f"client:{czech.raw.owner['25']}"
    for name in (owner, "account:25"):
        found = onefold(
            "--workspace", czech.folder, "genome", name, "--at", "1998-06-30", "--json"
        ).fine().json  # fmt: skip
        assert found["customer"] == owner
        assert found["at"] == "1998-06-29T22:00:00Z"
    second = onefold("genome", "client:2", "-w", czech.folder, "--at", "1998-06-30", "--json").fine()
    assert second.json["customer"] == "client:2"
    assert second.json["features"]["sex"] == "male"


def test_story_9_the_first_sign_of_wallet_share(czech: CzechBank) -> None:
    count, paid = "insurance_elsewhere_count_365d", "insurance_elsewhere_365d"
    with czech.open() as bank:
        one = bank.genome("account:2982", at="1998-01-01")
        assert one.customer == "client:3601"
        assert (one.features[count], one.features[paid]) == (12, Decimal("2712.00"))
        year_on = bank.genome("account:2982", at="1998-12-31").features
        assert (year_on[count], year_on[paid]) == (4, Decimal("904.00"))
        everybody = bank.genomes(at="1998-12-31").select([count, paid]).to_pylist()
    payers = [row for row in everybody if row[count]]
    assert len(payers) == 12
    assert sum(row[paid] for row in payers) == Decimal("30370.00")


def test_formats_agree(czech: CzechBank, onefold: Onefold, tmp_path: Path) -> None:
    for ending in ("parquet", "csv", "jsonl"):
        done = onefold(
            "export", "genomes", "-w", czech.folder, "--at", "1998-01-31", "--to", tmp_path / f"all.{ending}", "--json"
        ).fine()  # fmt: skip
        assert done.json["customers"] == 5369
    table = pq.read_table(tmp_path / "all.parquet")
    with czech.open() as bank:
        assert table.equals(bank.genomes(at="1998-01-31"))
    assert str(table.schema.field("net_flow").type).startswith("decimal128")
    columns = (tmp_path / "all.csv").read_text().splitlines()
    assert len(columns) == 5370
    assert columns[0].replace('"', "").split(",") == table.column_names
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    lines = [decode(line) for line in (tmp_path / "all.jsonl").read_bytes().splitlines()]
    assert [line["net_flow"] for line in lines] == table.column("net_flow").to_pylist()
    assert [line["region"] for line in lines] == table.column("region").to_pylist()
