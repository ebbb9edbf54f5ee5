"""Lexemes to sqlglot's tree. Names and constants go in as placeholders, so that sqlglot sees structure alone.

sqlglot may then neither resolve, cast nor rewrite anything: what comes out is operators, calls and ``#n``
leaves that stand for the n-th lexeme, which :mod:`onefold.language.convert` reads back.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from onefold.language.lexemes import Lexeme, Sort
from onefold.language.lexer import KEYWORDS, SYMBOLS
from onefold.language.refusal import Refusal

MAX_DEPTH = 60

_PREFIX = "onefold_lexeme_"


def tree_of(lexemes: list[Lexeme], text: str) -> exp.Expr:
    """Return sqlglot's tree; raise :class:`Refusal` with an offset where it finds no expression."""
    tokens = [_token(at, lexeme) for at, lexeme in enumerate(lexemes)]
    try:
        trees = Parser().parse_into(exp.Condition, tokens, text)
    except ParseError as error:
        raise _refusal(error, lexemes) from None
    except RecursionError:
        raise Refusal("it is nested too deeply", "Flatten it.") from None
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise Refusal("this is not an expression", "Write a condition, such as amount > 100.")
    _check_depth(tree, lexemes)
    return tree


def _check_depth(tree: exp.Expr, lexemes: list[Lexeme]) -> None:
    """Refuse long chains such as ``a + b + c + ...`` beyond the bound; those of AND and of OR are flat."""
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            why = f"it chains more than {MAX_DEPTH} operations"
            remedy = "Move a part into a feature of its own."
            raise Refusal(why, remedy, offset=lexemes[max(first_index(node), 0)].start)
        for child in node.iter_expressions():
            flat = isinstance(node, (exp.And, exp.Or)) and type(child) is type(node)
            pending.append((child, depth if flat else depth + 1))


def index_of(placeholder: str) -> int:
    """Return the index of the lexeme that a placeholder stands for."""
    return int(placeholder.removeprefix(_PREFIX))


def first_index(tree: exp.Expr) -> int:
    """Return the index of the first lexeme below a node, to say where it stands; -1 if there is none."""
    found = [index_of(leaf.name) for leaf in tree.find_all(exp.Identifier, exp.Anonymous)]
    return min(found, default=-1)


def _token(at: int, lexeme: Lexeme) -> Token:
    """Return the token for a lexeme; its column is the lexeme's index, so that errors can be traced back."""
    if lexeme.sort is not Sort.SYMBOL:
        return Token(TokenType.VAR, f"{_PREFIX}{at}", 1, at, lexeme.start, lexeme.end - 1)
    upper = lexeme.text.upper()
    token_type = KEYWORDS.get(upper) or SYMBOLS[upper]
    return Token(token_type, upper, 1, at, lexeme.start, lexeme.end - 1)


def _refusal(error: ParseError, lexemes: list[Lexeme]) -> Refusal:
    details = error.errors[0] if error.errors else {}
    column = details.get("col")
    at = min(column, len(lexemes) - 1) if isinstance(column, int) else 0
    lexeme = lexemes[max(at, 0)]
    return Refusal(f"`{lexeme.text[:60]}` is not expected here", "Complete what stands before it.", offset=lexeme.start)
