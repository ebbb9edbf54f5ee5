"""``percentile_of`` and ``zscore_of``: one value among those of the population."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt


def rank(ranking: str, value: float | None, population: Sequence[float]) -> float | None:
    """Return where a value stands among the others; None of None.

    >>> rank("percentile_of", 2.0, [1.0, 2.0, 2.0, 3.0]), rank("zscore_of", 3.0, [1.0, 2.0, 3.0])
    (0.5, 1.0)
    """
    if value is None:
        return None
    return {"percentile_of": percentile, "zscore_of": zscore}[ranking](value, population)


def percentile(value: float, population: Sequence[float]) -> float | None:
    """Return the share below plus half the share that equals; None where there is nobody."""
    if not population:
        return None
    halves = sum(2 if other < value else 1 if other == value else 0 for other in population)
    return float(Fraction(halves, 2 * len(population)))


def zscore(value: float, population: Sequence[float]) -> float | None:
    """Return the distance from the mean in standard deviations (n - 1); None below two values, or all the same."""
    if len(set(population)) < 2:
        return None
    exact = [Fraction(other) for other in population]
    mean = sum(exact) / len(exact)
    deviation = sqrt(sum((other - mean) ** 2 for other in exact) / (len(exact) - 1))
    return float(Fraction(value) - mean) / deviation
