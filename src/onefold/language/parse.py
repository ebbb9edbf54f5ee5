"""Text to a typed tree, or to problems that say where, why and what to do."""

from __future__ import annotations

from onefold.core.errors import Place, Problem, UserError
from onefold.language.ast import Kind, Node
from onefold.language.convert import Converter, Poisoned
from onefold.language.grammar import tree_of
from onefold.language.lexemes import Lexeme
from onefold.language.lexer import read
from onefold.language.refusal import Refusal, in_words
from onefold.language.scope import Scope
from onefold.language.shape import check_shape
from onefold.language.tree import MAX_DEPTH, MAX_NODES, measured

_START = Place()


def parse(text: str, scope: Scope, *, place: Place = _START) -> Node:
    """Read an expression. ``place`` is where the text begins in the user's files.

    Raises :class:`UserError` with all problems that can be told apart, each at its own line and column.

    >>> parse("amount > 12.50", Scope({"amount": Kind.MONEY})).kind
    <Kind.BOOLEAN: 'boolean'>
    """
    try:
        lexemes = read(text)
        _concatenation_allowed(lexemes, scope)
        check_shape(lexemes, frozenset(scope.names))
        converter = Converter(lexemes, scope)
        node = converter.node(tree_of(lexemes, text))
        _bounded(node)
    except Refusal as refusal:
        what = "this expression" if refusal.offset is None else f"`{_word_at(text, refusal.offset)}`"
        found = Problem(what, refusal.why, refusal.remedy, _place(text, refusal.offset or 0, place))
        raise UserError(found) from None
    except Poisoned:
        problems = sorted(converter.problems, key=lambda item: item[0])
        raise UserError(
            Problem(item.what, item.why, item.remedy, _place(text, offset, place)) for offset, item in problems
        ) from None
    return node


def parse_predicate(text: str, scope: Scope, *, place: Place = _START) -> Node:
    """Read a condition, as after WHERE: like :func:`parse`, but only of kind boolean.

    >>> parse_predicate("is_member", Scope({"is_member": Kind.BOOLEAN}))
    Name(name='is_member', kind=<Kind.BOOLEAN: 'boolean'>)
    """
    node = parse(text, scope, place=place)
    if node.kind is not Kind.BOOLEAN:
        why = f"a condition belongs here, but this is {in_words(node.kind)}"
        remedy = "Compare it with something, such as > 0 or = 'x'."
        start = len(text) - len(text.lstrip())
        raise UserError(Problem("this expression", why, remedy, _place(text, start, place)))
    return node


def _concatenation_allowed(lexemes: list[Lexeme], scope: Scope) -> None:
    for lexeme in lexemes:
        if lexeme.text == "||" and "CONCAT" not in scope.functions:
            raise Refusal("`||` is not part of the language here", "Remove it.", offset=lexeme.start)


def _bounded(node: Node) -> None:
    size = measured(node)
    if size.nodes > MAX_NODES or size.depth > MAX_DEPTH:
        why = f"it is larger than {MAX_NODES:,} nodes or {MAX_DEPTH} levels"
        raise Refusal(why, "Move a part into a feature or segment of its own.")


def _place(text: str, offset: int, place: Place) -> Place:
    before = text[:offset]
    line = before.count("\n") + 1
    return place.shifted(line, offset - (before.rfind("\n") + 1) + 1)


def _word_at(text: str, offset: int) -> str:
    words = text[offset : offset + 40].split()
    return words[0] if words else ""
