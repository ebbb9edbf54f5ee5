"""The contract of an aggregate: what it may read, what it gives, and what the kernel must keep for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features import tables


class Takes(StrEnum):
    """What stands behind the aggregate's key."""

    EVENT = "an event"
    PROPERTY = "a property of an event"
    EITHER = "an event or a property of one"


@dataclass(frozen=True, slots=True)
class Result:
    """The type of a column of the genome; ``exact`` columns hold integer words, others float64.

    A float64 column of type money is in minor units, one of type number in natural units.
    """

    type: ValueType
    scale: int = 0
    exact: bool = True


COUNTED = Result(ValueType.NUMBER)
FRACTION = Result(ValueType.NUMBER, exact=False)
ORDERED = frozenset({ValueType.MONEY, ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT, ValueType.DURATION})
SUMMABLE = frozenset({ValueType.MONEY, ValueType.NUMBER, ValueType.DURATION})
SCALAR = ORDERED | {ValueType.CATEGORY, ValueType.BOOLEAN}


def as_property(known: Property | None) -> Result:
    """Return the result type of an aggregate whose value is one of the property's own."""
    assert known is not None
    return Result(known.type, known.scale)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate of SEMANTICS section 3.

    ``operation`` is what the kernel writes when a window is complete; ``needs`` what it must accumulate until then;
    ``empty`` the word of "nothing to see" (0, or NULL). ``every_statement``: of a trait, a statement of null is seen.
    """

    name: str
    operation: int
    takes: Takes
    result: Callable[[Property | None], Result]
    types: frozenset[ValueType] = SCALAR
    needs: int = 0
    empty_is_zero: bool = False
    every_statement: bool = False
    by_unit: bool = False

    def operation_for(self, known: Property | None) -> int:
        """Return the kernel's operation; ``until`` alone differs by the property's type."""
        if self.operation == tables.OP_UNTIL_DATE and known is not None and known.type is ValueType.INSTANT:
            return tables.OP_UNTIL_INSTANT
        return self.operation


REGISTRY: dict[str, Aggregate] = {}


def register(aggregate: Aggregate) -> Aggregate:
    """Make an aggregate known under its name."""
    assert aggregate.name not in REGISTRY
    REGISTRY[aggregate.name] = aggregate
    return aggregate
