"""``form: linear``: the intercept plus the weighted sum of the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onefold.core.document import Section
from onefold.features.models.base import Floats, FormReader, register
from onefold.features.models.numbers import is_number, is_number_or_null, number, row
from onefold.language.columns import finite_or_null

KEYS = ("intercept", "weights", "missing")


@dataclass(frozen=True, slots=True)
class Linear:
    """``missing`` stands for an input that is NULL; where it is None, the score is NULL then.

    >>> Linear(1.0, (2.0, 3.0), (None, 0.5)).scores([np.array([10.0, np.nan]), np.array([np.nan, 1.0])]).tolist()
    [22.5, nan]
    """

    intercept: float
    weights: tuple[float, ...]
    missing: tuple[float | None, ...]

    def scores(self, inputs: Sequence[Floats]) -> Floats:
        """Add up, input by input: the same for one row as for a million."""
        total = np.full(len(inputs[0]), self.intercept)
        with np.errstate(over="ignore", invalid="ignore"):
            for values, weight, instead in zip(inputs, self.weights, self.missing, strict=True):
                known = values if instead is None else np.where(np.isnan(values), instead, values)
                total += weight * known
        return finite_or_null(total)


def read_linear(section: Section, inputs: tuple[str, ...]) -> Linear | None:
    """Read the intercept (0 where it is missing), a weight each, and what stands for NULL."""
    intercept = number(section, "intercept", 0.0)
    weights = row(section, "weights", len(inputs), is_number, "numbers")
    missing: list[float | None] | None = [None] * len(inputs)
    if "missing" in section:
        missing = row(section, "missing", len(inputs), is_number_or_null, "numbers and nulls")
    if intercept is None or weights is None or missing is None:
        return None
    filled = tuple(None if value is None else float(value) for value in missing)
    return Linear(intercept, tuple(map(float, weights)), filled)


LINEAR = register(FormReader("linear", KEYS, read_linear))
