"""``mean``: the arithmetic mean, the exact sum divided once."""

from onefold.features import tables
from onefold.features.aggregates.base import SUMMABLE, Aggregate, as_float, register
from onefold.features.sources import Takes

MEAN = register(Aggregate("mean", tables.OP_MEAN, Takes.PROPERTY, as_float, types=SUMMABLE, needs=tables.NEEDS_SUM))
