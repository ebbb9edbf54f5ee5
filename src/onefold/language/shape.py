"""The shape of an expression, checked over its lexemes before any parser recurses into it.

Here fall: two operands side by side, missing operands, open parentheses and CASEs, chains of comparisons such
as ``a = b = c``, ``IS TRUE``, and nesting deeper than the bound. What is left for the grammar is well formed
but for the inner order of CASE and BETWEEN.
"""

from __future__ import annotations

from dataclasses import dataclass

from onefold.language.lexemes import Lexeme, Sort
from onefold.language.refusal import Refusal

MAX_NESTING = 20

_COMPARISONS = frozenset(("=", "<>", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "BETWEEN", "IS"))
_INFIX = _COMPARISONS | frozenset(("AND", "OR", "+", "*", "/", "||"))
_FRESH = frozenset(("", "(", ",", "AND", "OR", "WHEN", "THEN", "ELSE", "NOT"))
_HINTS = {
    "ILIKE": "Use LIKE; fold case with LOWER(...).",
    "SIMILAR": "Use LIKE.",
    "REGEXP": "Use LIKE.",
    "RLIKE": "Use LIKE.",
    "GLOB": "Use LIKE.",
    "ESCAPE": "LIKE has no ESCAPE: % is any run and _ any one character.",
    "COLLATE": "Texts compare by code point; remove COLLATE.",
    "DISTINCT": "Remove DISTINCT; compare NULL with IS NULL.",
    "ISNULL": "Write IS NULL.",
    "NOTNULL": "Write IS NOT NULL.",
    "OVER": "Window functions are not part of the language.",
    "SELECT": "Subqueries are not part of the language.",
    "DIV": "Write / for division.",
}


@dataclass(slots=True)
class _Level:
    """One open parenthesis or CASE (or the whole text), and what has been seen at this level."""

    opener: Lexeme | None
    weight: int = 0
    compared: bool = False
    between: bool = False


