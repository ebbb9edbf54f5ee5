"""What a model is: numbers in, one number out; and the registry of forms.

Inputs are what a genome shows: numbers, money in major units, durations in seconds, booleans as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from onefold.core.document import Section

Floats = NDArray[np.float64]


class Form(Protocol):
    """The shape of a model: how a score comes of inputs."""

    def scores(self, inputs: Sequence[Floats]) -> Floats:
        """Return a score a row; NaN in an input (and in a score) is NULL."""
        ...


@dataclass(frozen=True, slots=True)
class Model:
    """A registered model: its name, the features that it reads, in order, and its form."""

    name: str
    inputs: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class InUnits:
    """A form whose inputs come in smaller units: each is divided by so many of them (money by 100, say)."""

    form: Form
    units: tuple[int, ...]

    def scores(self, inputs: Sequence[Floats]) -> Floats:
        """Return the form's scores of inputs in their natural units."""
        return self.form.scores([one / unit for one, unit in zip(inputs, self.units, strict=True)])


@dataclass(frozen=True, slots=True)
class FormReader:
    """How a form is read: ``keys`` are its own in a model's file, ``read`` notes problems and then returns None."""

    name: str
    keys: tuple[str, ...]
    read: Callable[[Section, tuple[str, ...]], Form | None]


FORMS: dict[str, FormReader] = {}


def register(reader: FormReader) -> FormReader:
    """Make a form known under its name."""
    assert reader.name not in FORMS
    FORMS[reader.name] = reader
    return reader


def logistic(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), which no x makes overflow.

    >>> logistic(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small))
