"""Names of customers made of a row's columns: ``client:{owner.client_id}``. Text and columns, nothing
else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PART = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


@dataclass(frozen=True, slots=True)
class Template:
    """Literal texts and column names in turn: ``texts[0] columns[0] texts[1] ... texts[n]``."""

    texts: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template; raise ``ValueError`` saying what is wrong with it.

        >>> Template.parse("client:{owner.client_id}")
        Template(texts=('client:', ''), columns=('owner.client_id',))
        """
        texts, columns = [""], []
        for match in _PART.finditer(text):
            name, literal, brace = match.groups()
            if brace:
                raise ValueError(f"a {brace} has no partner")
            if literal:
                texts[-1] += literal
            elif not _NAME.fullmatch(name):
                raise ValueError(f"{{{name}}} is not the name of a column")
            else:
                columns.append(name)
                texts.append("")
        if not columns:
            raise ValueError("it names no column, so every row would be the same customer's")
        return cls(tuple(texts), tuple(columns))

    def names(self) -> frozenset[str]:
        """Return the columns that it reads."""
        return frozenset(self.columns)

    def fill(self, values: Sequence[str | None]) -> str | None:
        """Return the text with the columns' values put in; None where one of them is missing.

        >>> Template.parse("client:{id}").fill(["7"]), Template.parse("client:{id}").fill([None])
        ('client:7', None)
        """
        filled = [self.texts[0]]
        for value, text in zip(values, self.texts[1:], strict=True):
            if value is None:
                return None
            filled.append(value)
            filled.append(text)
        return "".join(filled)
