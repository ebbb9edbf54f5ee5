"""Feature definitions as frozen values; :mod:`onefold.features.reading` makes them from ``features/*.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from onefold.core.errors import Place
from onefold.core.instant import Span
from onefold.core.schema import Property, Schema
from onefold.features.aggregates import Aggregate, Reduction, Result
from onefold.features.aggregates.base import FRACTION, Asked
from onefold.features.models import Model
from onefold.features.rankings import Ranking
from onefold.features.sources import Stream
from onefold.features.windows import Unit, Window
from onefold.language.ast import Node
from onefold.language.lineage import names_of

AGE = "age"
BIRTH_DATE = "birth_date"


class Family(StrEnum):
    """The five families of a genome."""

    CHARACTERISTICS = "characteristics"
    EMOTIONS = "emotions"
    BEHAVIOUR = "behaviour"
    FINANCIAL = "financial"
    DIGITAL = "digital"


class Layer(StrEnum):
    """Where a feature comes from: the bank's own records, other data, or our inference."""

    TRADITIONAL = "traditional"
    ALTERNATE = "alternate"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A feature that reads events: an aggregate over one source, a filter and a window.

    With ``every_event`` also events that lack the property are seen: ``last`` is then NULL where the newest event
    says nothing, which is how a consent without an end is told from one with an end.
    """

    aggregate: Aggregate
    source: str
    prop: Property | None
    window: Window
    where: Node | None = None
    unit: Unit | None = None
    every_event: bool = False

    @property
    def result(self) -> Result:
        """The type of its values."""
        return self.aggregate.result(self.prop)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The events that it reads."""
        return (Stream(self.source, self.prop, self.where),)

    @property
    def names(self) -> frozenset[str]:
        """The names of the genome that it reads: none."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Collected:
    """A feature that reads the events of its window as a whole: a reduction of one or more streams."""

    reduction: Reduction
    asked: Asked
    window: Window

    @property
    def result(self) -> Result:
        """The type of its values."""
        return self.asked.result

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The events that it reads."""
        return self.asked.streams

    @property
    def names(self) -> frozenset[str]:
        """The names of the genome that it reads: none."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A feature that compares another one with the population's at the latest local midnight."""

    ranking: Ranking
    of: str
    result: Result = FRACTION

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The events that it reads by itself: none."""
        return ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the genome that it reads."""
        return frozenset({self.of})


@dataclass(frozen=True, slots=True)
class Scored:
    """A feature that is the score of a registered model over other features."""

    model: Model
    result: Result = FRACTION

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The events that it reads by itself: none."""
        return ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the genome that it reads."""
        return frozenset(self.model.inputs)


@dataclass(frozen=True, slots=True)
class Derived:
    """A feature that is an expression over other features, traits and ``age``."""

    expression: Node
    result: Result

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The events that it reads by itself: none."""
        return ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the genome that it reads."""
        return names_of(self.expression)


Body = Aggregated | Collected | Ranked | Scored | Derived
"""What a feature may be."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A named feature: what it computes, and what people should know of it."""

    name: str
    body: Body
    title: str | None = None
    family: Family | None = None
    layer: Layer | None = None
    unit: str | None = None
    place: Place = Place()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """All features of a workspace over one schema, in the order of their names.

    ``retention`` maps a source to the span after which its events no longer exist for any feature.
    """

    schema: Schema
    features: Mapping[str, Feature] = field(default_factory=dict)
    retention: Mapping[str, Span] = field(default_factory=dict)

    def with_more(self, features: Mapping[str, Feature]) -> FeatureSet:
        """Return a set with further features, whose names hold a dot and so clash with none of a workspace's."""
        return replace(self, features={**self.features, **features})

    def trait(self, name: str) -> Aggregated:
        """Return what a trait's name means in an expression: its ``last`` over all time."""
        from onefold.features.aggregates.last import LAST
        from onefold.features.windows import ALL_TIME

        source = self.schema.source(f"traits.{name}")
        assert source is not None
        return Aggregated(LAST, source.name, source.properties[0], ALL_TIME)
