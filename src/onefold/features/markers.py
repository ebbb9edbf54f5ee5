"""Markers: what distinguishes a customer from the population, by surprise, in words.

The surprise of a value is -log2 of the share of the population that is at least as far out on either side (for numbers:
twice the smaller tail, where those of equal value count half), or that has the same value (categories, booleans). So
one bit is what every second customer has, and ten bits is one in a thousand. A share below that of one customer counts
as that of one: nobody is infinitely surprising.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import text_code
from onefold.core.instant import SECOND, date_of, format_instant
from onefold.core.types import Sensitivity, ValueType
from onefold.features.aggregates import Result
from onefold.features.definitions import FeatureSet
from onefold.features.genomes import Genomes
from onefold.features.tags import trails
from onefold.features.values import Value
from onefold.language.columns import Texts

MOST, LEAST_BITS, LEAST_PEOPLE = 5, 3.0, 20
"""Markers at the most, what each must say at the least, and the population from which on there are any."""

Sorted = NDArray[np.float64] | NDArray[np.int64]

_NEVER_TOLD = frozenset({Sensitivity.PROTECTED, Sensitivity.IDENTIFIER})
_RATIOS = frozenset({ValueType.MONEY, ValueType.NUMBER, ValueType.DURATION})
_SHARES = frozenset({ValueType.CATEGORY, ValueType.BOOLEAN})
_TIMES = frozenset({ValueType.DATE, ValueType.INSTANT})


@dataclass(frozen=True, slots=True)
class Marker:
    """A feature that stands out: ``surprise`` in bits, ``percentile`` or ``share`` (0 to 1) of those with a value."""

    feature: str
    value: Value
    text: str
    surprise: float
    percentile: float | None = None
    share: float | None = None
    median: Value = None

    def as_json(self) -> dict[str, object]:
        """Return what ``genome --json`` says of it; what does not apply is left out."""
        stated = {"percentile": self.percentile, "share": self.share, "median": self.median}
        head = {"feature": self.feature, "value": self.value, "text": self.text, "surprise": self.surprise}
        return {**head, **{key: value for key, value in stated.items() if value is not None}}


def percentile_in(values: Sorted, value: float) -> float:
    """Return the share of sorted values that lie below one, plus half of those that equal it.

    >>> percentile_in(np.array([1.0, 2.0, 2.0, 9.0]), 2.0)
    0.5
    """
    below, up_to = np.searchsorted(values, value, side="left"), np.searchsorted(values, value, side="right")
    return float(below + up_to) / (2 * len(values))


def share_in(values: Sorted, value: float) -> float:
    """Return the share of sorted values that equal one.

    >>> share_in(np.array([1.0, 2.0, 2.0, 9.0]), 2.0)
    0.5
    """
    below, up_to = np.searchsorted(values, value, side="left"), np.searchsorted(values, value, side="right")
    return float(up_to - below) / len(values)


def median_of(values: Sorted) -> float:
    """Return the middle one of sorted values, or the mean of the two.

    >>> median_of(np.array([1.0, 2.0, 4.0, 9.0]))
    3.0
    """
    half = len(values) // 2
    return float(values[half]) if len(values) % 2 else (float(values[half - 1]) + float(values[half])) / 2


def thinned(values: Sorted, most: int) -> Sorted:
    """Return at most so many of sorted values, evenly spaced by rank, with the first and the last.

    Shares and percentiles are then right to one part in ``most``.

    >>> thinned(np.arange(10), 4).tolist()
    [0, 3, 6, 9]
    """
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).round().astype(np.int64)]


def surprise_of(share: float, people: int) -> float:
    """Return how many bits a share of so many people tells.

    >>> surprise_of(0.125, 100), surprise_of(0.0, 64), surprise_of(1.0, 64)
    (3.0, 6.0, 0.0)
    """
    return math.log2(1 / min(1.0, max(share, 1 / people)))


def eligible(features: FeatureSet) -> tuple[str, ...]:
    """Return the features that may be markers: those that rest on nothing protected and on no identifier."""
    return tuple(name for name in features.features if _NEVER_TOLD.isdisjoint(trails(features, name)))


def markers(genomes: Genomes, row: int, population: Mapping[str, Sorted], size: int) -> tuple[Marker, ...]:
    """Return what distinguishes one customer, the most surprising first, then by name; at most five.

    ``population`` are the sorted non-NULL values of each feature that may be named, as expressions see them, of
    categories the sorted codes of their texts; ``size`` is how many customers exist.
    """
    if size < LEAST_PEOPLE:
        return ()
    found = [one for name, values in population.items() for one in _of_feature(genomes, row, name, values)]
    found = [one for one in found if one.surprise >= LEAST_BITS]
    return tuple(sorted(found, key=lambda one: (-one.surprise, one.feature))[:MOST])


def _of_feature(genomes: Genomes, row: int, name: str, values: Sorted) -> Iterator[Marker]:
    """Yield the marker that a feature would make, none where there is nothing to compare."""
    feature, value = genomes.plan.features.features[name], genomes.value(name, row)
    if value is None or not len(values):
        return
    called = feature.title or name.replace("_", " ")
    if feature.body.result.type in _SHARES:
        yield _rare(name, called, value, values, _comparable(genomes, row, name))
    else:
        yield _far(name, called, value, values, _comparable(genomes, row, name), feature.body.result)


def _comparable(genomes: Genomes, row: int, name: str) -> float:
    """Return a value as the population's are given."""
    column = genomes.columns[name]
    if isinstance(column, Texts):
        return text_code(column.texts[int(column.indices[row])])
    return float(column.values[row])


