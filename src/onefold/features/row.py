"""One customer's genome as expressions see it, each value worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from onefold.features.genomes import Genomes
from onefold.language.columns import Texts
from onefold.language.values import Value


class Row(Mapping[str, Value]):
    """Names to values as :func:`onefold.language.to_python.to_python` takes them; NULL is None.

    ``more`` are names beside those of the genome (``context.page``, ``segment.x``), and go first.
    """

    def __init__(self, genomes: Genomes, row: int, more: Mapping[str, Value] | None = None) -> None:
        self._genomes, self._row = genomes, row
        self._values: dict[str, Value] = dict(more or {})

    def __getitem__(self, name: str) -> Value:
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._genomes.columns)

    def __len__(self) -> int:
        return len(self._genomes.columns)

    def add(self, name: str, value: Value) -> None:
        """Add a value that is known only now, such as a segment that others build on."""
        self._values[name] = value

    def _read(self, name: str) -> Value:
        column = self._genomes.columns[name]
        if isinstance(column, Texts):
            index = int(column.indices[self._row])
            return None if index < 0 else column.texts[index]
        number = float(column.values[self._row])
        return None if number != number else number
