"""The segments of the Czech bank: our members against SQL over the raw files, which knows nothing of our code."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from tests.acceptance.czech import EXAMPLE, CzechBank, midnight

import onefold

DAYS = (date(1997, 6, 30), date(1998, 12, 31))
FILES = ("account", "card", "client", "disp", "loan", "trans")

# Each day of the files as the instant of its midnight in Prague; who owns what, and what happened when.
TABLES = """
CREATE TABLE owner AS SELECT client_id AS client, account_id AS account FROM disp WHERE type = 'OWNER';

CREATE TABLE opened AS
SELECT account_id AS account, instant AS happened FROM account JOIN days ON day = strptime('19' || date, '%Y%m%d');

CREATE TABLE people AS
SELECT client_id AS client, happened AS since, make_date(
    1900 + birth_number[1:2]::INT,
    birth_number[3:4]::INT - CASE WHEN birth_number[3:4]::INT > 50 THEN 50 ELSE 0 END,
    birth_number[5:6]::INT
) AS born
FROM client JOIN disp USING (client_id) JOIN opened ON account = account_id;

CREATE TABLE moves AS
SELECT client, instant AS happened, trans_id::INT AS id, trans.type, operation, k_symbol AS symbol, bank,
    balance::DECIMAL(18, 2) AS balance
FROM trans JOIN owner ON owner.account = account_id JOIN days ON day = strptime('19' || date, '%Y%m%d');

CREATE TABLE cards AS
SELECT client_id AS client, instant AS happened, card.type
FROM card JOIN disp USING (disp_id) JOIN days ON day = strptime('19' || issued, '%Y%m%d');

CREATE TABLE loans AS
SELECT client, instant AS happened
FROM loan JOIN owner ON owner.account = account_id JOIN days ON day = strptime('19' || date, '%Y%m%d');
"""

# What is so of each client who exists at $now (UTC). Consent closes nothing: the example assumes that everybody granted
# marketing on the day from which they exist.
PROFILE = """
CREATE OR REPLACE TABLE profile AS
WITH moment AS (SELECT $now::TIMESTAMP AS now, $now::TIMESTAMP - INTERVAL 90 DAY AS ago, $today::DATE AS today),
seen AS (SELECT * FROM moves, moment WHERE happened <= now),
flows AS (
    SELECT client, any_value(ago) > max(happened) AS dormant, last(balance ORDER BY happened, id) AS balance,
        count(*) FILTER (happened >= ago AND symbol = 'household') AS household,
        count(*) FILTER (happened >= ago AND operation = 'withdrawal in cash' AND symbol IS NULL) AS cash,
        count(*) FILTER (happened >= ago AND operation LIKE '%another bank') AS transfers,
        count(*) FILTER (happened >= ago AND operation LIKE 'collection%') AS incoming,
        count(*) FILTER (happened >= now - INTERVAL 365 DAY AND symbol = 'insurrance payment' AND bank IS NOT NULL
            AND type <> 'credit') AS insurance
    FROM seen GROUP BY client
),
states AS (SELECT client, happened, last(balance ORDER BY id) AS balance FROM seen GROUP BY client, happened),
spans AS (SELECT *, lead(happened) OVER (PARTITION BY client ORDER BY happened) AS until FROM states),
-- in the red at some instant of the last 7 days: the balance below zero, or charged for it up to 90 days before
red AS (
    SELECT client FROM spans, moment WHERE balance < 0 AND coalesce(until > now - INTERVAL 7 DAY, true)
    UNION SELECT client FROM seen WHERE symbol LIKE 'sanction%' AND happened >= now - INTERVAL 97 DAY
),
owned AS (
    SELECT client, count(*) AS accounts, min(happened) AS first FROM owner JOIN opened USING (account), moment
    WHERE happened <= now GROUP BY client
),
carded AS (
    SELECT client, last(type ORDER BY happened) AS card FROM cards, moment WHERE happened <= now GROUP BY client
),
lent AS (SELECT DISTINCT client FROM loans, moment WHERE happened <= now)
SELECT client, dormant, balance, household, cash, transfers, incoming, insurance, card, first,
    coalesce(accounts, 0) AS accounts, ago, client IN (FROM red) AS red, client IN (FROM lent) AS has_loan,
    date_diff('year', born, today) - (strftime(today, '%m%d') < strftime(born, '%m%d'))::INT AS age
