"""``active``: in how many calendar days, weeks or months (``by:``) of the workspace's zone an event lies."""

from onefold.features import tables
from onefold.features.aggregates.base import COUNTED, Aggregate, register
from onefold.features.sources import Takes

ACTIVE = register(
    Aggregate(
        "active",
        tables.OP_DISTINCT,
        Takes.EVENT,
        lambda _: COUNTED,
        needs=tables.NEEDS_DISTINCT,
        empty_is_zero=True,
        by_unit=True,
    )
)
