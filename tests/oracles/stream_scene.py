"""What events are thrown about: features at a moment; and dice for the properties of an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from tests.oracles.definitions import SchemaText
from tests.oracles.genome import OracleFeature, Value
from tests.oracles.stream_wheres import value_by

from onefold.core.instant import Span

ABSENT = 0.15


@dataclass(frozen=True)
class Scene:
    """A schema, features over it, and a moment; ``today`` is its local date, as days since 1970."""

    schema: SchemaText
    features: tuple[OracleFeature, ...]
    now: int
    zone: str
    retention: Mapping[str, Span]
    today: int


def properties_by(rng: Random, scene: Scene, source: str, only: Mapping[str, object] | None = None) -> dict[str, Value]:
    """Throw the properties of an event (``only`` some); a few are absent."""
    return {
        property_: None if rng.random() < ABSENT else value_by(rng, type_, scale, scene.today)
        for property_, (type_, scale) in scene.schema[source].items()
        if only is None or property_ in only
    }


def number_of(words: int, scale: int) -> Fraction:
    """Return a number of so many units of its last decimal."""
    return Fraction(words, 10**scale)
