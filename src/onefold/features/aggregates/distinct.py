"""``distinct``: how many different values a property takes."""

from onefold.features import tables
from onefold.features.aggregates.base import COUNTED, Aggregate, register
from onefold.features.sources import Takes

DISTINCT = register(
    Aggregate(
        "distinct",
        tables.OP_DISTINCT,
        Takes.PROPERTY,
        lambda _: COUNTED,
        needs=tables.NEEDS_DISTINCT,
        empty_is_zero=True,
    )
)
