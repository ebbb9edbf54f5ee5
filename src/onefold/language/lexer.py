"""Characters to lexemes, through sqlglot's tokenizer with a keyword list of our own.

Nothing is trusted: between two tokens only blanks may stand (so no comment and no swallowed character slips
by), each token's own slice of the text must look as its sort demands, and sizes are bounded before anything
is read.
"""

from __future__ import annotations

import re
from typing import ClassVar

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from onefold.language import literals
from onefold.language.ast import Kind, Literal
from onefold.language.lexemes import Lexeme, Sort
from onefold.language.refusal import Refusal

MAX_CHARACTERS = 20_000
MAX_LEXEMES = 4_000

KEYWORDS = {
    "AND": TokenType.AND,
    "BETWEEN": TokenType.BETWEEN,
    "CASE": TokenType.CASE,
    "ELSE": TokenType.ELSE,
    "END": TokenType.END,
    "IN": TokenType.IN,
    "IS": TokenType.IS,
    "LIKE": TokenType.LIKE,
    "NOT": TokenType.NOT,
    "NULL": TokenType.NULL,
    "OR": TokenType.OR,
    "THEN": TokenType.THEN,
    "WHEN": TokenType.WHEN,
}
SYMBOLS = {
    "(": TokenType.L_PAREN,
    ")": TokenType.R_PAREN,
    ",": TokenType.COMMA,
    "+": TokenType.PLUS,
    "-": TokenType.DASH,
    "*": TokenType.STAR,
    "/": TokenType.SLASH,
    "=": TokenType.EQ,
    "<>": TokenType.NEQ,
    "!=": TokenType.NEQ,
    "<": TokenType.LT,
    "<=": TokenType.LTE,
    ">": TokenType.GT,
    ">=": TokenType.GTE,
    "||": TokenType.DPIPE,
}
_CONSTANTS = {
    "TRUE": Literal(True, Kind.BOOLEAN),
    "FALSE": Literal(False, Kind.BOOLEAN),
}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"'(?:[^']|'')*+'?+|\"[^\"]*+\"?+", re.DOTALL)
_BLANK = " \t\r\n"
_FOREIGN = {
    ";": "an expression is one condition, without a semicolon",
    '"': "quoted names are not part of the language",
    "`": "quoted names are not part of the language",
    "[": "lists and brackets are not part of the language",
    "{": "braces are not part of the language",
    ":": "parameters, casts and slices are not part of the language",
    "?": "parameters are not part of the language",
    "$": "parameters are not part of the language",
    "@": "parameters are not part of the language",
    "%": "the operator % is not part of the language",
}


class _Tokenizer(Tokenizer):
    """sqlglot's tokenizer, knowing no word or operator but ours."""

    KEYWORDS: ClassVar[dict[str, TokenType]] = {
        **KEYWORDS,
        **{symbol: token for symbol, token in SYMBOLS.items() if len(symbol) > 1},
        "==": TokenType.UNKNOWN,
    }
    COMMANDS: ClassVar[set[TokenType]] = set()


def read(text: str) -> list[Lexeme]:
    """Return the lexemes of a text; raise :class:`Refusal` with the offset of what is none.

    >>> [lexeme.text for lexeme in read("amount > 12.5 AND NOT is_member")]
    ['amount', '>', '12.5', 'AND', 'NOT', 'is_member']
    """
    if len(text) > MAX_CHARACTERS:
        why = f"it is longer than {MAX_CHARACTERS:,} characters"
        raise Refusal(why, "Split it, or move a part into a feature or segment of its own.")
    tokens = _tokenize(text)
    if not tokens:
        raise Refusal("it is empty", "Write a condition, such as amount > 100.")
    if len(tokens) > MAX_LEXEMES:
        why = f"it has more than {MAX_LEXEMES:,} parts"
        raise Refusal(why, "Split it into several.", offset=tokens[MAX_LEXEMES].start)
    return _Reader(text, tokens).lexemes()


def _tokenize(text: str) -> list[Token]:
    for offset, character in enumerate(text):
        if (character < " " and character not in _BLANK) or "\ud800" <= character <= "\udfff":
            raise Refusal("a control character stands here", "Remove it.", offset=offset)
    try:
        tokens = list(_Tokenizer().tokenize(text))
    except TokenError:
        offset = _unclosed(text)
        raise Refusal("a quote is opened and never closed", "Close it with '.", offset=offset) from None
    _only_blanks_between(text, tokens)
    return tokens


def _only_blanks_between(text: str, tokens: list[Token]) -> None:
    end = 0
    for token in [*tokens, None]:
        start = token.start if token is not None else len(text)
        between = text[end:start]
        if between.strip(_BLANK):
            offset = end + len(between) - len(between.lstrip(_BLANK))
            comment = text.startswith(("--", "/*", "#"), offset)
            why = "comments are not part of the language" if comment else "this cannot stand here"
            raise Refusal(why, "Remove it.", offset=offset)
        end = token.end + 1 if token is not None else end


