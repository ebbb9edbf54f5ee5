"""``until``: days, with fractions, to the start of the earliest date >= today (so at most one day below 0 on the day).

Of a property of type instant: days to the earliest instant >= now.
"""

from onefold.core.types import ValueType
from onefold.features import tables
from onefold.features.aggregates.base import FRACTION, Aggregate, register
from onefold.features.sources import Takes

UNTIL = register(
    Aggregate(
        "until",
        tables.OP_UNTIL_DATE,
        Takes.PROPERTY,
        lambda _: FRACTION,
        types=frozenset({ValueType.DATE, ValueType.INSTANT}),
        needs=tables.NEEDS_UNTIL,
    )
)
