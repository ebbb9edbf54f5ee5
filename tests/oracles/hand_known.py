"""What exists, by hand: arrival, retraction, repeats, the order at one instant, traits."""

from __future__ import annotations

from tests.oracles.hand import case, define, event

N = define("n", count="page_viewed")
N_1D = define("n", count="page_viewed", within="1d")
LATE = (event("page_viewed", "2026-05-01T00:00:00Z", known="2026-05-03T00:00:00Z"),)
RETRACTED = (event("page_viewed", "2026-05-01T00:00:00Z", retracted="2026-05-03T00:00:00Z"),)
REPEATED = (
    event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 100}, id="m1", known="2026-05-01T00:00:00Z"),
    event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 100}, id="m1", known="2026-05-02T00:00:00Z"),
    event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 100}, id="m2", known="2026-05-03T00:00:00Z"),
)
SPENT = (define("n", count="card_purchase"), define("spend", sum="card_purchase.amount"))

ARRIVAL_CASES = [
    case(
        "an event unknown then does not exist, nor does its future",
        "2026-05-01T00:00:00Z",
        LATE,
        (N_1D,),
        known="2026-05-02T23:59:59.999999Z",
        expected={"n": 0},
        next_change=None,
    ),
    case(
        "it exists from its known_at on",
        "2026-05-01T00:00:00Z",
        LATE,
        (N_1D,),
        known="2026-05-03T00:00:00Z",
        expected={"n": 1},
        next_change="2026-05-02T00:00:00.000001Z",
    ),
    case(
        "an event known before its time counts from its time on",
        "2026-05-01T00:00:00Z",
        (event("page_viewed", "2026-05-09T00:00:00Z", known="2026-04-01T00:00:00Z"),),
        (N_1D,),
        known="2026-05-01T00:00:00Z",
        expected={"n": 0},
        next_change="2026-05-09T00:00:00Z",
    ),
    case(
        "a retraction unknown then changes nothing",
        "2026-05-01T12:00:00Z",
        RETRACTED,
        (N_1D,),
        known="2026-05-02T23:59:59.999999Z",
        expected={"n": 1},
        next_change="2026-05-02T00:00:00.000001Z",
    ),
    case(
        "a retraction counts from its known_at on, whatever now is",
        "2026-05-01T12:00:00Z",
        RETRACTED,
        (N_1D,),
        known="2026-05-03T00:00:00Z",
        expected={"n": 0},
        next_change=None,
    ),
    case(
        "as we know it today, a retracted event never was",
        "2026-05-01T12:00:00Z",
        RETRACTED,
        (N, define("days", since_last="page_viewed")),
        expected={"n": 0, "days": None},
        next_change=None,
    ),
    case(
        "a repeated messageId counts once",
        "2026-05-04T00:00:00Z",
        REPEATED,
        SPENT,
        expected={"n": 2, "spend": 200},
        next_change=None,
    ),
    case(
        "a repeat changes nothing when only the first had arrived",
        "2026-05-04T00:00:00Z",
        REPEATED,
        SPENT,
        known="2026-05-02T12:00:00Z",
        expected={"n": 1, "spend": 100},
        next_change=None,
    ),
    case(
        "a repeat does not undo a retraction",
        "2026-05-04T00:00:00Z",
        (
            event("page_viewed", "2026-05-01T00:00:00Z", id="m1", retracted="2026-05-02T00:00:00Z"),
            event("page_viewed", "2026-05-01T00:00:00Z", id="m1", known="2026-05-03T00:00:00Z"),
        ),
        (N,),
        expected={"n": 0},
        next_change=None,
    ),
]

# SHA-256 begins 2e7d for "c", 3e23 for "b" and ca97 for "a".
AT_ONCE = tuple(event("page_viewed", "2026-05-01T00:00:00Z", {"path": name}, id=name) for name in "abc")
ENDS = (define("first", first="page_viewed.path"), define("last", last="page_viewed.path"))

