"""The aggregates: one file each, made known by its import here."""

from onefold.features.aggregates import (  # noqa: F401 - importing registers
    active,
    count,
    distinct,
    first,
    last,
    maximum,
    mean,
    minimum,
    share,
    since,
    sum,  # noqa: A004 - it is this aggregate's name
    until,
)
from onefold.features.aggregates.base import REGISTRY, Aggregate, Result, Takes

__all__ = ["REGISTRY", "Aggregate", "Result", "Takes"]
