"""A feature's definition as one SQL query of DuckDB over the table of events.

A second reading of SEMANTICS section 3, by people who think in SQL: it shares with the engine the parsed definition
and, for conditions, the language's own rendering (``language.to_duckdb``); windows, zones, sums and order are DuckDB's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.sql.aggregates import NULL_IS_SEEN, RENDER, Wanted, of_nothing
from tests.sql.events_table import column_of, second_column_of

from onefold.core.instant import EARLIEST, Span
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features.definitions import AGE, BIRTH_DATE, Aggregated, Collected, Derived, FeatureSet, Ranked
from onefold.features.sources import Stream
from onefold.features.windows import Bound, Unit, Window
from onefold.language.ast import Node
from onefold.language.lineage import names_of
from onefold.language.to_duckdb import to_duckdb

REPEATS = "PARTITION BY customer, message_id, source, part ORDER BY known_at, seq"
POSITION = "PARTITION BY customer ORDER BY time, ord, hash, part"


class NotInSql(Exception):  # noqa: N818 - it is a finding, no fault
    """A feature of a kind that is not rendered: the score of a model."""


@dataclass(frozen=True)
class Spec:
    """An aggregate as the renderer reads it, whatever the engine makes of it."""

    name: str
    streams: tuple[Stream, ...]
    window: Window
    unit: Unit | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def prop(self) -> Property | None:
        """The property that it reads."""
        return self.streams[0].prop

    def has(self, stream: Stream, column: str) -> str:
        """Return the condition that an event has what a stream asks for."""
        null_too = stream.source.startswith("traits.") and self.name in NULL_IS_SEEN
        return "TRUE" if stream.prop is None or null_too else f"{column} IS NOT NULL"


def spec_of(body: Aggregated | Collected) -> Spec:
    """Return the specification of a feature's body; ``share`` is seen as its two streams."""
    if isinstance(body, Collected):
        return Spec(body.reduction.name, body.asked.streams, body.window, None, dict(body.asked.options))
    streams = body.streams
    if body.aggregate.name == "share":
        streams = (*streams, Stream(body.source))
    return Spec(body.aggregate.name, streams, body.window, body.unit)


