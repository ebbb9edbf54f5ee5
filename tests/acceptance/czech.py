"""The Czech bank as raw files: what its features should be, worked out without any of our code."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import onefold
from onefold.workspace.bank import Bank
from onefold.workspace.report import LoadReport

EXAMPLE = Path(__file__).parents[2] / "examples" / "czech-bank"
PRAGUE = ZoneInfo("Europe/Prague")
ROWS = {"accounts": 9000, "cards": 202, "clients": 5369, "consents": 5369, "loans": 682, "transactions": 14148}


@dataclass(frozen=True)
class CzechBank:
    """A loaded workspace, where its raw files are, and what the load said."""

    folder: Path
    raw: Raw
    report: LoadReport

    def open(self) -> Bank:
        return onefold.open(self.folder)


def load_czech(folder: Path, data: Path) -> CzechBank:
    """Copy the example workspace into a folder and load the raw files."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".onefold"))
    with onefold.open(folder) as bank:
        return CzechBank(folder, Raw(data), bank.load({"data": str(data)}))


@cache
def midnight(day: date) -> datetime:
    """Return 00:00 of a day in Prague, in UTC."""
    return datetime.combine(day, time(), PRAGUE).astimezone(UTC)


def day_of(text: str) -> date:
    """Read YYMMDD of the twentieth century."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


@dataclass(frozen=True)
class Transaction:
    id: int
    account: str
    day: date
    type: str
    operation: str
    symbol: str
    bank: str
    amount: Decimal
    balance: Decimal

    @property
    def is_credit(self) -> bool:
        return self.type == "credit"

    @property
    def flow(self) -> Decimal:
        return self.amount if self.is_credit else -self.amount


class Raw:
    """The raw files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(newline="") as file:
            reader = csv.DictReader(file, delimiter=";")
            return [{key.strip(): value for key, value in row.items()} for row in reader]

    @cached_property
    def owner(self) -> dict[str, str]:
        return {row["account_id"]: row["client_id"] for row in self.rows("disp.csv") if row["type"] == "OWNER"}

    @cached_property
    def opened(self) -> dict[str, date]:
        return {row["account_id"]: day_of(row["date"]) for row in self.rows("account.csv")}

    @cached_property
    def joined(self) -> dict[str, date]:
        """When the account of each client was opened."""
        return {row["client_id"]: self.opened[row["account_id"]] for row in self.rows("disp.csv")}

    @cached_property
    def clients(self) -> dict[str, dict[str, str]]:
        return {row["client_id"]: row for row in self.rows("client.csv")}

    @cached_property
    def regions(self) -> dict[str, str]:
        return {row["code"]: row["region"] for row in self.rows("district.csv")}

    @cached_property
    def cards(self) -> dict[str, list[tuple[date, str]]]:
        """The cards of each client: when they were issued, and their kind."""
        holder = {row["disp_id"]: row["client_id"] for row in self.rows("disp.csv")}
        found = defaultdict(list)
        for row in self.rows("card.csv"):
            found[holder[row["disp_id"]]].append((day_of(row["issued"]), row["type"]))
        return found

    @cached_property
    def accounts(self) -> dict[str, list[date]]:
        """When the accounts that each client owns were opened."""
        found = defaultdict(list)
        for account, client in self.owner.items():
            found[client].append(self.opened[account])
        return found

    @cached_property
    def loans(self) -> dict[str, list[date]]:
        found = defaultdict(list)
        for row in self.rows("loan.csv"):
            found[self.owner[row["account_id"]]].append(day_of(row["date"]))
        return found

    @cached_property
    def transactions(self) -> dict[str, list[Transaction]]:
        """The transactions of each client, the oldest first."""
        found = defaultdict(list)
        for row in self.rows("trans.csv"):
            one = Transaction(
                int(row["trans_id"]),
                row["account_id"],
                day_of(row["date"]),
                row["type"],
                row["operation"],
                row["k_symbol"],
                row["bank"],
                Decimal(row["amount"]),
                Decimal(row["balance"]),
            )
            found[self.owner[one.account]].append(one)
        return {client: sorted(made, key=lambda one: (one.day, one.id)) for client, made in found.items()}

    def features(self, client: str, now: datetime) -> dict[str, Any]:
        """Return every listed feature of a client at an instant."""
        made = [one for one in self.transactions.get(client, []) if midnight(one.day) <= now]

        def within(days: int) -> list[Transaction]:
            return [one for one in made if midnight(one.day) >= now - timedelta(days=days)]

        def out(some: list[Transaction]) -> list[Transaction]:
            return [one for one in some if not one.is_credit]

        paid_in = [one.amount for one in within(90) if one.is_credit]
        insurance = [one for one in out(within(365)) if one.symbol == "insurrance payment" and one.bank]
        here = midnight(self.joined[client]) <= now
        local = now.astimezone(PRAGUE)
        leap_day = (local.month, local.day) == (2, 29)
        year_ago = (
            local.replace(year=local.year - 1, month=3, day=1) if leap_day else local.replace(year=local.year - 1)
        )
        months = {(one.day.year, one.day.month) for one in made if midnight(one.day) >= year_ago}
        birth = self.clients[client]["birth_number"]
        woman = int(birth[2:4]) > 50
        born = date(1900 + int(birth[:2]), int(birth[2:4]) - 50 * woman, int(birth[4:6]))
        cards = sorted(card for card in self.cards.get(client, []) if midnight(card[0]) <= now)
        accounts = [midnight(day) for day in self.accounts.get(client, []) if midnight(day) <= now]
        loans = sum(midnight(day) <= now for day in self.loans.get(client, []))
        cash = [one for one in out(within(90)) if one.operation == "withdrawal in cash" and not one.symbol]
        transfers = [one.operation for one in within(90) if "another bank" in one.operation]
        sanctions = [one for one in within(90) if one.symbol.startswith("sanction interest")]
        birthday = (2, 28) if (born.month, born.day) == (2, 29) and local.year % 4 else (born.month, born.day)
        years = local.year - born.year - ((local.month, local.day) < birthday)
        return {
            "net_flow": sum((one.flow for one in made), Decimal(0)),
            "inflow_30d": sum((one.amount for one in within(30) if one.is_credit), Decimal(0)),
            "outflow_30d": sum((one.amount for one in out(within(30))), Decimal(0)),
            "transactions_90d": len(within(90)),
            "largest_withdrawal_90d": max((one.amount for one in out(within(90))), default=None),
            "mean_credit_90d": float(sum(paid_in) / len(paid_in)) if paid_in else None,
            "active_months_1y": len(months),
            "days_since_transaction": (now - midnight(made[-1].day)) / timedelta(days=1) if made else None,
            "household_payments_90d": sum((one.amount for one in within(90) if one.symbol == "household"), Decimal(0)),
            "insurance_elsewhere_365d": sum((one.amount for one in insurance), Decimal(0)),
            "insurance_elsewhere_count_365d": len(insurance),
            "balance": made[-1].balance if made else None,
            "region": self.regions[self.clients[client]["district_id"]] if here else None,
            "age": years if here else None,
            "sex": ("female" if woman else "male") if here else None,
            "sanction_interest_90d": len(sanctions),
            "cash_withdrawals_90d": len(cash),
            "transfers_90d": len(transfers),
            "incoming_transfers_90d": transfers.count("collection from another bank"),
            "accounts": len(accounts),
            "days_since_opening": (now - min(accounts)) / timedelta(days=1) if accounts else None,
            "cards": len(cards),
            "card_type": cards[-1][1] if cards else None,
            "loans": loans,
            "has_card": bool(cards),
            "has_loan": loans > 0,
        }


def same(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether two genomes agree: floats to 12 digits, all else exactly."""
    return found.keys() == wanted.keys() and all(_equal(found[name], wanted[name]) for name in wanted)


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float) and found is not None:
        return abs(float(found) - wanted) <= 1e-12 * max(1.0, abs(wanted))
    return bool(found == wanted)
