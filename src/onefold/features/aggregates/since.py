"""``since_first`` and ``since_last``: days, with fractions, from the oldest or newest event to now."""

from onefold.features import tables
from onefold.features.aggregates.base import FRACTION, Aggregate, register
from onefold.features.sources import Takes

SINCE_FIRST = register(
    Aggregate("since_first", tables.OP_SINCE_FIRST, Takes.EITHER, lambda _: FRACTION, every_statement=True)
)
SINCE_LAST = register(
    Aggregate("since_last", tables.OP_SINCE_LAST, Takes.EITHER, lambda _: FRACTION, every_statement=True)
)
