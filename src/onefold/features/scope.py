"""What the expressions above a genome may name: features, else traits, ``age``, and what a layer adds."""

from __future__ import annotations

from collections.abc import Mapping

from onefold.core.schema import Property, Schema
from onefold.core.types import ValueType
from onefold.features.definitions import AGE, BIRTH_DATE, FeatureSet
from onefold.features.sources import kinds_of
from onefold.language.ast import Kind
from onefold.language.scope import GENOME, Scope, kind_of


def genome_scope(
    features: FeatureSet, *, more: Mapping[str, Kind] | None = None, references: Mapping[str, str] | None = None
) -> Scope:
    """Return the scope of ``when``, ``eligible`` and the like; ``more`` are names beside those of the genome."""
    names = kinds_of(features.schema.traits.values())
    if states_birth_date(features.schema):
        names[AGE] = Kind.NUMBER
    names |= {name: kind_of(feature.body.result.type) for name, feature in features.features.items()}
    return expression_scope(features.schema, {**names, **(more or {})}, references=references)


def expression_scope(
    schema: Schema, names: Mapping[str, Kind], *, references: Mapping[str, str] | None = None
) -> Scope:
    """Return the scope of an expression over some names of a genome, which may ask the bank's calendar."""
    return Scope(names, schema.money_scale, GENOME, references or {}, schema.calendar)


def states_birth_date(schema: Schema) -> bool:
    """Whether the built-in ``age`` exists: it is read off the trait ``birth_date``."""
    return schema.traits.get(BIRTH_DATE, Property("", ValueType.TEXT)).type is ValueType.DATE