@dataclass(frozen=True)
class Renderer:
    """Renders the features of a workspace at a moment; ``known`` is what had arrived.

    ``today`` is the local date, ``midnight`` the latest local midnight, in microseconds.
    """

    features: FeatureSet
    zone: str
    now: int
    known: int
    today: int
    midnight: int

    def query(self, name: str) -> str:
        """Return the query of a feature: ``customer`` and ``value``, a row for each of ``people``.

        Values are whole numbers of the smallest unit where the feature is exact, else doubles as the engine's
        columns have them. Raises :class:`NotInSql`.
        """
        feature = self.features.features.get(name)
        if feature is None:
            return self._age() if name == AGE else self._aggregated(spec_of(self.features.trait(name)))
        match feature.body:
            case Aggregated() | Collected() as body:
                return self._aggregated(spec_of(body))
            case Ranked() as body:
                return self._ranked(body)
            case Derived() as body:
                return self._age() if names_of(body.expression) == {name} else self._derived(body.expression)
        raise NotInSql(name)

    def _aggregated(self, spec: Spec) -> str:
        wanted = Wanted(self.now, self.zone, spec.prop, spec.unit, spec.options)
        streams = ",\n    ".join(self._stream(spec, number, stream) for number, stream in enumerate(spec.streams))
        firsts = ", ".join(f"{self._first(spec.window, one)} AS first{n}" for n, one in enumerate(spec.streams))
        any_stream = " OR ".join(f"s{number}" for number in range(len(spec.streams)))
        sources = ", ".join(sorted({f"'{stream.source}'" for stream in spec.streams}))
        value, more = ("NULL", "NULL") if spec.prop is None else _columns(spec.streams[0].source, spec.prop)
        return f"""
WITH edge AS MATERIALIZED (SELECT {firsts}, {self._past(spec.window)} AS past),
arrived AS (
  SELECT * FROM events WHERE source IN ({sources}) AND known_at <= {self.known}
  QUALIFY row_number() OVER ({REPEATS}) = 1),
there AS (
  SELECT * FROM arrived WHERE (customer, message_id) NOT IN (
    SELECT (customer, message_id) FROM events WHERE retracted_at <= {self.known})),
kept AS (
  SELECT customer, time, row_number() OVER ({POSITION}) AS pos, {value} AS value, {more} AS more,
    {streams}
  FROM there, edge),
seen AS (SELECT * FROM kept WHERE {any_stream}),
found AS ({RENDER[spec.name](wanted)})
SELECT customer, coalesce(value, {of_nothing(spec.name, spec.options)}) AS value
FROM people LEFT JOIN found USING (customer)"""

    def _stream(self, spec: Spec, number: int, stream: Stream) -> str:
        """Return the column that tells whether an event is of a stream."""
        has = "TRUE" if stream.prop is None else spec.has(stream, column_of(stream.source, stream.prop.name))
        past = str(self.now + 1) if stream.to_now else "past"
        inside = f"time >= first{number} AND time < {past}"
        where = self._where(stream.where, stream.source)
        return f"coalesce(source = '{stream.source}' AND {inside} AND {has} AND {where}, FALSE) AS s{number}"

    def _first(self, window: Window, stream: Stream) -> str:
        """Return the first instant that a stream sees; retention is a window too, of a list that of its event."""
        retention = self.features.retention
        kept = retention.get(stream.source) or retention.get(stream.source.partition(".")[0])
        edges = [self._edge(window.start), *([self._before(kept)] if kept else [])]
        return f"greatest({', '.join(edges)})"

    def _past(self, window: Window) -> str:
        """Return the first instant past a window; nothing after now is ever inside."""
        return str(self.now + 1) if window.end is None else self._edge(window.end)

    def _edge(self, bound: Bound) -> str:
        if bound.start_of is not None:
            return f"start_of('{self.zone}', {self.now}, '{bound.start_of.name.lower()}')"
        return str(EARLIEST) if bound.span is None else self._before(bound.span)

    def _before(self, span: Span) -> str:
        if span.months:
            return f"months_before('{self.zone}', {self.now}, {span.months})"
        return str(self.now - span.fixed)

    def _where(self, where: Node | None, source: str) -> str:
        known = self.features.schema.source(source)
        assert known is not None
        if where is None:
            return "TRUE"
        columns = {prop.name: as_seen(prop, column_of(source, prop.name)) for prop in known.properties}
        return to_duckdb(where, column=columns.__getitem__, today=self.today)

    def _ranked(self, body: Ranked) -> str:
        """Return the query of a rank: the value now, among those at the latest midnight of who was there by then."""
        at = replace(self, now=self.midnight)
        result = self.features.features[body.of].body.result
        number = as_seen(Property(body.of, result.type, result.scale if result.exact else 0), "value")
        below, equal = "count(*) FILTER (others.v < mine.v)", "count(*) FILTER (others.v = mine.v)"
        z_score = "CASE WHEN min(others.v) < max(others.v) THEN (mine.v - avg(others.v)) / stddev_samp(others.v) END"
        rank = f"({below} + {equal} / 2) / count(*)" if body.ranking.name == "percentile_of" else z_score
        return f"""
WITH mine AS (SELECT customer, {number} AS v FROM ({self.query(body.of)})),
others AS (
  SELECT {number} AS v FROM ({at.query(body.of)}) JOIN people USING (customer)
  WHERE since <= {self.midnight} AND value IS NOT NULL),
ranks AS (SELECT mine.v, {rank} AS value FROM (SELECT DISTINCT v FROM mine) AS mine, others GROUP BY mine.v)
SELECT customer, value FROM mine LEFT JOIN ranks USING (v)"""

    def _derived(self, expression: Node) -> str:
        """Return the query of an expression: those of what it names, side by side."""
        names = sorted(names_of(expression))
        parts = "".join(f"n{number} AS ({self.query(name)}),\n" for number, name in enumerate(names))
        joins = "".join(f" JOIN n{number} ON n{number}.customer = p.customer" for number in range(len(names)))
        columns = {name: self._column(name, f"n{number}.value") for number, name in enumerate(names)}
        value = to_duckdb(expression, column=columns.__getitem__, today=self.today)
        return f"WITH {parts}p AS (FROM people) SELECT p.customer, {value} AS value FROM p{joins}"

    def _column(self, name: str, column: str) -> str:
        """Return a feature's or trait's value as expressions see it."""
        feature = self.features.features.get(name)
        if feature is not None:
            result = feature.body.result
            return as_seen(Property(name, result.type, result.scale if result.exact else 0), column)
        return f"{column}::DOUBLE" if name == AGE else as_seen(self.features.schema.traits[name], column)

    def _age(self) -> str:
        born = self._aggregated(spec_of(self.features.trait(BIRTH_DATE)))
        day = "TIMESTAMP '1970-01-01' + to_days(CAST({} AS INTEGER))"
        return (
            f"SELECT customer, age_on({day.format('value')}, {day.format(self.today)})::DOUBLE AS value FROM ({born})"
        )


def as_seen(known: Property, column: str) -> str:
    """Return a property as expressions see it: a text, a boolean, or a double (money in minor units, else natural).

    >>> as_seen(Property("n", ValueType.NUMBER, 2), '"e.n"')
    '("e.n"::DOUBLE / 100)'
    """
    if known.type in (ValueType.CATEGORY, ValueType.BOOLEAN):
        return column
    return f"({column}::DOUBLE / {10**known.scale})" if known.type is ValueType.NUMBER else f"{column}::DOUBLE"


def _columns(source: str, prop: Property) -> tuple[str, str]:
    second = second_column_of(source, prop.name) if prop.type is ValueType.PLACE else "NULL"
    return column_of(source, prop.name), second
