"""What the rows say: months, seasons, weekdays, personas, life events, consents; by counting rows, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import mean, median

from tests.simulator.bank import PERIOD, Row, read

INCOME = ("salary", "pension")
SIZE = len(read().truth)


def day_of(text: str) -> date:
    return datetime.fromisoformat(text).date()


def living(event: str) -> list[str]:
    found = [customer for customer, row in read().truth.items() if row["life_event"] == event]
    assert len(found) > 20
    return found


def being(persona: str) -> list[str]:
    return [customer for customer, row in read().truth.items() if row["persona"] == persona]


def amounts(rows: Iterable[Row]) -> list[float]:
    return [float(row["amount"]) for row in rows]


@cache
def kinds(*wanted: str) -> dict[str, list[Row]]:
    return {
        customer: [row for row in rows if row["kind"] in wanted] for customer, rows in read().of("transactions").items()
    }


def test_about_25_rows_a_customer() -> None:
    assert 22 < sum(len(rows) for rows in read().files.values()) / SIZE < 29


def test_salaries_come_every_month_and_hardly_change() -> None:
    salaries = kinds(*INCOME)
    earning = {row["customer_id"] for row in read().files["customers"] if row["income"]}
    assert 0.8 < len(earning) / SIZE < 0.95
    calm = [customer for customer in living("none") if customer in earning]
    for customer in calm:
        rows = salaries[customer]
        days = [day_of(row["booked_at"]) for row in rows]
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        assert 3 <= len(rows) <= 5
        assert all(25 <= gap <= 34 for gap in gaps)
        assert max(amounts(rows)) / min(amounts(rows)) < 1.2
        assert all(day.weekday() < 5 for day in days)
    assert not any(salaries[customer] for customer in read().truth if customer not in earning)


def test_a_new_job_pays_more_and_a_lost_one_less() -> None:
    received = kinds(*INCOME, "benefit")
    for event, low, high in (("new_job", 1.05, 1.45), ("hardship", 0.40, 0.50)):
        for customer in living(event):
            since = read().truth[customer]["life_event_on"]
            rows = received[customer]
            before = amounts(row for row in rows if row["booked_at"] < since)
            after = [row for row in rows if row["booked_at"] >= since]
            if before and after:
                assert low < mean(amounts(after)) / mean(before) < high
            assert event != "hardship" or all(row["kind"] == "benefit" for row in after)
    receiving = {customer for customer, rows in kinds("benefit").items() if rows}
    assert receiving <= set(living("hardship"))


def test_who_drifts_away_takes_everything_along() -> None:
    for name, column in (("transactions", "booked_at"), ("app", "logged_in_at"), ("web", "seen_at")):
        rows, before, after = read().of(name), 0, 0
        for customer in living("drift"):
            since = read().truth[customer]["life_event_on"]
            doings = [
                row for row in rows[customer] if row.get("kind") not in ("rent", "mortgage", "car_loan", "savings")
            ]
            before += sum(row[column] < since for row in doings)
            after += sum(row[column] >= since for row in doings)
        assert after < before / 5


def test_a_child_and_a_move_show_in_what_is_bought() -> None:
    for event, category, others in (("baby", "baby", "none"), ("move", "home", "none")):
        spent = {
            who: mean(
                sum(amounts(row for row in read().of("transactions")[customer] if row["category"] == category))
                for customer in living(who)
            )
            for who in (event, others)
        }
        assert spent[event] > 3 * spent[others]


def test_who_moves_says_so_and_often_looked_at_mortgages() -> None:
    notes = [row for row in read().files["crm"] if row["kind"] == "moved"]
    assert {row["customer_id"] for row in notes} <= set(living("move"))
    assert len(notes) > len(living("move")) / 3
    regions = {row["customer_id"]: row["region"] for row in read().files["customers"]}
    assert all(row["region"] and row["region"] != regions[row["customer_id"]] for row in notes)
    looking = [customer for customer in living("move") if read().truth[customer]["after"] == "mortgage"]
    assert len(looking) / len(living("move")) > 0.3


def test_personas_differ() -> None:
    travels = {
        persona: mean(
            sum(row["category"] == "travel" for row in read().of("transactions")[customer])
            for customer in being(persona)
        )
        for persona in ("globetrotter", "homebody", "saver")
    }
    assert travels["globetrotter"] > 3 * travels["saver"] > 3 * travels["homebody"] > 0
    phones = {
        persona: mean(row["device"] == "phone" for customer in being(persona) for row in read().of("app")[customer])
        for persona in ("student", "retiree")
    }
    assert phones["student"] > 0.8
    assert phones["retiree"] < 0.3
    ages = {row["customer_id"]: row["birth_date"] for row in read().files["customers"]}
    assert all(ages[customer] < "1964" for customer in being("retiree"))
    assert all("1998" < ages[customer] <= "2008-03-03" for customer in being("student"))


def test_seasons_and_weekdays() -> None:
    bought = read(2, 6, 360).files["transactions"]
    months = Counter(row["booked_at"][5:7] for row in bought if row["category"] == "travel")
    assert months["06"] > 1.5 * months["02"]
    assert months["08"] > 1.5 * months["11"]
    groceries = Counter(day_of(row["booked_at"]).weekday() for row in bought if row["category"] == "groceries")
    assert groceries[5] > 3 * groceries[6]
    travel = Counter(day_of(row["booked_at"]).weekday() for row in bought if row["category"] == "travel")
    assert max(travel.values()) < 1.4 * min(travel.values())


def test_amounts_are_those_of_the_category() -> None:
    for category, low, high in (("groceries", 33, 43), ("travel", 160, 220), ("fuel", 45, 65)):
        rows = [row for row in read().files["transactions"] if row["category"] == category]
        assert low < median(amounts(rows)) < high
    assert min(amounts(read().files["transactions"])) >= 1
    abroad = Counter(row["category"] for row in read().files["transactions"] if row["country"] not in ("", "AT"))
    assert abroad["travel"] > 0.7 * abroad.total()


def test_instalments_are_paid_for_what_is_owed() -> None:
    products = read().of("products")
    for product in ("mortgage", "car_loan"):
        owing = {c for c, rows in products.items() if any(row["product"] == product for row in rows)}
        paying = {customer for customer, rows in kinds(product).items() if rows}
        assert paying == owing
        assert 0.03 < len(owing) / SIZE < 0.3
    assert not any(kinds("rent")[customer] and kinds("mortgage")[customer] for customer in read().truth)


def test_contracts_begin_in_time_and_close_after() -> None:
    since = {row["customer_id"]: row["customer_since"] for row in read().files["customers"]}
    opened = {row["product_id"]: row for row in read().files["products"] if row["what"] == "opened"}
    closed = [row for row in read().files["products"] if row["what"] == "closed"]
    assert closed
    for row in opened.values():
        assert since[row["customer_id"]] <= row["happened_on"] < str(PERIOD.after)
        assert not row["matures_on"] or row["matures_on"] >= str(PERIOD.first)
        assert bool(row["matures_on"]) == (row["product"] in INSURED_OR_LENT)
    assert all(row["happened_on"] >= opened[row["product_id"]]["happened_on"] for row in closed)


INSURED_OR_LENT = ("mortgage", "car_loan", "home_insurance", "travel_insurance")


def test_about_80_percent_grant_marketing_and_some_withdraw() -> None:
    latest = {row["customer_id"]: row["status"] for row in read().files["consents"] if row["purpose"] == "marketing"
              and not row["channel"]}  # fmt: skip
    counts = Counter(latest.values())
    assert set(latest) == set(read().truth)
    assert 0.76 < counts["granted"] / SIZE < 0.84
    assert 0.01 < counts["withdrawn"] / SIZE < 0.06
    for purpose, channel, low, high in (("marketing", "email", 0.35, 0.55), ("third_party", "", 0.15, 0.27)):
        some = {row["customer_id"] for row in read().files["consents"]
                if (row["purpose"], row["channel"]) == (purpose, channel)}  # fmt: skip
        assert low < len(some) / SIZE < high
        assert all(latest[customer] != "denied" for customer in some)


def test_offers_were_shown_only_while_marketing_was_granted() -> None:
    until: dict[str, str] = {}
    for row in read().files["consents"]:
        if row["purpose"] == "marketing" and not row["channel"]:
            until[row["customer_id"]] = {"granted": "9999", "denied": "", "withdrawn": row["stated_at"]}[row["status"]]
    contacts = read().files["contacts"]
    assert all(row["happened_at"] < until[row["customer_id"]] for row in contacts if row["outcome"] == "shown")
    counts = Counter(row["outcome"] for row in contacts)
    assert 0.3 < counts["shown"] / SIZE < 0.9
    assert 0.08 < counts["clicked"] / counts["shown"] < 0.20
    assert 0 < counts["rejected"] / counts["shown"] < 0.12


def test_complaints_open_before_they_close_and_sour_the_survey() -> None:
    notes = read().of("crm")
    scores: dict[bool, list[int]] = {True: [], False: []}
    for rows in notes.values():
        was = [row["kind"] for row in rows if row["kind"].startswith("complaint")]
        assert was in ([], ["complaint_opened"], ["complaint_opened", "complaint_closed"])
        scores[bool(was)] += [int(row["score"]) for row in rows if row["kind"] == "survey"]
    assert all(1 <= score <= 5 for score in scores[True] + scores[False])
    assert mean(scores[False]) > mean(scores[True]) + 1


def test_who_is_after_something_reads_about_it() -> None:
    prefixes = {"mortgage": "/mortgage", "car_loan": "/car-loan", "funds": "/funds", "travel": "/travel-insurance"}
    pages = read().of("web")
    for topic, prefix in prefixes.items():
        for customer, truth in read().truth.items():
            about = [row for row in pages[customer] if row["path"].startswith(prefix)]
            assert not about or truth["after"] == topic
            assert all(row["seen_at"] >= truth["after_from"] for row in about)
        seeking = [c for c, truth in read().truth.items() if truth["after"] == topic]
        found = [c for c in seeking if any(row["path"].startswith(prefix) for row in pages[c])]
        assert len(found) > 0.8 * len(seeking) > 0


def test_calculators_are_used_on_their_own_page() -> None:
    used = [row for row in read().files["web"] if row["action"] == "calculate"]
    assert used
    assert all(row["path"].endswith("/calculator") for row in used)


def test_pages_of_a_visit_follow_one_another_and_an_idle_visit_begins_at_home() -> None:
    pages = visits = 0
    for customer, rows in read().of("web").items():
        if read().truth[customer]["after"] != "none":
            continue
        free_from = datetime(1970, 1, 1)  # noqa: DTZ001 - the files say wall clocks
        for row in rows:
            seen = datetime.fromisoformat(row["seen_at"])
            follows = seen == free_from
            assert follows or row["path"] == "/home"
            pages, visits = pages + 1, visits + (not follows)
            free_from = seen + timedelta(seconds=int(row["seconds"]))
    assert 1.3 < pages / visits < 2.2