FROM people LEFT JOIN flows USING (client) LEFT JOIN owned USING (client) LEFT JOIN carded USING (client), moment
WHERE since <= now
"""

SEGMENTS = {
    "dormant": "dormant",
    "premium": "NOT dormant AND balance >= 50000",
    "comfortable": "NOT dormant AND balance >= 25000 AND balance < 50000",
    "everyday": "NOT dormant AND balance < 25000",
    "in_the_red": "red",
    "new_client": "first >= ago",
    "retirement_age": "age >= 60",
    "household_bank": "household > 0",
    "second_signatory": "accounts = 0",
    "young_saver": "age BETWEEN 18 AND 26 AND balance >= 20000 AND NOT dormant",
    "cash_only": "cash >= 3 AND transfers = 0",
    "card_candidate": "cash >= 6 AND card IS NULL AND age >= 18",
    "premium_in_cash": "balance >= 50000 AND cash >= 6 AND card IS NULL AND age >= 18",
    "card_upgrade": "card = 'junior' AND age >= 20",
    "loan_candidate": "incoming >= 3 AND balance >= 15000 AND NOT has_loan AND NOT red",
    "insurance_elsewhere": "insurance >= 10",
}

Expected = Callable[[str, date], list[str]]


@pytest.fixture(scope="module")
def expected(czech: CzechBank) -> Expected:
    """A function that gives the members of a segment on a day, sorted, from the raw files."""
    db = duckdb.connect()
    for name in FILES:
        path = str(czech.raw.folder / f"{name}.csv")
        db.read_csv(path, sep=";", header=True, all_varchar=True).create(name)
    first = date(1993, 1, 1)
    days = [first + timedelta(days=at) for at in range((date(1999, 1, 1) - first).days)]
    db.execute("CREATE TABLE days (day DATE, instant TIMESTAMP)")
    db.executemany("INSERT INTO days VALUES (?, ?)", [(day, utc(day)) for day in days])
    db.execute(TABLES)

    def members(segment: str, day: date) -> list[str]:
        db.execute(PROFILE, {"now": utc(day), "today": day})
        found = db.table("profile").filter(SEGMENTS[segment]).project("'client:' || client").fetchall()
        return sorted(name for (name,) in found)

    return members


def utc(day: date) -> datetime:
    """Return midnight in Prague as DuckDB's TIMESTAMP has it: UTC that does not say so."""
    return midnight(day).astimezone(UTC).replace(tzinfo=None)


def test_every_segment_is_checked(czech: CzechBank) -> None:
    with czech.open() as bank:
        assert [one.name for one in bank.segments.sizes(at=DAYS[0].isoformat())] == list(SEGMENTS)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_members_are_those_of_the_raw_files(czech: CzechBank, expected: Expected, day: date) -> None:
    at = day.isoformat()
    with czech.open() as bank:
        sizes = {one.name: one.count for one in bank.segments.sizes(at=at)}
        for name in SEGMENTS:
            wanted = expected(name, day)
            assert bank.segments.members(name, at=at) == wanted, name
            assert sizes[name] == len(wanted), name


def test_no_segment_is_empty_on_the_first_day(expected: Expected) -> None:
    """Else the comparison above would say little."""
    assert [name for name in SEGMENTS if not expected(name, DAYS[0])] == []


def test_in_the_red_holds_for_a_week(czech: CzechBank, expected: Expected) -> None:
    """One client is below zero on 13 April 1997 alone, and charged for it on the 30th, which counts for 90 days."""
    (who,) = expected("in_the_red", DAYS[0])
    inside = {"1997-04-12": False, "1997-04-13": True, "1997-04-20": True, "1997-04-21": False}
    inside |= {"1997-04-29": False, "1997-04-30": True, "1997-08-05": True, "1997-08-06": False}
    with czech.open() as bank:
        for day, is_in in inside.items():
            found = bank.segments.members("in_the_red", at=day)
            assert found == expected("in_the_red", date.fromisoformat(day)), day
            assert (who in found) is is_in, day


def test_a_balance_has_one_band(czech: CzechBank) -> None:
    bands, now = ("dormant", "premium", "comfortable", "everyday"), midnight(DAYS[0])
    with czech.open() as bank:
        found = [name for band in bands for name in bank.segments.members(band, at=DAYS[0].isoformat())]
    known = [f"client:{who}" for who, made in czech.raw.transactions.items() if midnight(made[0].day) <= now]
    assert sorted(found) == sorted(known)


def test_without_the_assumed_consents_there_is_no_marketing(czech: CzechBank, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".onefold"))
    for source in ("cards", "consents", "loans", "transactions"):
        (folder / "sources" / f"{source}.yaml").unlink()
    at = DAYS[0].isoformat()
    with onefold.open(folder) as bank:
        bank.load({"data": str(czech.raw.folder)})
        sizes = {one.name: one.count for one in bank.segments.sizes(at=at) if one.count}
        answer = bank.decide("client:3", ["branch_desk"], at=at, explain=True).placements["branch_desk"]
    assert sizes == {"new_client": 239, "retirement_age": 934}
    assert answer.items == ()
    assert isinstance(answer.funnel, tuple)
    assert {one.offer for one in answer.funnel if one.stage != "consent"} == {"help_with_overdraft"}
