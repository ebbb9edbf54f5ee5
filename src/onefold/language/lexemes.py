"""What the reader of characters hands to the grammar: lexemes, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from onefold.language.ast import Literal


class Sort(Enum):
    """What a lexeme is to the grammar."""

    SYMBOL = auto()  # operators, parentheses, the comma and the keywords
    NAME = auto()  # a name, possibly dotted
    FUNCTION = auto()  # a word before an opening parenthesis
    LITERAL = auto()  # a constant, NULL and CURRENT_DATE included
    MONTHS = auto()  # INTERVAL n MONTH or YEAR: no duration, for its length depends on the date


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One lexeme: ``start`` is the offset of its first character, ``end`` the offset after its last."""

    sort: Sort
    text: str
    start: int
    end: int
    literal: Literal | None = None
    months: int = 0
