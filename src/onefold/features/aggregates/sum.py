"""``sum``: the exact sum of a property; 0 where there is nothing to see."""

from onefold.features import tables
from onefold.features.aggregates.base import SUMMABLE, Aggregate, as_property, register
from onefold.features.sources import Takes

SUM = register(
    Aggregate(
        "sum",
        tables.OP_SUM,
        Takes.PROPERTY,
        as_property,
        types=SUMMABLE,
        needs=tables.NEEDS_SUM,
        empty_is_zero=True,
    )
)
