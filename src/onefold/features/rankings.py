"""Rankings: a customer's value against the population's at the latest local midnight (SEMANTICS section 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Population(Protocol):
    """Knows the values of features for the whole population."""

    def values(self, name: str, midnight: int, known: int) -> Floats:
        """Return the non-NULL values of a feature at an instant, sorted: those of all known customers present."""
        ...


@dataclass(frozen=True, slots=True)
class Ranking:
    """A way to compare values with the population's: ``rank(values, population)``, NaN for NULL in both."""

    name: str
    rank: Callable[[Floats, Floats], Floats]


def percentiles(values: Floats, population: Floats) -> Floats:
    """Return the share of the population below each value, plus half of the share that equals it; 0 to 1.

    >>> percentiles(np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, 2.0, 3.0])).tolist()
    [0.125, 0.5, nan]
    """
    if not len(population):
        return np.full(len(values), np.nan)
    below = np.searchsorted(population, values, side="left")
    up_to = np.searchsorted(population, values, side="right")
    return np.where(np.isnan(values), np.nan, (below + up_to) / (2 * len(population)))


def zscores(values: Floats, population: Floats) -> Floats:
    """Return by how many standard deviations (n - 1) each value lies above the population's mean.

    NaN where the population has fewer than two values or they are all the same.

    >>> zscores(np.array([3.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [1.0]
    """
    if len(population) < 2 or population[0] == population[-1]:
        return np.full(len(values), np.nan)
    return np.asarray((values - population.mean()) / population.std(ddof=1))


RANKINGS = {one.name: one for one in (Ranking("percentile_of", percentiles), Ranking("zscore_of", zscores))}
