"""``last``: a property's value in the newest event that has it; of a trait, in the latest statement, null included."""

from onefold.features import tables
from onefold.features.aggregates.base import Aggregate, Takes, as_property, register

LAST = register(Aggregate("last", tables.OP_LAST, Takes.PROPERTY, as_property, every_statement=True))