class _Shape:
    """Walks the lexemes once; ``_before`` is the upper-case text of the last symbol, or ``operand``."""

    def __init__(self, scope_words: frozenset[str]) -> None:
        self._scope_words = scope_words
        self._levels = [_Level(None)]
        self._before = ""
        self._prefixes = 0

    def walk(self, lexemes: list[Lexeme]) -> None:
        for at, lexeme in enumerate(lexemes):
            after = lexemes[at + 1] if at + 1 < len(lexemes) else None
            if lexeme.sort is Sort.SYMBOL:
                self._symbol(lexeme, lexeme.text.upper(), after)
            else:
                self._operand_starts(lexeme)
                self._before = "FUNCTION" if lexeme.sort is Sort.FUNCTION else "operand"
            self._bound(lexeme)
        opener = self._levels[-1].opener
        if opener is not None:
            close = "END" if opener.text.upper() == "CASE" else ")"
            raise _at(opener, f"`{opener.text}` is opened and never closed", f"Close it with {close}.")
        if self._before != "operand":
            raise _at(lexemes[-1], f"nothing follows `{lexemes[-1].text}`", "Complete the expression.")

    def _bound(self, lexeme: Lexeme) -> None:
        if sum(level.weight for level in self._levels) + self._prefixes > MAX_NESTING:
            remedy = "Flatten it, or move a part into a feature or segment of its own."
            raise _at(lexeme, f"it is nested more than {MAX_NESTING} deep", remedy)

    def _operand_starts(self, lexeme: Lexeme) -> None:
        if self._before in ("operand", "IS"):
            hint = self._hint(lexeme)
            why = f"`{lexeme.text[:60]}` is not expected here"
            raise _at(lexeme, why, hint or "Put an operator or a comma before it.")
        if self._before == "IN" and lexeme.text != "(":
            raise _at(lexeme, "IN takes a list of constants", "Write IN ('a', 'b').")
        if lexeme.text != "(" and lexeme.text.upper() != "CASE":
            self._prefixes = 0

    def _hint(self, lexeme: Lexeme) -> str | None:
        if self._before == "IS":
            return "After IS only NULL or NOT NULL may stand."
        return None if lexeme.text in self._scope_words else _HINTS.get(lexeme.text.upper())

    def _symbol(self, lexeme: Lexeme, text: str, after: Lexeme | None) -> None:
        if text == "(":
            self._open(lexeme)
        elif text == ")":
            self._close(lexeme, "(")
        elif text == "CASE":
            self._open(lexeme)
        elif text == "END":
            self._close(lexeme, "CASE")
        elif text == "NOT":
            self._not(lexeme, after)
        elif text == "NULL":
            self._null(lexeme)
        elif text == "-" and self._before != "operand":
            self._prefixes += 1
            self._before = "-"
        elif text in _INFIX or text == "-":
            self._infix(lexeme, text)
        else:
            self._separator(lexeme, text)

    def _open(self, lexeme: Lexeme) -> None:
        if self._before != "FUNCTION":
            self._operand_starts(lexeme)
        self._levels.append(_Level(lexeme, 1 + self._prefixes))
        self._prefixes = 0
        if lexeme.text == "(":
            self._before = "f(" if self._before == "FUNCTION" else "("
        else:
            self._before = "CASE"

    def _close(self, lexeme: Lexeme, opener: str) -> None:
        level = self._levels[-1]
        if level.opener is None or level.opener.text.upper() != opener:
            raise _at(lexeme, f"`{lexeme.text}` closes nothing", f"Remove it, or open with {opener}.")
        if self._before not in ("operand", "f("):
            raise _at(lexeme, f"a value is missing before `{lexeme.text}`", "Complete the expression.")
        self._levels.pop()
        self._before = "operand"

    def _not(self, lexeme: Lexeme, after: Lexeme | None) -> None:
        following = after.text.upper() if after is not None else ""
        if self._before == "operand" and following in ("IN", "LIKE", "BETWEEN"):
            return
        if self._before == "IS" and following == "NULL":
            return
        if self._before.removeprefix("f") not in _FRESH:
            remedy = "Put NOT (...) in parentheses, or after AND, OR, WHEN."
            raise _at(lexeme, "NOT cannot stand here", remedy)
        self._prefixes += 1
        self._before = "NOT"

    def _null(self, lexeme: Lexeme) -> None:
        if self._before != "IS":
            raise _at(lexeme, "NULL cannot stand here", "Write IS NULL or IS NOT NULL.")
        self._before = "operand"

    def _infix(self, lexeme: Lexeme, text: str) -> None:
        if self._before != "operand":
            if text == "+":
                raise _at(lexeme, "a plus before a value is not part of the language", "Remove it.")
            raise _at(lexeme, f"a value is missing before `{lexeme.text}`", "Complete the expression.")
        level = self._levels[-1]
        if text in _COMPARISONS:
            if level.compared:
                why = "two comparisons stand in a row"
                raise _at(lexeme, why, "Join them with AND, or put one of them in parentheses.")
            level.compared, level.between = True, text == "BETWEEN"
        ends_between = text == "AND" and level.between
        if text in ("AND", "OR") and not ends_between:
            level.compared = False
        if text in ("AND", "OR"):
            level.between = False
        self._before = "BETWEEN AND" if ends_between else text

    def _separator(self, lexeme: Lexeme, text: str) -> None:
        level = self._levels[-1]
        opener = level.opener.text.upper() if level.opener is not None else ""
        if opener != ("(" if text == "," else "CASE"):
            place = "between the arguments of a function or the items of IN" if text == "," else "inside CASE"
            raise _at(lexeme, f"`{lexeme.text}` cannot stand here", f"It belongs {place}.")
        if self._before != "operand" and not (text == "WHEN" and self._before == "CASE"):
            raise _at(lexeme, f"a value is missing before `{lexeme.text}`", "Complete the expression.")
        level.compared = level.between = False
        self._before = text


def check_shape(lexemes: list[Lexeme], names: frozenset[str]) -> None:
    """Raise :class:`Refusal` with an offset where lexemes are no expression; ``names`` are known names."""
    _Shape(names).walk(lexemes)


def _at(lexeme: Lexeme, why: str, remedy: str) -> Refusal:
    return Refusal(why, remedy, offset=lexeme.start)
