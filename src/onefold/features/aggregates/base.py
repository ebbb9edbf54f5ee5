"""The contract of an aggregate: what it may read, what it gives, and what the kernel must keep for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from onefold.core.document import Section
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.core.zone import Zone
from onefold.features import tables
from onefold.features.sources import Sources, Stream, Takes


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


def as_float(known: Property | None) -> Result:
    """Return the result type of an aggregate whose value is a fraction of the property's unit."""
    assert known is not None
    return Result(known.type, known.scale, exact=False)


def units_of(known: Property | None) -> int:
    """Return by what a word is divided to be what float columns hold: natural units, but money in minor ones."""
    assert known is not None
    return 10**known.scale if known.type is ValueType.NUMBER else 1


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


Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Reduce = Callable[..., None]
"""``reduce(people, times, words, more, bits, now, numbers, out, out_float, changes)``, see :class:`Reduction`."""


Option = int | str | bool | Fraction | tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a definition asks of a reduction: the streams it reads, the type of its values, and its options.

    ``numbers`` are options as the reduction reads them (a gap in microseconds, hours ...). ``empty_is_zero``: with
    nothing to see the value is 0 (or FALSE), else NULL. ``options`` says the same options in plain words, as pairs of
    name and value, for those who read definitions without the reduction (the oracle, renderings).
    """

    streams: tuple[Stream, ...]
    result: Result
    numbers: tuple[int, ...] = ()
    empty_is_zero: bool = False
    options: tuple[tuple[str, Option], ...] = ()


@dataclass(frozen=True, slots=True)
class Reduction:
    """An aggregate that needs the events of its window as a whole, not one after another.

    ``read`` takes the feature's section (``options`` are its keys beside the name, ``where`` and the window) and notes
    problems there, returning None. ``reduce`` is compiled, so it is one function of plain loops over arrays that
    calls nothing of ours: the events of person p are ``people[p] .. people[p + 1]``, in their order, with their
    ``times``, the ``words`` of the first stream's property (``more``: its second word, such as a longitude, or what
    ``derive`` makes of times in a zone) and ``bits``, bit s being set where the event is of stream s. It writes person
    p's word to ``out[p]`` or, where the result is not exact, a double to ``out_float[p]`` (one memory; it holds the
    empty word already), and lowers ``changes[p]`` to the next instant at which the value changes other than by an
    event that enters or leaves the window.
    """

    name: str
    options: tuple[str, ...]
    read: Callable[[Section, Sources], Asked | None]
    reduce: Reduce
    derive: Callable[[Numbers, Zone, tuple[int, ...]], Numbers] | None = None


REGISTRY: dict[str, Aggregate | Reduction] = {}


def register(aggregate: Aggregate) -> Aggregate:
    """Make an aggregate known under its name."""
    assert aggregate.name not in REGISTRY
    REGISTRY[aggregate.name] = aggregate
    return aggregate


def register_reduction(reduction: Reduction) -> Reduction:
    """Make a reduction known under its name."""
    assert reduction.name not in REGISTRY
    REGISTRY[reduction.name] = reduction
    return reduction
