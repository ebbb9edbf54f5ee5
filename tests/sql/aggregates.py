"""Each aggregate as SQL over ``seen``: the events that a feature sees.

``seen`` has the columns ``customer``; ``pos``, which numbers a customer's events from the oldest on; ``time``;
``value`` and ``more``, the property of the first stream (of a place, latitude and longitude); ``s0``, ``s1`` ..., which
tell whether an event is of each stream. Sums are of HUGEINT, so they are exact; what divides does so once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from onefold.core.instant import DAY
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features.windows import Unit

MARGIN = 5 * DAY
EARTH_KM = 6371.0088
DEGREES = "1e7"
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an aggregate needs to know: the moment, and what the definition says beside streams and window.

    ``now`` is in microseconds; ``prop`` the property that is read, ``unit`` that of ``active``.
    """

    now: int
    zone: str
    prop: Property | None = None
    unit: Unit | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """By what a word of the property is divided to give natural units; money stays in minor ones."""
        known = self.prop
        return 10**known.scale if known is not None and known.type is ValueType.NUMBER else 1

    def whole(self, option: str) -> int:
        """Return an option that is a whole number."""
        value = self.options[option]
        assert isinstance(value, int)
        return value


Render = Callable[[Wanted], str]


def _grouped(expression: str, of: str = "seen") -> str:
    return f"SELECT customer, {expression} AS value FROM {of} GROUP BY customer"


def _plain(expression: str) -> Render:
    return lambda _: _grouped(expression)


def _mean(wanted: Wanted) -> str:
    return _grouped(f"sum(value)::DOUBLE / count(value) / {wanted.units}")


def _stddev(wanted: Wanted) -> str:
    """Of a sample, by exact sums: the root of (n Σv² - (Σv)²) / (n (n - 1))."""
    n, v = "count(*)::HUGEINT", "value::HUGEINT"
    spread = f"({n} * sum({v} * {v})::HUGEINT - sum({v})::HUGEINT * sum({v})::HUGEINT)::DOUBLE"
    return _grouped(f"CASE WHEN count(*) > 1 THEN sqrt({spread} / ({n} * ({n} - 1))::DOUBLE) / {wanted.units} END")


def _trend(wanted: Wanted) -> str:
    """Least squares by exact sums, of time from a customer's first event on: n Σxy - Σx Σy over n Σx² - (Σx)²."""
    x = "(time - min(time) OVER (PARTITION BY customer))::HUGEINT AS x"
    points = f"(SELECT customer, value::HUGEINT AS y, {x} FROM seen)"
    n, sx, sy = "count(*)::HUGEINT", "sum(x)::HUGEINT", "sum(y)::HUGEINT"
    above = f"({n} * sum(x * y)::HUGEINT - {sx} * {sy})::DOUBLE"
    below = f"({n} * sum(x * x)::HUGEINT - {sx} * {sx})::DOUBLE"
    return _grouped(f"CASE WHEN max(x) > 0 THEN {above} / {below} * {DAY} / {wanted.units} END", points)


def _top(_: Wanted) -> str:
    """The most frequent value; of two as frequent, the one seen last."""
    counted = "(SELECT customer, value, count(*) AS times, max(pos) AS latest FROM seen GROUP BY customer, value)"
    return _grouped("last(value ORDER BY times, latest)", counted)


def _active(wanted: Wanted) -> str:
    assert wanted.unit is not None
    return _grouped(f"count(DISTINCT date_trunc('{wanted.unit.name.lower()}', wall('{wanted.zone}', time)))")


def _since(edge: str) -> Render:
    return lambda wanted: _grouped(f"({wanted.now} - {edge}(time))::DOUBLE / {DAY}")


def _until(wanted: Wanted) -> str:
    """Days to the earliest date from today on, or to the earliest instant from now on."""
    if wanted.prop is not None and wanted.prop.type is ValueType.INSTANT:
        return _grouped(f"(min(value) FILTER (value >= {wanted.now}) - {wanted.now})::DOUBLE / {DAY}")
    chosen = _grouped(f"min(value) FILTER (value >= today('{wanted.zone}', {wanted.now}))")
    return (
        f"SELECT customer, (midnight('{wanted.zone}', value) - {wanted.now})::DOUBLE / {DAY} AS value FROM ({chosen})"
    )


def _hours(wanted: Wanted) -> str:
    """Between two hours of the local clock; past midnight where the second is the smaller."""
    hour, first, end = f"hour(wall('{wanted.zone}', time))", wanted.whole("from"), wanted.whole("to")
    inside = f"({hour} >= {first} {'AND' if first < end else 'OR'} {hour} < {end})"
    every = "s1" if wanted.options["of_all"] else "s0"
    return _grouped(f"(count(*) FILTER (s0 AND {inside}))::DOUBLE / nullif(count(*) FILTER ({every}), 0)")


