"""The calendar in DuckDB's own words: its time zones (the extension icu, which is built in) and its dates.

Nothing here is worked out by Onefold. A zone's transitions fall on whole minutes of UTC, so that walking from minute
to minute finds them all; that is slow and plain.
"""

from __future__ import annotations

import duckdb

MACROS = (
    # what a wall clock shows at an instant (microseconds)
    "CREATE OR REPLACE MACRO wall(zone, t) AS timezone(zone, make_timestamptz(t))",
    # the first whole minute at which a wall clock shows a whole minute or more
    """CREATE OR REPLACE MACRO minute_of(zone, w) AS list_transform([w], lambda m: list_filter(
        range(epoch_us(m) - 50400000000, epoch_us(m) + 50400000000, 60000000), lambda t: wall(zone, t) >= m)[1])[1]""",
    # the first instant at which it shows so much or more: the first pass of a repeated hour, or the end of a gap
    """CREATE OR REPLACE MACRO resolved_from(zone, m, w) AS list_transform([minute_of(zone, m)], lambda t:
        t + CASE WHEN wall(zone, t) = m THEN epoch_us(w) - epoch_us(m) ELSE 0 END)[1]""",
    """CREATE OR REPLACE MACRO resolved(zone, shown) AS
        list_transform([shown], lambda w: resolved_from(zone, date_trunc('minute', w), w))[1]""",
    # the furthest that a wall clock has shown: in the second pass of a repeated hour it stays at the end of the first
    """CREATE OR REPLACE MACRO furthest(zone, t) AS greatest(wall(zone, t), list_max(list_transform(
        range(t - t % 60000000 - 10800000000, t + 1, 60000000), lambda b: wall(zone, b - 1))))""",
    # a calendar date or wall clock so many months earlier; a day that does not exist is the day after the month's last
    """CREATE OR REPLACE MACRO earlier(w, n) AS CASE
        WHEN day(w) > day(last_day(date_trunc('month', w) - to_months(n)))
        THEN date_trunc('month', w) - to_months(n) + to_months(1)
        ELSE date_trunc('month', w) - to_months(n) + (w - date_trunc('month', w)) END""",
    """CREATE OR REPLACE MACRO months_before(zone, t, n) AS
        list_transform([furthest(zone, t)], lambda f: resolved(zone, earlier(f, n)))[1]""",
    """CREATE OR REPLACE MACRO start_of(zone, t, unit) AS
        list_transform([furthest(zone, t)], lambda f: resolved(zone, date_trunc(unit, f)))[1]""",
    # dates as days since 1970-01-01
    "CREATE OR REPLACE MACRO midnight(zone, d) AS resolved(zone, TIMESTAMP '1970-01-01' + to_days(CAST(d AS INTEGER)))",
    "CREATE OR REPLACE MACRO today(zone, t) AS CAST(CAST(wall(zone, t) AS DATE) - DATE '1970-01-01' AS BIGINT)",
    # whoever was born on 29 February has the birthday on the 28th in common years
    """CREATE OR REPLACE MACRO birthday(born, years) AS least(born + to_years(CAST(years AS INTEGER)),
        last_day(date_trunc('month', born) + to_years(CAST(years AS INTEGER))))""",
    """CREATE OR REPLACE MACRO age_on(born, day) AS CASE WHEN born <= day THEN year(day) - year(born)
        - CASE WHEN birthday(born, year(day) - year(born)) > day THEN 1 ELSE 0 END END""",
)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection that knows the calendar; of one thread, as small queries want it."""
    connection = duckdb.connect(config={"threads": 1})
    for macro in MACROS:
        connection.execute(macro)
    return connection
