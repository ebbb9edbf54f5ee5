"""The texts of categories by their codes, for display, LIKE and export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onefold.core.ids import NULL
from onefold.language.columns import Texts

MAX_BITS = 20
_EMPTY, _CROWDED = -1, -2


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Codes, ascending, with their texts; ``slots`` says by the first bits of a code, which is a hash, where it stands.

    A look into the slots is a search in one step; of a slot with several codes it says that they must be searched for.
    """

    codes: NDArray[np.int64]
    texts: tuple[str, ...]
    shift: np.uint64
    slots: NDArray[np.int32]

    def places(self, codes: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return where each of some codes stands, -1 for NULL and those never seen."""
        found = self.slots[_first_bits(codes, self.shift)]
        crowded = np.flatnonzero(found == _CROWDED)
        if len(crowded):
            searched = np.searchsorted(self.codes, codes[crowded])
            found[crowded] = np.minimum(searched, len(self.codes) - 1)
        found[(self.codes[found] != codes) | (codes == NULL)] = -1
        return found


def _first_bits(codes: NDArray[np.int64], shift: np.uint64) -> NDArray[np.int64]:
    return (np.ascontiguousarray(codes).view(np.uint64) >> shift).view(np.int64)


def _indexed(texts: Mapping[int, str]) -> _Index:
    ordered = sorted(texts.items())
    codes = np.array([code for code, _ in ordered], np.int64)
    bits = min(len(codes).bit_length() + 4, MAX_BITS)
    shift = np.uint64(64 - bits)
    taken = _first_bits(codes, shift)
    slots = np.full(1 << bits, _EMPTY, np.int32)
    slots[taken] = np.arange(len(codes))
    slots[np.bincount(taken, minlength=1 << bits) > 1] = _CROWDED
    return _Index(codes, tuple(text for _, text in ordered), shift, slots)


class TextTable:
    """A growing dictionary of texts. Threads may read it.

    >>> table = TextTable([(7, "travel")])
    >>> table.column(np.array([7, NULL])).indices.tolist(), table.text(7)
    ([0, -1], 'travel')
    """

    def __init__(self, texts: Iterable[tuple[int, str]] = ()) -> None:
        self._texts: dict[int, str] = {}
        self._index: _Index | None = None
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
        index = self._index
        if index is None or len(index.texts) != len(self._texts):
            self._index = index = _indexed(self._texts)
        if not index.texts:
            return Texts(np.full(len(codes), -1, np.int32), ())
        return Texts(index.places(codes), index.texts)
