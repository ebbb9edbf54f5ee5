"""``min``: the least value of a property."""

from onefold.features import tables
from onefold.features.aggregates.base import ORDERED, Aggregate, as_property, register
from onefold.features.sources import Takes

MINIMUM = register(
    Aggregate("min", tables.OP_MIN, Takes.PROPERTY, as_property, types=ORDERED, needs=tables.NEEDS_EXTREMES)
)