def _unclosed(text: str) -> int:
    """Return the offset of the quote that is never closed: the last one opened, doubled ones passed over."""
    at = 0
    for match in _QUOTED.finditer(text):
        at = match.start()
    return at


class _Reader:
    """Joins tokens to lexemes: dotted names, typed literals and intervals are one lexeme each."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text, self._tokens, self._at = text, tokens, 0
        self._slices = [text[token.start : token.end + 1] for token in tokens]

    def lexemes(self) -> list[Lexeme]:
        found: list[Lexeme] = []
        while self._at < len(self._tokens):
            start = self._tokens[self._at].start
            try:
                found.append(self._next(found[-1] if found else None, start))
            except Refusal as refusal:
                offset = start if refusal.offset is None else refusal.offset
                raise Refusal(refusal.why, refusal.remedy, offset=offset) from None
        return found

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._slices[at] if at < len(self._slices) else ""

    def _made(self, sort: Sort, start: int, *, literal: Literal | None = None, months: int = 0) -> Lexeme:
        end = self._tokens[self._at - 1].end + 1
        return Lexeme(sort, self._text[start:end], start, end, literal, months)

    def _next(self, before: Lexeme | None, start: int) -> Lexeme:
        piece = self._peek()
        self._at += 1
        if _WORD.fullmatch(piece):
            return self._word(piece, before, start)
        if piece[0] == "'":
            return self._made(Sort.LITERAL, start, literal=Literal(_unquoted(piece), Kind.CATEGORY))
        if piece[0].isdigit():
            return self._number(piece, start)
        if piece == "." and self._peek()[:1].isdigit() and self._tokens[self._at].start == start + 1:
            self._at += 1
            return self._number(piece + self._peek(-1), start)
        if piece in SYMBOLS:
            return self._made(Sort.SYMBOL, start)
        if piece == "==":
            raise Refusal("`==` is not part of the language", "Write = to compare.")
        why = _FOREIGN.get(piece[0], f"`{piece[:40]}` is not part of the language")
        raise Refusal(why, "Use names, constants, comparisons, AND, OR, NOT and + - * / only.")

    def _number(self, piece: str, start: int) -> Lexeme:
        after = self._text[start + len(piece) : start + len(piece) + 1]
        if after == "_" or after.isalnum() or after == ".":
            raise Refusal("this is not a plain decimal number", "Write it with digits and a point, such as 1234.5.")
        return self._made(Sort.LITERAL, start, literal=literals.number(piece))

    def _word(self, word: str, before: Lexeme | None, start: int) -> Lexeme:
        upper, ahead = word.upper(), self._peek()
        if ahead.startswith("'") and self._tokens[self._at].start == start + len(word):
            raise Refusal(f"texts with the prefix {word[:40]} are not part of the language", "Write a plain '...'.")
        if upper in ("DATE", "TIMESTAMP") and ahead.startswith("'"):
            self._at += 1
            read_text = literals.calendar_date if upper == "DATE" else literals.instant
            return self._made(Sort.LITERAL, start, literal=read_text(_unquoted(ahead)))
        if upper == "INTERVAL" and ahead[:1] in ("'", *"0123456789.-") and ahead:
            return self._interval(start)
        if upper == "NULL" and (before is None or before.text.upper() not in ("IS", "NOT")):
            return self._made(Sort.LITERAL, start, literal=Literal(None, Kind.NULL))
        if upper in KEYWORDS:
            return self._made(Sort.SYMBOL, start)
        if upper in _CONSTANTS:
            return self._made(Sort.LITERAL, start, literal=_CONSTANTS[upper])
        if upper == "CURRENT_DATE":
            return self._made(Sort.LITERAL, start)
        return self._name(start)

    def _interval(self, start: int) -> Lexeme:
        amount, unit = self._peek(), self._peek(1)
        if amount == "-" or not _WORD.fullmatch(unit):
            raise Refusal("this is not an interval", "Write INTERVAL '3' DAY or INTERVAL 3 DAY.")
        self._at += 2
        duration, months = literals.interval(_unquoted(amount) if amount[0] == "'" else amount, unit)
        if duration is None:
            return self._made(Sort.MONTHS, start, months=months)
        return self._made(Sort.LITERAL, start, literal=duration)

    def _name(self, start: int) -> Lexeme:
        while self._peek() == ".":
            part, dot = self._peek(1), self._tokens[self._at]
            here = self._tokens[self._at - 1].end + 1 == dot.start
            if not here or not _WORD.fullmatch(part) or self._tokens[self._at + 1].start != dot.end + 1:
                raise Refusal("a name must follow the point", "Write names such as context.page.", offset=dot.start)
            self._at += 2
        lexeme = self._made(Sort.FUNCTION if self._peek() == "(" else Sort.NAME, start)
        if any(part.startswith("__") for part in lexeme.text.split(".")):
            raise Refusal("names that begin with __ are not part of the language", "Use a declared name.")
        return lexeme


def _unquoted(piece: str) -> str:
    return piece[1:-1].replace("''", "'")