def _session(wanted: Wanted) -> str:
    """A visit begins where more than the gap has passed since the event before."""
    stat, of_last = wanted.options["stat"], wanted.options["of"] == "last" or wanted.options["stat"] == "entry"
    order = "PARTITION BY customer ORDER BY pos"
    begins = f"coalesce(time - lag(time) OVER ({order}) > {wanted.whole('gap')}, TRUE)"
    visits = f"""(
  SELECT customer, visit, max(time) - min(time) AS took, count(*) AS pages, first(value ORDER BY pos) AS entry
  FROM (SELECT *, sum(begins::INTEGER) OVER ({order}) AS visit FROM (SELECT *, {begins} AS begins FROM seen))
  GROUP BY customer, visit
  {"QUALIFY visit = max(visit) OVER (PARTITION BY customer)" if of_last else ""})"""
    values = {"count": "count(*)", "seconds": "sum(took)", "pages": "sum(pages)", "entry": "first(entry)"}
    return _grouped(values[str(stat)], visits)


def _recurring(wanted: Wanted) -> str:
    """The newest that follows one that follows one; each is due a period after the one before."""
    every, tolerance = str(wanted.options["every"]), wanted.options["tolerance"]
    assert isinstance(tolerance, int | Fraction)
    part, whole = Fraction(tolerance).as_integer_ratio()
    wall = f"wall('{wanted.zone}', time)"
    later = f"earlier({wall}, -{_MONTHS[every]})" if every in _MONTHS else f"{wall} + to_days(7)"
    near = f"abs(b.value::HUGEINT - a.value::HUGEINT) * {whole} <= abs(a.value::HUGEINT) * {part}"
    return f"""
  WITH due AS (SELECT customer, pos, time, value, resolved('{wanted.zone}', {later}) AS due FROM seen),
  pairs AS (
    SELECT a.customer, a.pos AS earlier, b.pos AS pos FROM due a JOIN due b USING (customer)
    WHERE a.pos < b.pos AND abs(b.time - a.due) <= {MARGIN} AND {near}),
  ends AS (
    SELECT c.customer, max(c.pos) AS pos FROM pairs c
    JOIN pairs b ON b.customer = c.customer AND b.pos = c.earlier GROUP BY c.customer)
  SELECT customer, CASE WHEN {wanted.now} <= due + {MARGIN} THEN value END AS value
  FROM ends JOIN due USING (customer, pos)"""


def _sequence(wanted: Wanted) -> str:
    """Every way through the steps, by joins; one that ended long enough ago and was not broken off is enough."""
    steps, without = wanted.whole("steps"), wanted.whole("without")
    ways = "SELECT DISTINCT customer, time AS began, time AS ended FROM seen WHERE s0"
    for step in range(1, steps):
        ways = f"""SELECT DISTINCT w.customer, began, time AS ended FROM ({ways}) w JOIN seen USING (customer)
  WHERE s{step} AND time > w.ended"""
    broken = " OR ".join(f"s{steps + number}" for number in range(without)) or "FALSE"
    last = f"(SELECT customer, max(time) AS broken FROM seen WHERE {broken} GROUP BY customer)"
    whole = f"bool_or(ended + {wanted.whole('after')} <= {wanted.now} AND coalesce(broken <= began, TRUE))"
    return _grouped(whole, f"({ways}) LEFT JOIN {last} USING (customer)")


def _near(wanted: Wanted) -> str:
    """Great circles on a sphere, by the haversine formula, to the nearest of the points."""
    points, radius = wanted.options["points"], wanted.options["radius"]
    assert isinstance(points, tuple)
    listed = ", ".join(f"({latitude}, {longitude})" for latitude, longitude in points)
    north = f"pow(sin(radians((value - north) / {DEGREES}) / 2), 2)"
    east = f"pow(sin(radians((more - east) / {DEGREES}) / 2), 2)"
    chord = f"{north} + cos(radians(value / {DEGREES})) * cos(radians(north / {DEGREES})) * {east}"
    km = f"2 * {EARTH_KM} * asin(sqrt(least(1.0, {chord})))"
    far = f"""(SELECT customer, pos, min({km}) AS km
  FROM seen, (VALUES {listed}) AS points(north, east) GROUP BY customer, pos)"""
    if wanted.options["stat"] == "distance":
        return _grouped("last(km ORDER BY pos)", far)
    assert isinstance(radius, int | Fraction)
    return _grouped(f"count(*) FILTER (km * 1000 <= {float(radius)})", far)


RENDER: Mapping[str, Render] = {
    "count": _plain("count(*)"),
    "sum": _plain("sum(value)"),
    "mean": _mean,
    "min": _plain("min(value)"),
    "max": _plain("max(value)"),
    "stddev": _stddev,
    "first": _plain("first(value ORDER BY pos)"),
    "last": _plain("last(value ORDER BY pos)"),
    "top": _top,
    "distinct": _plain("count(DISTINCT value)"),
    "share": _plain("(count(*) FILTER (s0))::DOUBLE / count(*)"),
    "trend": _trend,
    "active": _active,
    "since_first": _since("min"),
    "since_last": _since("max"),
    "until": _until,
    "hours": _hours,
    "session": _session,
    "recurring": _recurring,
    "sequence": _sequence,
    "near": _near,
}
"""What SQL can say, by the aggregate's name: all of them."""

NULL_IS_SEEN = frozenset({"first", "last", "count", "since_first", "since_last", "active", "share"})
"""Aggregates for which a trait that is stated as null is a statement like any other."""


def of_nothing(name: str, options: Mapping[str, object]) -> str:
    """Return the value where there is nothing to see."""
    if name == "sequence":
        return "FALSE"
    counts = options.get("stat", "count") == "count" if name in ("session", "near") else False
    return "0" if counts or name in ("count", "sum", "distinct", "active") else "NULL"
