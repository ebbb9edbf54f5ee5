"""Calendar windows by hand: month ends, 29 February, gaps and repeated hours."""

from __future__ import annotations

from tests.oracles.hand import HandCase, case, define, event


def months(
    name: str, now: str, times: list[str], *, within: str, count: int, next_change: str, zone: str = "UTC"
) -> HandCase:
    """Return a case that counts page views within a calendar span."""
    return case(
        name,
        now,
        tuple(event("page_viewed", time) for time in times),
        (define("n", count="page_viewed", within=within),),
        zone=zone,
        expected={"n": count},
        next_change=next_change,
    )


MONTH_CASES = [
    months(
        "31 March - 1mo = 1 March 00:00",
        "2026-03-31T17:00:00Z",
        ["2026-02-28T23:59:59.999999Z", "2026-03-01T00:00:00Z"],
        within="1mo",
        count=1,
        next_change="2026-04-01T00:00:00.000001Z",
    ),
    months(
        "30 March - 1mo is 1 March too, at any hour",
        "2026-03-30T00:00:00Z",
        ["2026-02-28T23:59:59.999999Z", "2026-03-01T00:00:00Z"],
        within="1mo",
        count=1,
        next_change="2026-04-01T00:00:00.000001Z",
    ),
    months(
        "28 March - 1mo is the same wall clock",
        "2026-03-28T17:00:00Z",
        ["2026-02-28T16:59:59.999999Z", "2026-02-28T17:00:00Z"],
        within="1mo",
        count=1,
        next_change="2026-03-28T17:00:00.000001Z",
    ),
    months(
        "the last microsecond of February leaves as 29 March begins",
        "2026-03-28T23:59:59.999999Z",
        ["2026-02-28T23:59:59.999999Z"],
        within="1mo",
        count=1,
        next_change="2026-03-29T00:00:00Z",
    ),
    months(
        "29 March - 1mo is 29 February in a leap year",
        "2024-03-29T10:00:00Z",
        ["2024-02-29T09:59:59.999999Z", "2024-02-29T10:00:00Z"],
        within="1mo",
        count=1,
        next_change="2024-03-29T10:00:00.000001Z",
    ),
    months(
        "29 February - 1y = 1 March 00:00",
        "2024-02-29T12:00:00Z",
        ["2023-02-28T23:59:59.999999Z", "2023-03-01T00:00:00Z"],
        within="1y",
        count=1,
        next_change="2024-03-01T00:00:00.000001Z",
    ),
    months(
        "an event of 29 February leaves 1y as 1 March begins",
        "2025-02-28T23:59:00Z",
        ["2024-02-29T12:00:00Z"],
        within="1y",
        count=1,
        next_change="2025-03-01T00:00:00Z",
    ),
    months(
        "31 January - 2mo = 1 December 00:00 of the year before",
        "2026-01-31T10:00:00Z",
        ["2025-11-30T23:00:00Z", "2025-12-01T00:00:00Z"],
        within="2mo",
        count=1,
        next_change="2026-02-01T00:00:00.000001Z",
    ),
    months(
        "31 December - 12mo crosses the year end",
        "2026-12-31T23:30:00Z",
        ["2025-12-31T23:29:59.999999Z", "2025-12-31T23:30:00Z", "2026-01-01T00:00:00Z"],
        within="12mo",
        count=2,
        next_change="2026-12-31T23:30:00.000001Z",
    ),
]

PRAGUE = "Europe/Prague"
SAO_PAULO = "America/Sao_Paulo"
ST_JOHNS = "America/St_Johns"

