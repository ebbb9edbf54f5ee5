"""The value of every aggregate by hand, and what they are with nothing to see."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.oracles.calendar import days
from tests.oracles.hand import case, define, event
from tests.oracles.wheres import (
    all_of,
    any_of,
    between,
    compare,
    constant,
    is_null,
    is_true,
    name,
    negation,
    one_of,
    written_not,
)

TRAVEL = compare(name("category"), "=", constant("travel", "category"))
EVERYTHING = (
    define("count", count="card_purchase"),
    define("count_amount", count="card_purchase.amount"),
    define("sum", sum="card_purchase.amount"),
    define("mean", mean="card_purchase.amount"),
    define("min", min="card_purchase.amount"),
    define("max", max="card_purchase.amount"),
    define("first", first="card_purchase.amount"),
    define("last", last="card_purchase.amount"),
    define("distinct", distinct="card_purchase.amount"),
    define("share", TRAVEL, share="card_purchase"),
    define("since_first", since_first="card_purchase"),
    define("since_last", since_last="card_purchase"),
    define("active", active="card_purchase", by="month"),
    define("until", until="mortgage_opened.matures_on"),
)
NOTHING = {
    **dict.fromkeys(["count", "count_amount", "sum", "distinct", "active"], 0),
    **dict.fromkeys(["mean", "min", "max", "first", "last", "share", "since_first", "since_last", "until"], None),
}
PURCHASES = (
    event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 1_250, "category": "travel", "coupon": True}),
    event("card_purchase", "2026-05-02T00:00:00Z", {"amount": -300, "category": "Travel", "coupon": False}),
    event("card_purchase", "2026-05-02T12:00:00Z", {"amount": 1_250, "category": None, "coupon": True}),
    event("card_purchase", "2026-06-01T00:00:00Z", {"amount": None, "category": "food", "fee": 100}),
)

AGGREGATE_CASES = [
    case(
        "nothing to see: no event at all",
        "2026-06-02T00:00:00Z",
        (),
        EVERYTHING,
        expected=NOTHING,
        next_change=None,
    ),
    case(
        "nothing to see: the only event is in the future",
        "2026-04-30T00:00:00Z",
        PURCHASES[:1],
        EVERYTHING,
        expected=NOTHING,
        next_change="2026-05-01T00:00:00Z",
    ),
    case(
        "nothing to see: the property is absent",
        "2026-06-02T00:00:00Z",
        PURCHASES[3:],
        EVERYTHING,
        expected={
            **NOTHING,
            "count": 1,
            "share": 0.0,
            "since_first": 1.0,
            "since_last": 1.0,
            "active": 1,
        },
        next_change=None,
    ),
    case(
        "every aggregate over four purchases, one without amount",
        "2026-06-02T00:00:00Z",
        PURCHASES,
        EVERYTHING,
        expected={
            "count": 4,
            "count_amount": 3,
            "sum": 2_200,
            "mean": 2_200 / 3,
            "min": -300,
            "max": 1_250,
            "first": 1_250,
            "last": 1_250,
            "distinct": 2,
            "share": 0.25,
            "since_first": 32.0,
            "since_last": 1.0,
            "active": 2,
            "until": None,
        },
        next_change=None,
    ),
    case(
        "numbers are summed as decimals",
        "2026-05-04T00:00:00Z",
        tuple(event("measured", f"2026-05-0{day}T00:00:00Z", {"level": Fraction(day, 10)}) for day in (1, 2, 3)),
        (
            define("sum", sum="measured.level"),
            define("mean", mean="measured.level"),
            define("min", min="measured.level"),
            define("max", max="measured.level"),
        ),
        expected={"sum": Fraction(3, 5), "mean": 0.2, "min": Fraction(1, 10), "max": Fraction(3, 10)},
        next_change=None,
    ),
    case(
        "distinct: texts differ by case, booleans have two values, the absent is none",
        "2026-06-02T00:00:00Z",
        PURCHASES,
        (
            define("categories", distinct="card_purchase.category"),
            define("coupons", distinct="card_purchase.coupon"),
            define("points", distinct="card_purchase.points"),
        ),
        expected={"categories": 3, "coupons": 2, "points": 0},
        next_change=None,
    ),
    case(
        "durations in days, with fractions, to events up to now",
        "2026-05-02T06:00:00Z",
        PURCHASES,
        (define("first", since_first="card_purchase"), define("last", since_last="card_purchase")),
        expected={"first": 1.25, "last": 0.25},
        next_change="2026-05-02T12:00:00Z",
    ),
    case(
        "a duration of zero",
        "2026-05-01T00:00:00Z",
        PURCHASES[:1],
        (define("last", since_last="card_purchase", within="1d"),),
        expected={"last": 0.0},
        next_change="2026-05-02T00:00:00.000001Z",
    ),
    case(
        "active: local days, ISO weeks and months",
        "2026-05-05T00:00:00+02:00",
        tuple(
            event("card_purchase", time)
            for time in [
                "2026-04-30T23:30:00+02:00",
                "2026-05-01T00:30:00+02:00",
                "2026-05-01T23:59:59+02:00",
                "2026-05-03T23:59:59.999999+02:00",
                "2026-05-04T00:00:00+02:00",
            ]
        ),
        tuple(define(unit, active="card_purchase", by=unit) for unit in ("day", "week", "month")),
        zone="Europe/Prague",
        expected={"day": 4, "week": 2, "month": 2},
        next_change=None,
    ),
    case(
        "active: an ISO week goes over the year end",
        "2027-01-05T00:00:00Z",
        tuple(event("card_purchase", f"{day}T12:00:00Z") for day in ("2026-12-28", "2026-12-31", "2027-01-03")),
        tuple(define(unit, active="card_purchase", by=unit) for unit in ("day", "week", "month")),
        expected={"day": 3, "week": 1, "month": 2},
        next_change=None,
    ),
    case(
        "active: a day is lost as its last event leaves",
        "2026-06-01T12:00:00Z",
        PURCHASES,
        (define("n", active="card_purchase", by="day", within="30d"),),
        expected={"n": 2},
        next_change="2026-06-01T12:00:00.000001Z",
    ),
]

SHARE_CASES = [
    case(
        "story 16: two of five purchases with coupon",
        "2026-05-06T00:00:00Z",
        tuple(
            event("card_purchase", f"2026-05-0{day}T00:00:00Z", {"coupon": coupon})
            for day, coupon in enumerate([True, False, None, True, False], start=1)
        ),
        (define("s", is_true(name("coupon")), share="card_purchase"),),
        expected={"s": 0.4},
        next_change=None,
    ),
    case(
        "a share is 0 when there are events but none matches",
        "2026-06-02T00:00:00Z",
        PURCHASES[1:],
        (define("s", TRAVEL, share="card_purchase"),),
        expected={"s": 0.0},
        next_change=None,
    ),
    case(
        "a share changes with the events that do not match",
        "2026-05-03T00:00:00Z",
        PURCHASES[:2],
        (define("s", TRAVEL, share="card_purchase", within="2d"),),
        expected={"s": 0.5},
        next_change="2026-05-03T00:00:00.000001Z",
    ),
    case(
        "a share after its matching event has left",
        "2026-05-03T00:00:00.000001Z",
        PURCHASES[:2],
        (define("s", TRAVEL, share="card_purchase", within="2d"),),
        expected={"s": 0.0},
        next_change="2026-05-04T00:00:00.000001Z",
    ),
    case(
        "a share of nothing is NULL",
        "2026-05-04T00:00:00.000001Z",
        PURCHASES[:2],
        (define("s", TRAVEL, share="card_purchase", within="2d"),),
        expected={"s": None},
        next_change=None,
    ),
]


MATURITIES = tuple(
    event("mortgage_opened", time, {"matures_on": None if day is None else days(date.fromisoformat(day))})
    for time, day in [
        ("2026-05-01T00:00:00Z", "2026-12-31"),
        ("2026-05-01T06:00:00Z", "2026-06-01"),
        ("2026-05-02T00:00:00Z", None),
    ]
)
UNTIL = (define("d", until="mortgage_opened.matures_on"),)
UNTIL_30D = (define("d", until="mortgage_opened.matures_on", within="30d"),)

UNTIL_CASES = [
    case(
        "until: the earliest date to come, in days with fractions",
        "2026-05-31T12:00:00Z",
        MATURITIES,
        UNTIL,
        expected={"d": 0.5},
        next_change="2026-06-02T00:00:00Z",
    ),
    case(
        "until: the day itself is still to come, and below zero",
        "2026-06-01T06:00:00Z",
        MATURITIES,
        UNTIL,
        expected={"d": -0.25},
        next_change="2026-06-02T00:00:00Z",
    ),
    case(
        "until: at the midnight after, the next date is chosen",
        "2026-06-02T00:00:00Z",
        MATURITIES,
        UNTIL,
        expected={"d": 212.0},
        next_change="2027-01-01T00:00:00Z",
    ),
    case(
        "until: no date to come",
        "2027-01-01T00:00:00Z",
        MATURITIES,
        UNTIL,
        expected={"d": None},
        next_change=None,
    ),
    case(
        "until: only the events of the window speak",
        "2026-05-15T00:00:00Z",
        MATURITIES[:1],
        UNTIL_30D,
        expected={"d": 230.0},
        next_change="2026-05-31T00:00:00.000001Z",
    ),
    case(
        "until: days are those of the zone, of 23 hours too",
        "2026-03-28T23:00:00Z",
        (event("mortgage_opened", "2026-01-01T00:00:00Z", {"matures_on": days(date(2026, 3, 30))}),),
        UNTIL,
        zone="Europe/Prague",
        expected={"d": 23 / 24},
        next_change="2026-03-31T00:00:00+02:00",
    ),
    case(
        "until: a trait's date, past ones left aside",
        "2026-05-15T00:00:00Z",
        (
            event("traits.passport_until", "2020-05-01T00:00:00Z", {"value": days(date(2026, 5, 14))}),
            event("traits.passport_until", "2026-05-01T00:00:00Z", {"value": days(date(2026, 5, 17))}),
            event("traits.passport_until", "2026-05-02T00:00:00Z", {"value": None}),
        ),
        (define("d", until="traits.passport_until"),),
        expected={"d": 2.0},
        next_change="2026-05-18T00:00:00Z",
    ),
]

# Story 6: P bought 20 times, 10 of them travel; one purchase an hour up to 20:00 on 1 May.
P = tuple(
    event("card_purchase", f"2026-05-01T{hour:02}:00:00Z", {"category": "travel" if hour % 2 else "food"})
    for hour in range(1, 21)
)
# Story 9 in small: 226.00 a month to another bank's insurance, 12 in 1997 and 4 in 1998, on local dates.
INSURANCE = tuple(
    event(
        "order_sent",
        f"{year}-{month:02}-05T00:00:00+0{2 if 4 <= month <= 9 else 1}:00",
        {"amount": 22_600, "k_symbol": "insurrance payment", "bank": "QR"},
    )
    for year, month in [*((1997, month) for month in range(1, 13)), *((1998, month) for month in range(1, 5))]
)
OWN = event("order_sent", "1997-06-06T00:00:00+02:00", {"amount": 500, "k_symbol": "insurrance payment", "bank": None})
ELSEWHERE = all_of(
    compare(name("k_symbol"), "=", constant("insurrance payment", "category")),
    written_not(is_null(name("bank")), "IS NULL", "IS NOT NULL"),
)
WALLET = (
    define("insurance_elsewhere_365d", ELSEWHERE, sum="order_sent.amount", within="365d"),
    define("insurance_elsewhere_count_365d", ELSEWHERE, count="order_sent", within="365d"),
)

STORY_CASES = [
    case(
        "story 6: half of P's purchases are travel",
        "2026-05-02T00:00:00Z",
        P,
        (define("travel_share", TRAVEL, share="card_purchase", within="90d"),),
        expected={"travel_share": 0.5},
        next_change="2026-07-30T01:00:00.000001Z",
    ),
    case(
        "story 6: 90 d after the last purchase there is still one",
        "2026-07-30T20:00:00Z",
        P,
        (define("travel_share", TRAVEL, share="card_purchase", within="90d"),),
        expected={"travel_share": 0.0},
        next_change="2026-07-30T20:00:00.000001Z",
    ),
    case(
        "story 6: and a microsecond later none",
        "2026-07-30T20:00:00.000001Z",
        P,
        (define("travel_share", TRAVEL, share="card_purchase", within="90d"),),
        expected={"travel_share": None},
        next_change=None,
    ),
    case(
        "story 9: twelve payments in the year before 1998-01-01",
        "1998-01-01T00:00:00+01:00",
        (*INSURANCE, OWN),
        WALLET,
        zone="Europe/Prague",
        expected={"insurance_elsewhere_365d": 271_200, "insurance_elsewhere_count_365d": 12},
        next_change="1998-01-05T00:00:00+01:00",
    ),
    case(
        "story 9: four in the year before 1998-12-31",
        "1998-12-31T00:00:00+01:00",
        (*INSURANCE, OWN),
        WALLET,
        zone="Europe/Prague",
        expected={"insurance_elsewhere_365d": 90_400, "insurance_elsewhere_count_365d": 4},
        next_change="1999-01-05T00:00:00.000001+01:00",
    ),
]

FOOD_OR_TRAVEL = one_of(name("category"), (constant("food", "category"), constant("travel", "category")))
WITH_NULL = one_of(name("category"), (constant("food", "category"), constant(None, "category")))
CONDITIONS = {
    "travel": (TRAVEL, 1),
    "not_travel": (negation(TRAVEL), 2),
    "in": (FOOD_OR_TRAVEL, 2),
    "not_in": (written_not(FOOD_OR_TRAVEL, " IN ", " NOT IN "), 1),
    "in_null": (WITH_NULL, 1),
    "not_in_null": (written_not(WITH_NULL, " IN ", " NOT IN "), 0),
    "absent": (is_null(name("category")), 1),
    "between": (between(name("amount"), constant(-300, "money"), constant(1_249, "money")), 1),
    "or_unknown": (any_of(TRAVEL, compare(name("amount"), ">", constant(0, "money"))), 2),
    "not_false_and_unknown": (
        negation(all_of(TRAVEL, compare(name("amount"), ">", constant(0, "money")))),
        2,
    ),
    "and_unknown": (all_of(negation(TRAVEL), compare(name("amount"), ">", constant(0, "money"))), 0),
}

CONDITION_CASES = [
    case(
        "where sees what is true, not what is unknown",
        "2026-06-02T00:00:00Z",
        PURCHASES,
        tuple(define(name_, where, count="card_purchase") for name_, (where, _) in CONDITIONS.items()),
        expected={name_: count for name_, (_, count) in CONDITIONS.items()},
        next_change=None,
    ),
]

VALUE_CASES = [*AGGREGATE_CASES, *SHARE_CASES, *UNTIL_CASES, *STORY_CASES, *CONDITION_CASES]
