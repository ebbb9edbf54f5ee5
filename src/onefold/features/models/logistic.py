"""``form: logistic``: a probability, 1 / (1 + exp(-x)) of the linear form's x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onefold.core.document import Section
from onefold.features.models.base import Floats, FormReader, logistic, register
from onefold.features.models.linear import KEYS, Linear, read_linear


@dataclass(frozen=True, slots=True)
class Logistic:
    """A line and its logistic function.

    >>> import numpy as np
    >>> Logistic(Linear(-2.0, (2.0,), (None,))).scores([np.array([1.0, np.nan])]).tolist()
    [0.5, nan]
    """

    line: Linear

    def scores(self, inputs: Sequence[Floats]) -> Floats:
        """Return a probability a row."""
        return logistic(self.line.scores(inputs))


def _read(section: Section, inputs: tuple[str, ...]) -> Logistic | None:
    line = read_linear(section, inputs)
    return None if line is None else Logistic(line)


LOGISTIC = register(FormReader("logistic", KEYS, _read))
