"""What a name of the genome rests on: tags of sensitivity flow along lineage to everything derived.

A feature rests on the property that it aggregates *and* on those that its ``where`` names; an expression on all that
it names; ``age`` on the birth date.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from onefold.core.schema import EventType, Property
from onefold.core.types import Sensitivity
from onefold.features.definitions import AGE, BIRTH_DATE, FeatureSet
from onefold.features.scope import states_birth_date
from onefold.features.sources import Stream
from onefold.language.lineage import names_of

Trail = tuple[str, ...]
"""The way from a name down to a declared property, such as ``("young", "age", "traits.birth_date")``."""


def trails(features: FeatureSet, name: str) -> Mapping[Sensitivity, Trail]:
    """Return for each tag of what a feature, a trait or ``age`` rests on the shortest way to a property that bears it.

    Empty for what rests on no property at all (a plain count of events) and for names that are not of the genome.

    >>> from onefold.core.schema import Schema
    >>> from onefold.core.types import ValueType
    >>> birth = Property("birth_date", ValueType.DATE, sensitivity=Sensitivity.PROTECTED)
    >>> trails(FeatureSet(Schema(traits={"birth_date": birth})), "age")
    {<Sensitivity.PROTECTED: 'protected'>: ('age', 'traits.birth_date')}
    """
    found: dict[Sensitivity, Trail] = {}
    waiting: deque[Trail] = deque([(name,)])
    seen = {name}
    while waiting:
        trail = waiting.popleft()
        for source, known in _properties(features, trail[-1]):
            where = source.name if source.name.startswith("traits.") else f"{source.name}.{known.name}"
            found.setdefault(known.sensitivity, (*trail, where))
        for inner in sorted(_names(features, trail[-1]) - seen):
            seen.add(inner)
            waiting.append((*trail, inner))
    return found


def _names(features: FeatureSet, name: str) -> frozenset[str]:
    """Return the names of the genome that a name is an expression over."""
    feature = features.features.get(name)
    return frozenset() if feature is None or _is_age(features, name) else feature.body.names


def _is_age(features: FeatureSet, name: str) -> bool:
    """Whether a name is the built-in ``age``; without birth dates a trait may have that name."""
    return name == AGE and states_birth_date(features.schema)


def _properties(features: FeatureSet, name: str) -> list[tuple[EventType, Property]]:
    """Return the declared properties that a name reads by itself."""
    feature = features.features.get(name)
    if feature is None or _is_age(features, name):
        trait = features.schema.source(f"traits.{BIRTH_DATE if _is_age(features, name) else name}")
        return [(trait, trait.properties[0])] if trait is not None else []
    return [found for stream in feature.body.streams for found in _of_stream(features, stream)]


def _of_stream(features: FeatureSet, stream: Stream) -> list[tuple[EventType, Property]]:
    source = features.schema.source(stream.source)
    assert source is not None
    named = names_of(stream.where) if stream.where is not None else frozenset()
    stated = [known for known in source.properties if known.name in named and known != stream.prop]
    return [(source, known) for known in (*([stream.prop] if stream.prop else []), *stated)]
