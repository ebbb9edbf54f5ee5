"""The real records of a bank: every transaction is mapped, and every account's sum is the raw file's."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.workbench import PRAGUE, reading, schema_of

from onefold.core.event import Event

DATA = Path(__file__).parents[4] / "shared" / "data" / "berka"
EVENTS = "events: {transaction: {flow: money, balance: money, type: category}}\ntraits: {region: category}"
TRANSACTIONS = """
source: transactions
files: ${data}/trans.csv
format: {separator: ";"}
columns: {amount: money, balance: money, trans_id: number, date: {type: date, format: "%y%m%d"}}
lookups:
  owner: {files: "${data}/disp.csv", format: {separator: ";"}, key: account_id, where: type = 'OWNER'}
records:
  - event: transaction
    customer: account:{account_id}
    time: date
    id: [trans_id]
    order: trans_id
    properties:
      flow: CASE WHEN type = 'credit' THEN amount ELSE -amount END
      balance: balance
      type: type
  - link: account:{account_id}
    customer: client:{owner.client_id}
    time: date
"""
CLIENTS = """
source: clients
files: ${data}/client.csv
format: {separator: ";"}
lookups:
  district: {files: "${data}/district.csv", format: {separator: ";"}, key: code, on: district_id}
records:
  - identify: {region: district.region}
    customer: client:{client_id}
    time: DATE '1993-01-01'
"""

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="real data not present: ../shared/data")


def all_events(mapping: str) -> list[Event]:
    run = reading(mapping, DATA, schema_of(EVENTS))
    found = [each.event for each in run if each.event is not None]
    assert run.counts.rejections == 0
    return found


def test_every_transaction_is_there_to_the_last_heller() -> None:
    ours: dict[str, Decimal] = defaultdict(Decimal)
    events = [event for event in all_events(TRANSACTIONS) if event.name == "transaction"]
    assert len({event.message_id for event in events}) == len(events) == 14_148
    for event in events:
        ours[event.node] += event.properties["flow"]
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    with (DATA / "trans.csv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            sign = 1 if row["type"] == "credit" else -1
            theirs[f"account:{row['account_id']}"] += sign * Decimal(row["amount"])
    assert ours == theirs
    days = {PRAGUE.date(event.time) for event in events}
    assert (min(days).isoformat()[:7], max(days).isoformat()[:7]) == ("1995-04", "1998-12")


def test_every_account_has_its_owner() -> None:
    owners = {event.alias: event.node for event in all_events(TRANSACTIONS) if event.alias}
    with (DATA / "disp.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["type"] == "OWNER"]
    theirs = {f"account:{row['account_id']}": f"client:{row['client_id']}" for row in rows}
    assert all(theirs[str(account)] == owner for account, owner in owners.items())


def test_headers_with_blanks_and_a_chain_of_files() -> None:
    events = all_events(CLIENTS)
    assert len(events) == 5_369
    regions = {event.properties["region"] for event in events}
    assert {"Prague", "central Bohemia"} <= regions
    assert None not in regions
