"""The texts of categories by their codes, for display, LIKE and export."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.language.columns import Texts


class TextTable:
    """A growing dictionary of texts.

    >>> table = TextTable([(7, "travel")])
    >>> table.column(np.array([7, NULL])).indices.tolist(), table.text(7)
    ([0, -1], 'travel')
    """

    def __init__(self, texts: Iterable[tuple[int, str]] = ()) -> None:
        self._texts: dict[int, str] = {}
        self._codes = np.empty(0, np.int64)
        self._sorted: tuple[str, ...] = ()
        self.add(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Iterable[tuple[int, str]]) -> None:
        """Take in more texts; known ones change nothing."""
        self._texts.update(texts)

    def text(self, code: int) -> str | None:
        """Return the text of a code; None for NULL (or for a code never seen)."""
        return self._texts.get(code)

    def items(self) -> Iterable[tuple[int, str]]:
        """Return all (code, text)."""
        return self._texts.items()

    def column(self, codes: NDArray[np.int64]) -> Texts:
        """Return codes as a dictionary-encoded column."""
        if len(self._codes) != len(self._texts):
            ordered = sorted(self._texts.items())
            self._codes = np.array([code for code, _ in ordered], np.int64)
            self._sorted = tuple(text for _, text in ordered)
        if not len(self._codes):
            return Texts(np.full(len(codes), -1, np.int32), ())
        places = np.searchsorted(self._codes, codes)
        places[places == len(self._codes)] = 0
        found = (self._codes[places] == codes) & (codes != NULL)
        return Texts(np.where(found, places, -1).astype(np.int32), self._sorted)
