"""``max``: the greatest value of a property."""

from onefold.features import tables
from onefold.features.aggregates.base import ORDERED, Aggregate, as_property, register
from onefold.features.sources import Takes

MAXIMUM = register(
    Aggregate("max", tables.OP_MAX, Takes.PROPERTY, as_property, types=ORDERED, needs=tables.NEEDS_EXTREMES)
)