def _rare(name: str, called: str, value: Value, values: Sorted, compared: float) -> Marker:
    share = share_in(values, compared)
    said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    text = f"{called} = {said}: {_percent(share)} of customers"
    return Marker(name, value, text, surprise_of(share, len(values)), share=share)


def _far(name: str, called: str, value: Value, values: Sorted, compared: float, result: Result) -> Marker:
    place, median = percentile_in(values, compared), median_of(values)
    surprise = surprise_of(2 * min(place, 1 - place), len(values))
    ratio = compared / median if result.type in _RATIOS and median > 0 and values[0] >= 0 and compared >= 0 else None
    if ratio is not None and not 0.95 < ratio < 1.05:
        text = f"{called} {_times(ratio)} the median of the bank"
    else:
        more, less = ("later", "earlier") if result.type in _TIMES else ("more", "less")
        which, rest = (more, place) if place >= 0.5 else (less, 1 - place)
        text = f"{called} {which} than {f'{_percent(rest)} of customers' if rest < 1 else 'every other customer'}"
    return Marker(name, value, text, surprise, percentile=place, median=_as_value(median, result))


def _times(ratio: float) -> str:
    """Return a ratio as people say it.

    >>> _times(4.12), _times(250.4), _times(0.25), _times(0.004), _times(0.0)
    ('4.1x', '250x', '0.25x', '0.004x', '0x')
    """
    return f"{ratio:.0f}x" if ratio >= 10 else f"{ratio:.1f}x" if ratio >= 1 else f"{ratio:.2g}x"


def _percent(share: float) -> str:
    """Return a share as people say it; what is not all is never rounded to all, nor what is something to nothing.

    >>> _percent(0.03), _percent(0.995), _percent(0.9996), _percent(0.0), _percent(1e-6), _percent(1 - 1e-6)
    ('3 %', '99.5 %', '99.96 %', '0 %', '0.01 %', '99.99 %')
    """
    hundred, rest = 100 * share, 100 * min(share, 1 - share)
    if rest == 0:
        return f"{hundred:.0f} %"
    digits = 0 if rest >= 1 else 1 if rest >= 0.1 else 2
    return f"{min(max(hundred, 0.01), 99.99):.{digits}f} %"


def _as_value(number: float, result: Result) -> Value:
    """Return a median as the genome would give a value of that type."""
    match result.type:
        case ValueType.MONEY:
            return number / float(10**result.scale)
        case ValueType.DATE:
            return date_of(int(number))
        case ValueType.INSTANT:
            return format_instant(int(number))
        case ValueType.DURATION:
            return number / SECOND
        case _:
            return number
