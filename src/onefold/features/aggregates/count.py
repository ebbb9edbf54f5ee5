"""``count``: how many events (of the kind, or with the property) the window holds."""

from onefold.features import tables
from onefold.features.aggregates.base import COUNTED, SCALAR, Aggregate, register
from onefold.features.sources import Takes

COUNT = register(
    Aggregate(
        "count",
        tables.OP_COUNT,
        Takes.EITHER,
        lambda _: COUNTED,
        types=SCALAR,
        empty_is_zero=True,
        every_statement=True,
    )
)
