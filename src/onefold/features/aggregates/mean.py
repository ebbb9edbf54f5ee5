"""``mean``: the arithmetic mean, the exact sum divided once."""

from onefold.core.schema import Property
from onefold.features import tables
from onefold.features.aggregates.base import SUMMABLE, Aggregate, Result, Takes, register


def _result(known: Property | None) -> Result:
    assert known is not None
    return Result(known.type, known.scale, exact=False)


MEAN = register(Aggregate("mean", tables.OP_MEAN, Takes.PROPERTY, _result, types=SUMMABLE, needs=tables.NEEDS_SUM))
