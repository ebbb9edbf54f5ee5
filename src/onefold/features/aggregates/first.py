"""``first``: a property's value in the oldest event that has it; of a trait, in the first statement, null included."""

from onefold.features import tables
from onefold.features.aggregates.base import Aggregate, as_property, register
from onefold.features.sources import Takes

FIRST = register(Aggregate("first", tables.OP_FIRST, Takes.PROPERTY, as_property, every_statement=True))
