"""The list of what sqlglot's tree may hold is closed: other nodes and other arguments are refused."""

from __future__ import annotations

import pytest
from sqlglot import exp

from onefold.language.ast import Kind, Literal
from onefold.language.convert import Converter, Poisoned
from onefold.language.grammar import tree_of
from onefold.language.lexer import read
from onefold.language.literals import negated, number
from onefold.language.scope import Scope

SCOPE = Scope({"n": Kind.NUMBER, "c": Kind.CATEGORY, "b": Kind.BOOLEAN})


def refused(tree: exp.Expr, text: str) -> str:
    converter = Converter(read(text), SCOPE)
    with pytest.raises(Poisoned):
        converter.node(tree)
    ((_, problem),) = converter.problems
    return problem.why


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("n = 1", "comments_of_another_release"),
        ("n IN (1)", "query"),
        ("c LIKE 'x'", "escape"),
        ("n / 2", "typed"),
        ("n / 2", "safe"),
        ("ABS(n)", "distinct"),
        ("CASE WHEN b THEN 1 END", "fallback"),
        ("n BETWEEN 1 AND 2", "symmetric"),
        ("NOT b", "expression"),
    ],
)
def test_an_argument_that_is_not_listed_is_refused(text: str, argument: str) -> None:
    tree = tree_of(read(text), text)
    tree.args[argument] = True
    assert refused(tree, text) == f"{argument.upper()} is not part of the language"


def test_nodes_that_are_not_listed_are_refused() -> None:
    inner = tree_of(read("n"), "n")
    for made in (exp.Lambda, exp.Subquery, exp.Cast, exp.Window, exp.Star, exp.Bracket, exp.Tuple, exp.ILike):
        assert "is not part of the language" in refused(made(this=inner.copy()), "n")
    assert "COMMAND" in refused(exp.Command(this="n"), "n")


def test_every_sqlglot_function_is_but_a_name_here() -> None:
    """No function of sqlglot's catalogue is built as such: all calls come as anonymous ones."""
    for name in ("COALESCE", "SUBSTRING", "CAST", "IF", "EXTRACT", "DATE_ADD", "CONCAT", "MOD", "NVL"):
        assert isinstance(tree_of(read(f"{name}(n, n)"), f"{name}(n, n)"), exp.Anonymous)


def test_a_minus_keeps_every_digit() -> None:
    digits = "0." + "1234567890" * 5
    assert str(negated(number(digits)).value) == f"-{digits}"
    assert negated(Literal(5, Kind.DURATION)) == Literal(-5, Kind.DURATION)