HOUR_CASES = [
    months(
        "an hour that does not exist: the first instant after it",
        "2026-04-29T02:30:00+02:00",
        ["2026-03-29T00:59:59.999999Z", "2026-03-29T01:00:00Z"],
        within="1mo",
        zone=PRAGUE,
        count=1,
        next_change="2026-04-29T03:00:00.000001+02:00",
    ),
    months(
        "a start in a repeated hour of the past is its first pass",
        "2026-11-25T02:30:00+01:00",
        ["2026-10-25T02:29:59.999999+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:15:00+01:00"],
        within="1mo",
        zone=PRAGUE,
        count=2,
        next_change="2026-11-25T02:30:00.000001+01:00",
    ),
    months(
        "an event of the second pass leaves as the hour is over",
        "2026-11-25T02:59:59.999999+01:00",
        ["2026-10-25T02:15:00+01:00"],
        within="1mo",
        zone=PRAGUE,
        count=1,
        next_change="2026-11-25T03:00:00+01:00",
    ),
    months(
        "now in the first pass of a repeated hour",
        "2026-10-25T02:30:00+02:00",
        ["2026-09-25T02:45:00+02:00", "2026-09-25T02:59:59.999999+02:00"],
        within="1mo",
        zone=PRAGUE,
        count=2,
        next_change="2026-10-25T02:45:00.000001+02:00",
    ),
    months(
        "now in the second pass: the start stays at its furthest",
        "2026-10-25T02:30:00+01:00",
        ["2026-09-25T02:45:00+02:00", "2026-09-25T02:59:59.999999+02:00"],
        within="1mo",
        zone=PRAGUE,
        count=1,
        next_change="2026-10-25T03:00:00+01:00",
    ),
    months(
        "24h are 24 hours, whatever the clocks do",
        "2026-03-30T01:30:00+02:00",
        ["2026-03-29T00:29:59.999999+01:00", "2026-03-29T00:30:00+01:00"],
        within="24h",
        zone=PRAGUE,
        count=1,
        next_change="2026-03-30T01:30:00.000001+02:00",
    ),
    months(
        "a midnight that does not exist, a month later",
        "2018-12-04T00:30:00-02:00",
        ["2018-11-04T02:59:59.999999Z", "2018-11-04T03:00:00Z"],
        within="1mo",
        zone=SAO_PAULO,
        count=1,
        next_change="2018-12-04T01:00:00.000001-02:00",
    ),
]


def today(name: str, now: str, times: list[str], *, zone: str, count: int, next_change: str) -> HandCase:
    """Return a case that counts page views since the start of the day."""
    return case(
        name,
        now,
        tuple(event("page_viewed", time) for time in times),
        (define("n", count="page_viewed", since="start of day"),),
        zone=zone,
        expected={"n": count},
        next_change=next_change,
    )


DAY_CASES = [
    today(
        "a day whose midnight does not exist starts at 01:00",
        "2018-11-04T12:00:00-02:00",
        ["2018-11-04T02:59:59.999999Z", "2018-11-04T03:00:00Z"],
        zone=SAO_PAULO,
        count=1,
        next_change="2018-11-05T00:00:00-02:00",
    ),
    today(
        "the boundary of such a day is its first instant",
        "2018-11-03T23:00:00-03:00",
        ["2018-11-03T00:00:00-03:00"],
        zone=SAO_PAULO,
        count=1,
        next_change="2018-11-04T01:00:00-02:00",
    ),
    today(
        "an hour repeated before midnight belongs to the old day",
        "2018-02-17T23:30:00-03:00",
        ["2018-02-16T23:59:59-02:00", "2018-02-17T00:00:00-02:00", "2018-02-17T23:30:00-02:00"],
        zone=SAO_PAULO,
        count=2,
        next_change="2018-02-18T00:00:00-03:00",
    ),
    today(
        "clocks that go back over midnight do not move the start of day back",
        "2010-11-06T23:30:00-03:30",
        ["2010-11-06T23:45:00-02:30", "2010-11-07T00:00:00-02:30", "2010-11-06T23:10:00-03:30"],
        zone=ST_JOHNS,
        count=2,
        next_change="2010-11-08T00:00:00-03:30",
    ),
    today(
        "a day of 25 hours",
        "2026-10-25T23:59:59.999999+01:00",
        ["2026-10-24T23:59:59.999999+02:00", "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+01:00"],
        zone=PRAGUE,
        count=2,
        next_change="2026-10-26T00:00:00+01:00",
    ),
]

CALENDAR_CASES = [*MONTH_CASES, *HOUR_CASES, *DAY_CASES]
