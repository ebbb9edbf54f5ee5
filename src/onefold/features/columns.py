"""The columns of genomes as expressions see them, each worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.core.schema import Property
from onefold.features.age import ages
from onefold.features.binding import column_of
from onefold.features.definitions import AGE, BIRTH_DATE, Derived, Scored
from onefold.features.plan import Plan
from onefold.features.texts import TextTable
from onefold.language.columns import Column, Floats, floats_of
from onefold.language.to_numpy import to_numpy

Run = Callable[[Mapping[str, Column], int, int], Column]


def run_of(body: Derived | Scored) -> Run:
    """Return what works out a feature over others."""
    if isinstance(body, Derived):
        return to_numpy(body.expression)
    model = body.model

    def run(columns: Mapping[str, Column], _today: int, _count: int) -> Column:
        return Floats(model.form.scores([floats_of(columns[name]) for name in model.inputs]))

    return run


class Columns(Mapping[str, Column]):
    """Features, the traits that expressions name, and ``age``, by name.

    ``words`` are the kernel's columns (customers x columns); ``today`` the local day, in days since 1970-01-01.
    """

    def __init__(
        self, plan: Plan, derived: Mapping[str, Run], words: NDArray[np.int64], texts: TextTable, today: int
    ) -> None:
        self._plan, self._derived, self._words, self._texts, self._today = plan, derived, words, texts, today
        self._known: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plan.features.features)

    def __len__(self) -> int:
        return len(self._plan.features.features)

    def on(self, today: int) -> Columns:
        """Return the same columns as they would be on another day if nothing else changed."""
        return Columns(self._plan, self._derived, self._words, self._texts, today)

    def birth_dates(self) -> NDArray[np.int64]:
        """Return the birth dates as words: days since 1970-01-01, NULL where unknown."""
        names = self._plan.names
        return self._words[:, names[BIRTH_DATE] if BIRTH_DATE in names else names[f"traits.{BIRTH_DATE}"]]

    def _work_out(self, name: str) -> Column:
        if name == AGE and self._plan.reads_age:  # a feature of that name is the built-in value itself
            return self._ages()
        if name in self._derived:
            return self._derived[name](self, self._today, len(self._words))
        return self._ratio(name) if name in self._plan.ratios else self._of_kernel(name)

    def _ratio(self, name: str) -> Column:
        ratio = self._plan.ratios[name]
        total = self._words[:, ratio.all].astype(np.float64)
        total[total == 0] = np.nan
        return Floats(self._words[:, ratio.matching] / total)

    def _of_kernel(self, name: str) -> Column:
        names = self._plan.names
        at = names[name] if name in names else names[f"traits.{name}"]
        result = self._plan.columns[at].result
        if not result.exact:
            return Floats(self._words[:, at].view(np.float64))
        return column_of(self._words[:, at], Property(name, result.type, result.scale), self._texts)

    def _ages(self) -> Column:
        birth = self.birth_dates()
        years = np.full(len(birth), np.nan)
        stated = np.flatnonzero((birth != NULL) & (birth <= self._today))
        years[stated] = ages(birth[stated], self._today)
        return Floats(years)
