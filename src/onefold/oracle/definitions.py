"""From the definitions of a workspace to features as the oracle reads them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from onefold.core.types import ValueType
from onefold.features.definitions import Aggregated, Collected, Derived, FeatureSet, Scored
from onefold.features.windows import Window as Stated
from onefold.language.ast import Node
from onefold.language.lineage import names_of, uses_today
from onefold.language.to_python import to_python
from onefold.language.values import Evaluate
from onefold.language.values import Row as Seen
from onefold.language.values import Value as SeenValue
from onefold.oracle.events import Condition, Properties, Value
from onefold.oracle.features import OracleFeature, OracleStream
from onefold.oracle.windows import Always, Between, Since, Window, Within

AGE = "age"
BIRTH_DATE = "birth_date"
_SEE_NULL = ("first", "last", "count", "since_first", "since_last", "active", "share")
"""Aggregates for which a trait that is stated as null is a statement like any other."""


def seen(value: Value) -> SeenValue:
    """Return an exact value as expressions see it: a double (money in minor units), a text, a boolean or None.

    Expressions see no places.
    """
    if value is None or isinstance(value, bool | str):
        return value
    return None if isinstance(value, tuple) else float(value)


def seen_row(properties: Properties) -> Seen:
    """Return the properties of an event as a condition sees them.

    >>> from fractions import Fraction
    >>> seen_row({"amount": 1250, "rate": Fraction(1, 2), "path": "/"})
    {'amount': 1250.0, 'rate': 0.5, 'path': '/'}
    """
    return {name: seen(value) for name, value in properties.items()}


def oracle_feature(name: str, body: Aggregated | Collected, *, today: int) -> OracleFeature:
    """Return an aggregate as the oracle reads it; ``today`` is the local date of now, in days since 1970."""
    if isinstance(body, Collected):
        return _collected(name, body, today)
    aggregate = body.aggregate.name
    statement = body.source.startswith("traits.") and aggregate in _SEE_NULL
    return OracleFeature(
        name,
        aggregate,
        body.source,
        None if body.prop is None else body.prop.name,
        _condition(body.where, today),
        window_of(body.window),
        None if body.unit is None else body.unit.name.lower(),
        of_instants=body.prop is not None and body.prop.type is ValueType.INSTANT,
        every_event=body.every_event or statement,
    )


def _collected(name: str, body: Collected, today: int) -> OracleFeature:
    first, *others = body.asked.streams
    return OracleFeature(
        name,
        body.reduction.name,
        first.source,
        None if first.prop is None else first.prop.name,
        _condition(first.where, today),
        window_of(body.window),
        more=tuple(OracleStream(one.source, _condition(one.where, today)) for one in others),
        options=body.asked.options,
    )


def _condition(where: Node | None, today: int) -> Condition | None:
    return None if where is None else condition(where, today)


@lru_cache(maxsize=10_000)
def compiled(node: Node) -> Evaluate:
    """Return an expression as a function of a row and today; compiled once."""
    return to_python(node)


def condition(where: Node, today: int) -> Condition:
    """Return a filter as a function of an event's exact properties."""
    run = compiled(where)

    def holds(properties: Properties) -> bool | None:
        truth = run(seen_row(properties), today)
        return truth if truth is None else truth is True

    return holds


def window_of(stated: Stated) -> Window:
    """Return a window as the oracle reads it."""
    start, end = stated.start, stated.end
    if end is not None:
        assert start.span is not None
        assert end.span is not None
        return Between(start.span, end.span)
    if start.start_of is not None:
        return Since(start.start_of.name.lower())
    return Always() if start.span is None else Within(start.span)


def expressions_of(features: FeatureSet) -> list[Node]:
    """Return the expressions over the genome."""
    return [one.body.expression for one in features.features.values() if isinstance(one.body, Derived)]


def names_in(features: FeatureSet, above: Iterable[Node]) -> frozenset[str]:
    """Return every name that expressions and models read; the birth date where they read ``age``."""
    inputs = [one.body.model.inputs for one in features.features.values() if isinstance(one.body, Scored)]
    found = frozenset[str]().union(*(names_of(node) for node in [*expressions_of(features), *above]), *inputs)
    return found | {BIRTH_DATE} if AGE in found else found


def asks_for_today(features: FeatureSet, above: Iterable[Node]) -> bool:
    """Whether an expression or a filter reads CURRENT_DATE, so that every midnight is a change."""
    streams = [stream for one in features.features.values() for stream in one.body.streams]
    wheres = [stream.where for stream in streams if stream.where is not None]
    return any(map(uses_today, [*expressions_of(features), *above, *wheres]))
