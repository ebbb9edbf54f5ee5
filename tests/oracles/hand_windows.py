"""Windows and next_change by hand: within, between, since, all time, retention."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.hand import case, define, event
from tests.oracles.wheres import compare, constant, like, name

MORTGAGE = like(name("path"), "/mortgage%")
VIEWS = tuple(
    event("page_viewed", f"2026-05-04T{time}Z", {"path": path})
    for time, path in [
        ("08:00:00", "/cards"),
        ("09:00:00", "/mortgage"),
        ("10:00:00", "/mortgage/rates"),
        ("11:00:00", "/mortgage/calculator"),
        ("12:00:00", None),
    ]
)
VIEWS_7D = (define("views_7d", MORTGAGE, count="page_viewed", within="7d"),)
N_1D = (define("n", count="page_viewed", within="1d"),)
N_ALL = (define("n", count="page_viewed"),)
YESTERDAY = (define("n", count="page_viewed", between=["2d", "1d"]),)
LAST_YEAR = (define("spend", sum="card_purchase.amount", between=["24mo", "12mo"]),)
THIS_MONTH = (define("spend", sum="card_purchase.amount", since="start of month"),)
SCORE = (event("measured", "2026-03-01T00:00:00Z", {"level": Fraction(712)}),)
SCORE_90D = (define("score", last="measured.level", within="90d"),)


WITHIN_CASES = [
    case(
        "story 10: the third view",
        "2026-05-04T11:00:00Z",
        VIEWS,
        VIEWS_7D,
        expected={"views_7d": 3},
        next_change="2026-05-11T09:00:00.000001Z",
    ),
    case(
        "story 10: a microsecond before the third view",
        "2026-05-04T10:59:59.999999Z",
        VIEWS,
        VIEWS_7D,
        expected={"views_7d": 2},
        next_change="2026-05-04T11:00:00Z",
    ),
    case(
        "story 10: the last instant with three",
        "2026-05-11T09:00:00Z",
        VIEWS,
        VIEWS_7D,
        expected={"views_7d": 3},
        next_change="2026-05-11T09:00:00.000001Z",
    ),
    case(
        "story 10: the first view has left",
        "2026-05-11T09:00:00.000001Z",
        VIEWS,
        VIEWS_7D,
        expected={"views_7d": 2},
        next_change="2026-05-11T10:00:00.000001Z",
    ),
    case(
        "story 10: all have left; views elsewhere or of unknown path change nothing",
        "2026-05-11T11:00:00.000001Z",
        VIEWS,
        VIEWS_7D,
        expected={"views_7d": 0},
        next_change=None,
    ),
    case(
        "story 4: a score is valid to the microsecond of its 90 days",
        "2026-05-30T00:00:00Z",
        SCORE,
        SCORE_90D,
        expected={"score": Fraction(712)},
        next_change="2026-05-30T00:00:00.000001Z",
    ),
    case(
        "story 4: and not a microsecond longer",
        "2026-05-30T00:00:00.000001Z",
        SCORE,
        SCORE_90D,
        expected={"score": None},
        next_change=None,
    ),
    case(
        "an event in the future counts from its time on",
        "2026-05-04T07:59:59.999999Z",
        VIEWS[:1],
        N_1D,
        expected={"n": 0},
        next_change="2026-05-04T08:00:00Z",
    ),
    case(
        "an event counts at its own time",
        "2026-05-04T08:00:00Z",
        VIEWS[:1],
        N_1D,
        expected={"n": 1},
        next_change="2026-05-05T08:00:00.000001Z",
    ),
    case(
        "all time: nothing ever leaves",
        "2026-05-04T20:00:00Z",
        VIEWS,
        N_ALL,
        expected={"n": 5},
        next_change=None,
    ),
    case(
        "all time: the future enters",
        "2026-05-04T10:30:00Z",
        VIEWS,
        N_ALL,
        expected={"n": 3},
        next_change="2026-05-04T11:00:00Z",
    ),
    case(
        "next_change is the earliest over all features",
        "2026-05-04T12:00:00Z",
        VIEWS,
        (*VIEWS_7D, *N_1D, define("all", count="page_viewed")),
        expected={"views_7d": 3, "n": 5, "all": 5},
        next_change="2026-05-05T08:00:00.000001Z",
    ),
    case(
        "an event that passes but lacks the property still enters and leaves",
        "2026-05-04T12:00:00Z",
        (event("page_viewed", "2026-05-04T09:00:00Z", {"path": "/mortgage"}),),
        (define("seconds", MORTGAGE, sum="page_viewed.seconds", within="1d"),),
        expected={"seconds": 0},
        next_change="2026-05-05T09:00:00.000001Z",
    ),
]

BETWEEN_CASES = [
    case(
        "between: the far end belongs to it, the near end does not",
        "2026-05-10T00:00:00Z",
        tuple(
            event("page_viewed", time)
            for time in [
                "2026-05-07T23:59:59.999999Z",
                "2026-05-08T00:00:00Z",
                "2026-05-08T23:59:59.999999Z",
                "2026-05-09T00:00:00Z",
            ]
        ),
        YESTERDAY,
        expected={"n": 2},
        next_change="2026-05-10T00:00:00.000001Z",
    ),
    case(
        "between: a microsecond later one has entered and one has left",
        "2026-05-10T00:00:00.000001Z",
        tuple(event("page_viewed", time) for time in ["2026-05-08T00:00:00Z", "2026-05-09T00:00:00Z"]),
        YESTERDAY,
        expected={"n": 1},
        next_change="2026-05-11T00:00:00.000001Z",
    ),
    case(
        "spend_last_year: both ends",
        "2026-05-04T12:00:00Z",
        (
            event("card_purchase", "2024-05-04T12:00:00Z", {"amount": 10_000}),
            event("card_purchase", "2025-05-04T11:59:59.999999Z", {"amount": 20_000}),
            event("card_purchase", "2025-05-04T12:00:00Z", {"amount": 40_000}),
        ),
        LAST_YEAR,
        expected={"spend": 30_000},
        next_change="2026-05-04T12:00:00.000001Z",
    ),
    case(
        "spend_last_year: an event of this year enters a year and a microsecond after",
        "2026-05-04T12:00:00Z",
        (event("card_purchase", "2025-06-01T00:00:00Z", {"amount": 40_000}),),
        LAST_YEAR,
        expected={"spend": 0},
        next_change="2026-06-01T00:00:00.000001Z",
    ),
    case(
        "spend_last_year: and leaves a year later",
        "2026-06-01T00:00:00.000001Z",
        (event("card_purchase", "2025-06-01T00:00:00Z", {"amount": 40_000}),),
        LAST_YEAR,
        expected={"spend": 40_000},
        next_change="2027-06-01T00:00:00.000001Z",
    ),
]

SINCE_CASES = [
    case(
        "spend_this_month: the last microsecond of May",
        "2026-05-31T23:59:59.999999Z",
        (
            event("card_purchase", "2026-04-30T23:59:59.999999Z", {"amount": 100}),
            event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 200}),
        ),
        THIS_MONTH,
        expected={"spend": 200},
        next_change="2026-06-01T00:00:00Z",
    ),
    case(
        "spend_this_month: at the boundary it starts anew",
        "2026-06-01T00:00:00Z",
        (event("card_purchase", "2026-05-01T00:00:00Z", {"amount": 200}),),
        THIS_MONTH,
        expected={"spend": 0},
        next_change="2026-07-01T00:00:00Z",
    ),
    case(
        "since: an event later in the month comes before the boundary",
        "2026-05-04T00:00:00Z",
        (event("card_purchase", "2026-05-20T06:00:00Z", {"amount": 100}),),
        THIS_MONTH,
        expected={"spend": 0},
        next_change="2026-05-20T06:00:00Z",
    ),
    case(
        "since: the boundary falls even with nothing to see",
        "2026-05-04T00:00:00Z",
        (),
        (define("n", count="page_viewed", since="start of year"),),
        expected={"n": 0},
        next_change="2027-01-01T00:00:00Z",
    ),
    case(
        "since: weeks begin on Monday",
        "2026-05-10T12:00:00Z",
        (event("page_viewed", "2026-05-03T23:59:59Z"), event("page_viewed", "2026-05-04T00:00:00Z")),
        (define("n", count="page_viewed", since="start of week"),),
        expected={"n": 1},
        next_change="2026-05-11T00:00:00Z",
    ),
    case(
        "since: quarters begin in January, April, July and October",
        "2026-05-04T00:00:00Z",
        (event("page_viewed", "2026-03-31T23:59:59.999999Z"), event("page_viewed", "2026-04-01T00:00:00Z")),
        (define("n", count="page_viewed", since="start of quarter"),),
        expected={"n": 1},
        next_change="2026-07-01T00:00:00Z",
    ),
    case(
        "since: the day is that of the workspace's zone",
        "2026-05-03T22:30:00Z",
        (
            event("page_viewed", "2026-05-03T23:59:00+02:00"),
            event("page_viewed", "2026-05-04T00:00:00+02:00"),
        ),
        (define("n", count="page_viewed", since="start of day"),),
        zone="Europe/Prague",
        expected={"n": 1},
        next_change="2026-05-05T00:00:00+02:00",
    ),
    case(
        "since: a new year at its first instant",
        "2027-01-01T00:00:00Z",
        (event("page_viewed", "2026-12-31T23:59:59.999999Z"), event("page_viewed", "2027-01-01T00:00:00Z")),
        (define("n", count="page_viewed", since="start of year"),),
        expected={"n": 1},
        next_change="2028-01-01T00:00:00Z",
    ),
]

RETENTION_CASES = [
    case(
        "retention is a window of every feature, its far end included",
        "2026-05-04T12:00:00Z",
        (
            event("page_viewed", "2024-05-04T11:59:59.999999Z", {"path": "/old"}),
            event("page_viewed", "2024-05-04T12:00:00Z", {"path": "/edge"}),
        ),
        (*N_ALL, define("path", first="page_viewed.path")),
        retention={"page_viewed": "24mo"},
        expected={"n": 1, "path": "/edge"},
        next_change="2026-05-04T12:00:00.000001Z",
    ),
    case(
        "retention shortens a longer window",
        "2026-05-04T12:00:00Z",
        (event("page_viewed", "2026-04-10T00:00:00Z"),),
        (define("n", count="page_viewed", within="90d"), define("days", since_first="page_viewed")),
        retention={"page_viewed": "30d"},
        expected={"n": 1, "days": 24.5},
        next_change="2026-05-10T00:00:00.000001Z",
    ),
    case(
        "retention: what would enter only after it is gone never enters",
        "2026-05-04T00:00:00Z",
        (event("page_viewed", "2026-05-01T00:00:00Z"),),
        (define("n", count="page_viewed", between=["60d", "30d"]),),
        retention={"page_viewed": "30d"},
        expected={"n": 0},
        next_change=None,
    ),
    case(
        "retention: what enters before it is gone does enter",
        "2026-05-04T00:00:00Z",
        (event("page_viewed", "2026-05-01T00:00:00Z"),),
        (define("n", count="page_viewed", between=["60d", "30d"]),),
        retention={"page_viewed": "45d"},
        expected={"n": 0},
        next_change="2026-05-31T00:00:00.000001Z",
    ),
    case(
        "retention: and leaves with it",
        "2026-05-31T00:00:00.000001Z",
        (event("page_viewed", "2026-05-01T00:00:00Z"),),
        (define("n", count="page_viewed", between=["60d", "30d"]),),
        retention={"page_viewed": "45d"},
        expected={"n": 1},
        next_change="2026-06-15T00:00:00.000001Z",
    ),
    case(
        "retention: the lines of a list go with their event, traits stay",
        "2026-05-04T00:00:00Z",
        (
            event("card_purchase", "2026-04-01T00:00:00Z", {"amount": 100}, id="p"),
            event("card_purchase.products", "2026-04-01T00:00:00Z", {"sku": "jacket"}, id="p"),
            event("traits.region", "2026-04-01T00:00:00Z", {"value": "north"}),
        ),
        (
            define("n", count="card_purchase"),
            define("lines", count="card_purchase.products"),
            define("region", last="traits.region"),
        ),
        retention={"card_purchase": "30d"},
        expected={"n": 0, "lines": 0, "region": "north"},
        next_change=None,
    ),
    case(
        "retention: a share whose events are gone is NULL",
        "2026-05-04T00:00:00Z",
        (event("card_purchase", "2026-04-01T00:00:00Z", {"amount": 100}),),
        (define("s", compare(name("amount"), ">", constant(50, "money")), share="card_purchase"),),
        retention={"card_purchase": "30d"},
        expected={"s": None},
        next_change=None,
    ),
]

WINDOW_CASES = [*WITHIN_CASES, *BETWEEN_CASES, *SINCE_CASES, *RETENTION_CASES]
