"""One customer's genome as commands and the Python API give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.features.definitions import AGE, BIRTH_DATE, FeatureSet
from onefold.features.including.choosing import Missing
from onefold.features.markers import Marker
from onefold.features.scope import states_birth_date
from onefold.features.values import Value


@dataclass(frozen=True, slots=True)
class About:
    """What ``--long`` says of one feature; ``as_of`` is the newest event among its sources, ISO 8601."""

    name: str
    value: Value
    layer: str | None
    family: str | None
    sources: tuple[str, ...]
    as_of: str | None


@dataclass(frozen=True, slots=True)
class Genome:
    """The genome of one customer. Times are ISO 8601; ``known`` is None where everything known today counts.

    ``completeness`` is of the features that the workspace has; ``missing`` are those of an included library that it
    could have, by family, each with the inputs that it lacks.
    """

    customer: str
    at: str
    known: str | None
    definitions: str
    features: Mapping[str, Value]
    completeness: Mapping[str, float]
    next_change: str | None
    segments: tuple[str, ...] = ()
    personas: Mapping[str, float] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()
    about: tuple[About, ...] = ()
    missing: Missing = field(default_factory=dict)

    def brief(self) -> dict[str, object]:
        """Return what ``genome --json`` prints (SEMANTICS section 7)."""
        return {
            "customer": self.customer,
            "at": self.at,
            "known": self.known,
            "definitions": self.definitions,
            "features": dict(self.features),
            "segments": list(self.segments),
            "personas": dict(self.personas),
            "markers": [one.as_json() for one in self.markers],
            "completeness": dict(self.completeness),
            "next_change": self.next_change,
        }

    def long(self) -> dict[str, object]:
        """Return the same with ``{value, layer, family, sources, as_of}`` for each feature, and what is missing."""
        features = {
            one.name: {
                "value": one.value,
                "layer": one.layer,
                "family": one.family,
                "sources": list(one.sources),
                "as_of": one.as_of,
            }
            for one in self.about
        }
        missing = {
            family: {name: list(inputs) for name, inputs in some.items()} for family, some in self.missing.items()
        }
        return {**self.brief(), "features": features, "missing": missing}


def sources_of(features: FeatureSet, name: str) -> frozenset[str]:
    """Return the sources that a feature reads, through all expressions: its lineage."""
    feature, is_age = features.features.get(name), name == AGE and states_birth_date(features.schema)
    if feature is None:
        trait = BIRTH_DATE if is_age else name
        return frozenset({f"traits.{trait}"})
    own = frozenset(stream.source for stream in feature.body.streams)
    inner = feature.body.names - ({name} if is_age else set())
    found = own.union(*(sources_of(features, one) for one in inner))
    return found | ({f"traits.{BIRTH_DATE}"} if is_age else frozenset())


def completeness(features: FeatureSet, values: Mapping[str, Value]) -> dict[str, float]:
    """Return, for each family that features name, the share of its features that are not NULL."""
    families: dict[str, list[bool]] = {}
    for name, feature in features.features.items():
        if feature.family is not None:
            families.setdefault(feature.family, []).append(values[name] is not None)
    return {family: sum(known) / len(known) for family, known in sorted(families.items())}
