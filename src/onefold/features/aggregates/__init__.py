"""The aggregates: one file each, made known by its import here."""

from onefold.features.aggregates import (  # noqa: F401 - importing registers
    active,
    count,
    distinct,
    first,
    hours,
    last,
    maximum,
    mean,
    minimum,
    near,
    recurring,
    sequence,
    session,
    share,
    since,
    stddev,
    sum,  # noqa: A004 - it is this aggregate's name
    top,
    trend,
    until,
)
from onefold.features.aggregates.base import REGISTRY, Aggregate, Reduction, Result

__all__ = ["REGISTRY", "Aggregate", "Reduction", "Result"]
