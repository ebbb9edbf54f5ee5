"""Events as one table of DuckDB: a row an event, a column for each property of each source.

Money, numbers, dates, instants and durations are whole numbers of their smallest unit, categories text, booleans
boolean; ``seq`` is the order of arrival in the log, ``hash`` the digest that orders events of one instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

import duckdb
import pyarrow as pa

from onefold.core.schema import Property, Schema
from onefold.core.types import ValueType
from onefold.oracle.events import OracleEvent, Value

_ARROW = {ValueType.CATEGORY: pa.string(), ValueType.BOOLEAN: pa.bool_()}
_KEPT = (
    ("customer", pa.string()), ("source", pa.string()), ("time", pa.int64()), ("ord", pa.int64()),
    ("hash", pa.binary()), ("part", pa.int64()), ("message_id", pa.string()), ("known_at", pa.int64()),
    ("retracted_at", pa.int64()), ("seq", pa.int64()),
)  # fmt: skip


def column_of(source: str, name: str) -> str:
    """Return the column of a property, quoted.

    >>> column_of("card_purchase", "amount")
    '"card_purchase.amount"'
    """
    return f'"{source}.{name}"'


def second_column_of(source: str, name: str) -> str:
    """Return the column of a place's longitude; the first holds its latitude."""
    return column_of(source, f"{name}.longitude")


def fill(connection: duckdb.DuckDBPyConnection, schema: Schema, people: Mapping[str, Sequence[OracleEvent]]) -> None:
    """Make the tables ``events`` and ``people`` of a connection anew; ``since`` is a person's first event."""
    rows = [(customer, event) for customer, events in people.items() for event in events]
    of_source: dict[str, list[int]] = defaultdict(list)
    for at, (_, event) in enumerate(rows):
        of_source[event.source].append(at)
    heads = [_head(customer, at, event) for at, (customer, event) in enumerate(rows)]
    columns = {name: pa.array([head[at] for head in heads], kind) for at, (name, kind) in enumerate(_KEPT)}
    for source in schema.sources():
        for known in source.properties:
            if not known.on_timeline:
                continue
            values: list[Value] = [None] * len(rows)
            for at in of_source[source.name]:
                values[at] = _value(rows[at][1], known)
            columns |= _columns(source.name, known, values)
    since = [min((event.time for event in events), default=None) for events in people.values()]
    persons = pa.table({"customer": pa.array([*people], pa.string()), "since": pa.array(since, pa.int64())})
    for name, table in (("events", pa.table(columns)), ("people", persons)):
        connection.register("arrived", table)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arrived")
        connection.unregister("arrived")


def _columns(source: str, known: Property, values: Sequence[Value]) -> dict[str, pa.Array]:
    first, second = column_of(source, known.name)[1:-1], second_column_of(source, known.name)[1:-1]
    if known.type is not ValueType.PLACE:
        return {first: pa.array(values, _ARROW.get(known.type, pa.int64()))}
    latitudes, longitudes = zip(
        *(one if isinstance(one, tuple) else (None, None) for one in (*values, None)), strict=True
    )
    return {first: pa.array(latitudes[:-1], pa.int64()), second: pa.array(longitudes[:-1], pa.int64())}


def _head(customer: str, seq: int, event: OracleEvent) -> tuple[object, ...]:
    time, order, digest, part = event.position
    return customer, event.source, time, order, digest, part, event.message_id, event.known_at, event.retracted_at, seq


def _value(event: OracleEvent, known: Property) -> Value:
    value = event.properties.get(known.name)
    if value is None or known.type is not ValueType.NUMBER:
        return value
    assert isinstance(value, int | Fraction)
    scaled = Fraction(value) * 10**known.scale
    assert scaled.denominator == 1
    return int(scaled)