ORDER_CASES = [
    case(
        "at one instant, SHA-256(messageId) decides",
        "2026-05-04T00:00:00Z",
        AT_ONCE,
        ENDS,
        expected={"first": "c", "last": "a"},
        next_change=None,
    ),
    case(
        "whatever the order of arrival",
        "2026-05-04T00:00:00Z",
        AT_ONCE[::-1],
        ENDS,
        expected={"first": "c", "last": "a"},
        next_change=None,
    ),
    case(
        "order goes before SHA-256",
        "2026-05-04T00:00:00Z",
        (
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "a"}, id="a", order=-1),
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "b"}, id="b"),
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "c"}, id="c", order=2),
        ),
        ENDS,
        expected={"first": "a", "last": "c"},
        next_change=None,
    ),
    case(
        "time goes before order",
        "2026-05-04T00:00:00Z",
        (
            event("page_viewed", "2026-05-01T00:00:00.000001Z", {"path": "later"}, order=1),
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "earlier"}, order=9),
        ),
        ENDS,
        expected={"first": "earlier", "last": "later"},
        next_change=None,
    ),
    case(
        "event time rules, not arrival",
        "2026-05-04T00:00:00Z",
        (
            event("page_viewed", "2026-05-02T00:00:00Z", {"path": "second"}),
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "first"}, known="2026-05-03T00:00:00Z"),
        ),
        ENDS,
        expected={"first": "first", "last": "second"},
        next_change=None,
    ),
    case(
        "the lines of a list stand in their order",
        "2026-05-04T00:00:00Z",
        (
            event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 10_980}, id="r"),
            event(
                "card_purchase.products",
                "2026-05-01T00:00:00Z",
                {"sku": "scarf", "price": 1_990},
                id="r",
                part=1,
            ),
            event("card_purchase.products", "2026-05-01T00:00:00Z", {"sku": "jacket", "price": 8_990}, id="r"),
        ),
        (
            define("n", count="card_purchase"),
            define("lines", count="card_purchase.products"),
            define("total", sum="card_purchase.products.price"),
            define("first", first="card_purchase.products.sku"),
            define("last", last="card_purchase.products.sku"),
        ),
        expected={"n": 1, "lines": 2, "total": 10_980, "first": "jacket", "last": "scarf"},
        next_change=None,
    ),
]

REGIONS = (
    event("traits.region", "2026-01-01T00:00:00Z", {"value": "north"}),
    event("traits.region", "2026-02-01T00:00:00Z", {"value": None}),
    event("traits.region", "2026-03-01T00:00:00Z", {"value": "south"}),
)
REGION = (define("first", first="traits.region"), define("last", last="traits.region"))

TRAIT_CASES = [
    case(
        "a trait is its last statement",
        "2026-01-15T00:00:00Z",
        REGIONS,
        REGION,
        expected={"first": "north", "last": "north"},
        next_change="2026-02-01T00:00:00Z",
    ),
    case(
        "a trait set to null is NULL until set again",
        "2026-02-15T00:00:00Z",
        REGIONS,
        REGION,
        expected={"first": "north", "last": None},
        next_change="2026-03-01T00:00:00Z",
    ),
    case(
        "a trait set again",
        "2026-03-01T00:00:00Z",
        REGIONS,
        REGION,
        expected={"first": "north", "last": "south"},
        next_change=None,
    ),
    case(
        "a first statement of null is the first",
        "2026-03-01T00:00:00Z",
        REGIONS[1:],
        REGION,
        expected={"first": None, "last": "south"},
        next_change=None,
    ),
    case(
        "the traits of one message are a statement each",
        "2026-03-01T00:00:00Z",
        (
            event("traits.region", "2026-02-01T00:00:00Z", {"value": "north"}, id="m"),
            event("traits.income", "2026-02-01T00:00:00Z", {"value": 260_000}, id="m"),
            event("traits.vip", "2026-02-01T00:00:00Z", {"value": False}, id="m"),
        ),
        (
            define("region", last="traits.region"),
            define("income", last="traits.income"),
            define("vip", last="traits.vip"),
            define("unstated", last="traits.passport_until"),
        ),
        expected={"region": "north", "income": 260_000, "vip": False, "unstated": None},
        next_change=None,
    ),
    case(
        "a property that is absent does not hide an older value",
        "2026-05-04T00:00:00Z",
        (
            event("page_viewed", "2026-05-01T00:00:00Z", {"path": "/a"}),
            event("page_viewed", "2026-05-02T00:00:00Z", {"path": None}),
        ),
        ENDS,
        expected={"first": "/a", "last": "/a"},
        next_change=None,
    ),
]

KNOWN_CASES = [*ARRIVAL_CASES, *ORDER_CASES, *TRAIT_CASES]
