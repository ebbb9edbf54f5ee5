"""The array types of the simulator, and small things to do with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

Dice = np.random.Generator


def texts(words: Sequence[str]) -> Texts:
    """Return words as an array that numbers can index.

    >>> texts(["a", "b"])[np.array([1, 0, 1])].tolist()
    ['b', 'a', 'b']
    """
    found = np.empty(len(words), object)
    found[:] = words
    return found


def pick(dice: Dice, weights: Floats) -> Ints:
    """Return one column of each row, drawn by the row's weights (they need not add up to 1)."""
    edges = np.cumsum(weights, axis=1)
    drawn = dice.random(len(weights))[:, None] * edges[:, -1:]
    return np.asarray((drawn >= edges).sum(axis=1), np.int64)


def repeated(counts: Ints) -> Ints:
    """Return each index as often as its count says.

    >>> repeated(np.array([2, 0, 1])).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def ordinals(sorted_owner: Ints) -> Ints:
    """Return the place of each row among those of its owner, from 0; owners stand together.

    >>> ordinals(np.array([3, 3, 7, 7, 7])).tolist()
    [0, 1, 0, 1, 2]
    """
    at = np.arange(len(sorted_owner), dtype=np.int64)
    first = np.ones(len(sorted_owner), bool)
    first[1:] = sorted_owner[1:] != sorted_owner[:-1]
    return np.asarray(at - np.maximum.accumulate(np.where(first, at, 0)), np.int64)


def around(dice: Dice, median: Floats, spread: float) -> Floats:
    """Return log-normal numbers around medians; ``spread`` is the deviation of the logarithm."""
    return np.asarray(median * np.exp(spread * dice.standard_normal(len(median))))
