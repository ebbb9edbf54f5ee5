"""The aggregates that read the events of a window as a whole, worked by hand, to the microsecond where it matters."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.genome import OracleEvent
from tests.oracles.hand import case, define, event
from tests.oracles.wheres import compare, constant, name

TRAVEL = compare(name("category"), "=", constant("travel", "category"))
TEN, HALF, FORTY = Fraction(600), Fraction(1800), Fraction(2400)
"""Minutes, in seconds."""
DEGREE_KM = 111.1950802335329
"""One degree of a great circle: 6371.0088 km times pi / 180."""


def paid(time: str, amount: int | None, category: str | None = None) -> OracleEvent:
    return event("card_purchase", time, {"amount": amount, "category": category})


def viewed(time: str, path: str | None = "/") -> OracleEvent:
    return event("page_viewed", time, {"path": path})


RENT = (
    paid("2026-01-31T09:00:00Z", 10_000),
    paid("2026-03-01T00:00:00Z", 12_000),
    paid("2026-04-06T00:00:00Z", 14_400),
)
"""31 January and a month is 1 March, 00:00; the next is five days late, and each 20 % dearer than the one before."""
DUE = define("rent", recurring="card_purchase.amount", every="month")
TWICE = define("seen", sequence=["page_viewed", "page_viewed"], after="48h", within="7d", without="card_purchase")
VIEWS = (viewed("2026-05-01T00:00:00Z", "/a"), viewed("2026-05-01T00:30:00Z", "/b"))
LATER = (*VIEWS, viewed("2026-05-01T01:00:00.000001Z", None), viewed("2026-05-01T01:10:00.000001Z", "/d"))
SESSIONS = (
    define("count", session="page_viewed"),
    define("last", session="page_viewed", of="last"),
    define("seconds", session="page_viewed", stat="seconds"),
    define("seconds_of_last", session="page_viewed", stat="seconds", of="last"),
    define("pages", session="page_viewed", stat="pages", of="last"),
    define("entry", session="page_viewed.path", stat="entry"),
    define("long", session="page_viewed", gap="31m"),
)
NEAR = (
    define("count", near={"event": "moved", "point": [0, 0], "radius": "111.195km"}),
    define("wider", near={"event": "moved.spot", "point": [0, 0], "radius": "112km"}),
    define("far", near={"event": "moved", "point": [0, 0], "stat": "distance"}),
)

REDUCTION_CASES = [
    case(
        "deviation and slope of three values",
        "2026-05-10T00:00:00Z",
        (paid("2026-05-01T00:00:00Z", 100), paid("2026-05-02T00:00:00Z", 200), paid("2026-05-03T00:00:00Z", 300)),
        (define("deviation", stddev="card_purchase.amount"), define("slope", trend="card_purchase.amount")),
        expected={"deviation": 100.0, "slope": 100.0},
        next_change=None,
    ),
    case(
        "one value has no deviation, one instant no slope",
        "2026-05-10T00:00:00Z",
        (
            paid("2026-05-01T00:00:00Z", 100),
            event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 900, "category": "travel"}, id="other"),
        ),
        (define("deviation", TRAVEL, stddev="card_purchase.amount"), define("slope", trend="card_purchase.amount")),
        expected={"deviation": None, "slope": None},
        next_change=None,
    ),
    case(
        "the most frequent value, of several the one seen last",
        "2026-05-10T00:00:00Z",
        (
            paid("2026-05-01T00:00:00Z", 1, "food"),
            paid("2026-05-02T00:00:00Z", 1, "travel"),
            paid("2026-05-03T00:00:00Z", 1, "travel"),
            paid("2026-05-04T00:00:00Z", 1, "food"),
            paid("2026-05-05T00:00:00Z", 1, "books"),
            paid("2026-05-06T00:00:00Z", 1),
        ),
        (define("top", top="card_purchase.category"), define("week", top="card_purchase.category", within="5d")),
        expected={"top": "food", "week": "books"},
        next_change="2026-05-10T00:00:00.000001Z",
    ),
    case(
        "hours are of the local wall clock, the last one not inside",
        "2026-05-10T00:00:00Z",
        (
            paid("2026-01-01T20:59:59.999999Z", 1, "travel"),  # 21:59 in Prague
            paid("2026-01-01T21:00:00Z", 1, "travel"),  # 22:00
            paid("2026-05-01T03:59:59.999999Z", 1, "food"),  # 05:59
            paid("2026-05-02T04:00:00Z", 1, "food"),  # 06:00
        ),
        (
            define("night", hours=[22, 6], event="card_purchase"),
            define("travel", TRAVEL, hours=[22, 6], event="card_purchase"),
            define("of_all", TRAVEL, hours=[22, 6], share="card_purchase"),
            define("none", hours=[22, 6], event="login"),
        ),
        zone="Europe/Prague",
        expected={"night": 0.5, "travel": 0.5, "of_all": 0.25, "none": None},
        next_change=None,
    ),
    case(
        "rent: each a month and at most five days later, within a fifth of the last",
        "2026-05-10T00:00:00Z",
        RENT,
        (DUE,),
        expected={"rent": 14_400},
        next_change="2026-05-11T00:00:00.000001Z",
    ),
    case(
        "rent that is five days late is not yet overdue",
        "2026-05-11T00:00:00Z",
        RENT,
        (DUE,),
        expected={"rent": 14_400},
        next_change="2026-05-11T00:00:00.000001Z",
    ),
    case("rent that is overdue is none", "2026-05-11T00:00:00.000001Z", RENT, (DUE,), expected={"rent": None},
         next_change=None),
    case("two payments are no chain", "2026-03-02T00:00:00Z", RENT[:2], (DUE,), expected={"rent": None},
         next_change=None),
    case(
        "a payment a microsecond too late, or a cent too dear, ends no chain",
        "2026-05-01T00:00:00Z",
        (*RENT[:2], paid("2026-04-06T00:00:00.000001Z", 12_000), paid("2026-04-05T00:00:00Z", 14_401)),
        (DUE,),
        expected={"rent": None},
        next_change=None,
    ),
    case(
        "a chain may pass over what lies between",
        "2026-04-07T00:00:00Z",
        (*RENT, paid("2026-04-01T12:00:00Z", 12_000, "travel"), paid("2026-03-15T12:00:00Z", 10)),
        (DUE, define("travel", TRAVEL, recurring="card_purchase.amount", every="month")),
        expected={"rent": 14_400, "travel": None},
        next_change="2026-05-11T00:00:00.000001Z",
    ),
    case(
        "a sequence is not yet old enough",
        "2026-05-03T00:29:59.999999Z",
        VIEWS,
        (TWICE,),
        expected={"seen": False},
        next_change="2026-05-03T00:30:00Z",
    ),
    case(
        "a sequence is old enough, until its first step leaves the window",
        "2026-05-03T00:30:00Z",
        VIEWS,
        (TWICE,),
        expected={"seen": True},
        next_change="2026-05-08T00:00:00.000001Z",
    ),
    case(
        "something unwanted came after the first step",
        "2026-05-03T00:30:00Z",
        (*VIEWS, paid("2026-05-01T00:00:00.000001Z", 1)),
        (TWICE,),
        expected={"seen": False},
        next_change="2026-05-08T00:00:00.000001Z",
    ),
    case(
        "what is unwanted at the instant of the first step is not after it; one to come is a change",
        "2026-05-03T00:30:00Z",
        (*VIEWS, paid("2026-05-01T00:00:00Z", 1), paid("2026-05-04T00:00:00Z", 1)),
        (TWICE,),
        expected={"seen": True},
        next_change="2026-05-04T00:00:00Z",
    ),
    case(
        "two steps at one instant are no sequence",
        "2026-05-04T00:00:00Z",
        (viewed("2026-05-01T00:00:00Z"), event("page_viewed", "2026-05-01T00:00:00Z", {"path": "/"}, id="other")),
        (TWICE,),
        expected={"seen": False},
        next_change="2026-05-08T00:00:00.000001Z",
    ),
    case(
        "a session of two pages, half an hour apart",
        "2026-05-02T00:00:00Z",
        VIEWS,
        SESSIONS,
        expected={
            "count": 1, "last": 1, "seconds": HALF, "seconds_of_last": HALF, "pages": 2, "entry": "/a", "long": 1,
        },
        next_change=None,
    ),
    case(
        "half an hour and a microsecond later another session begins; its first page has no path to see",
        "2026-05-02T00:00:00Z",
        LATER,
        SESSIONS,
        expected={
            "count": 2, "last": 1, "seconds": FORTY, "seconds_of_last": TEN, "pages": 2, "entry": "/d", "long": 1,
        },
        next_change=None,
    ),
    case(
        "no session",
        "2026-05-02T00:00:00Z",
        (),
        SESSIONS,
        expected={
            "count": 0, "last": 0, "seconds": None, "seconds_of_last": None, "pages": None, "entry": None, "long": 0,
        },
        next_change=None,
    ),
    case(
        "a degree off, then at the point, then nowhere",
        "2026-05-10T00:00:00Z",
        (
            event("moved", "2026-05-01T00:00:00Z", {"spot": (0, 0)}),
            event("moved", "2026-05-02T00:00:00Z", {"spot": (0, 10_000_000)}),
            event("moved", "2026-05-03T00:00:00Z", {"spot": None}),
        ),
        NEAR,
        expected={"count": 1, "wider": 2, "far": DEGREE_KM},
        next_change=None,
    ),
    case("nowhere near", "2026-05-10T00:00:00Z", (), NEAR, expected={"count": 0, "wider": 0, "far": None},
         next_change=None),
]  # fmt: skip
