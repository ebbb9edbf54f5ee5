"""How the parts of the parser say no: a reason and a remedy; only the caller knows the place in full."""

from __future__ import annotations

from onefold.language.ast import Kind


class Refusal(Exception):  # noqa: N818 - it is turned into a UserError with file, line and column
    """Something outside the language.

    ``why`` and ``remedy`` are for the user; ``operand`` is the index of the operand or argument at fault,
    where one of several is; ``offset`` is the index of the character at fault, where only the reader of
    characters knows it.
    """

    def __init__(self, why: str, remedy: str, *, operand: int | None = None, offset: int | None = None) -> None:
        self.why, self.remedy, self.operand, self.offset = why, remedy, operand, offset
        super().__init__(why)


_WORDS = {
    Kind.NUMBER: "a number",
    Kind.MONEY: "an amount of money",
    Kind.CATEGORY: "a text",
    Kind.BOOLEAN: "a condition (true or false)",
    Kind.DATE: "a date",
    Kind.INSTANT: "an instant",
    Kind.DURATION: "a duration",
    Kind.NULL: "NULL",
}


def in_words(kind: Kind) -> str:
    """Name a kind to a person.

    >>> in_words(Kind.MONEY)
    'an amount of money'
    """
    return _WORDS[kind]
