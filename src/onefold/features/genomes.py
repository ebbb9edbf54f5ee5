"""Genomes as they come from the engine: columns for many customers, plain values for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.core.instant import SECOND, date_of, format_instant
from onefold.core.types import ValueType
from onefold.features.aggregates import Result
from onefold.features.plan import Plan
from onefold.features.tables import NEVER
from onefold.features.texts import TextTable
from onefold.features.values import Value
from onefold.language.columns import Column, Texts


@dataclass(frozen=True, slots=True, eq=False)
class Genomes:
    """The genomes of some customers at one instant, a row each.

    ``words`` are the kernel's exact columns, ``columns`` what expressions see; ``changes`` the instant of each
    customer's next change, ``NEVER`` for none; ``present`` whether the customer exists yet.
    """

    plan: Plan
    texts: TextTable
    now: int
    words: NDArray[np.int64]
    columns: Mapping[str, Column]
    changes: NDArray[np.int64]
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.words)

    def next_change(self, row: int) -> int | None:
        """Return the next instant at which a customer's genome changes by time alone, None if it never does."""
        change = int(self.changes[row])
        return None if change == NEVER else change

    def values(self, row: int) -> dict[str, Value]:
        """Return one customer's features as plain values, in the order of their names.

        Money in major units as ``Decimal`` (``float`` for means and expressions), numbers as ``int``, ``Decimal`` or
        ``float``, categories as text, dates as ``date``, instants as ISO 8601, durations in seconds; NULL is None.
        """
        return {name: self.value(name, row) for name in self.plan.features.features}

    def value(self, name: str, row: int) -> Value:
        """Return one value of one customer."""
        result = self.plan.features.features[name].body.result
        at = self.plan.names.get(name)
        if at is not None and result.exact:
            return self._exact(int(self.words[row, at]), result)
        column = self.columns[name]
        if isinstance(column, Texts):
            index = int(column.indices[row])
            return None if index < 0 else column.texts[index]
        return _floating(float(column.values[row]), result)

    def _exact(self, word: int, result: Result) -> Value:
        if word == NULL:
            return None
        if result.type is ValueType.CATEGORY:
            return self.texts.text(word)
        if result.type in (ValueType.MONEY, ValueType.NUMBER) and result.scale:
            return Decimal(word).scaleb(-result.scale)
        return _natural(word, result.type)


def _floating(number: float, result: Result) -> Value:
    if np.isnan(number):
        return None
    if result.type is ValueType.MONEY:
        return number / float(10**result.scale)
    if result.type is ValueType.DURATION:  # a mean may lie between two microseconds
        return number / SECOND
    return number if result.type is ValueType.NUMBER else _natural(int(number), result.type)


def _natural(word: int, kind: ValueType) -> Value:
    if kind is ValueType.BOOLEAN:
        return word != 0
    if kind is ValueType.DATE:
        return date_of(word)
    if kind is ValueType.INSTANT:
        return format_instant(word)
    return word / SECOND if kind is ValueType.DURATION else word
