"""``last``: a property's value in the newest event that has it; of a trait, in the latest statement, null included."""

from onefold.features import tables
from onefold.features.aggregates.base import Aggregate, as_property, register
from onefold.features.sources import Takes

LAST = register(Aggregate("last", tables.OP_LAST, Takes.PROPERTY, as_property, every_statement=True))
