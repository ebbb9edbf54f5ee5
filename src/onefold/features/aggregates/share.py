"""``share``: events that match ``where`` divided by all events of that type; NULL only where there is none at all.

The plan counts both and divides: the kernel needs nothing new.
"""

from onefold.features import tables
from onefold.features.aggregates.base import FRACTION, Aggregate, register
from onefold.features.sources import Takes

SHARE = register(Aggregate("share", tables.OP_COUNT, Takes.EVENT, lambda _: FRACTION))
