"""Python, NumPy and DuckDB give the same value, to the last bit, for random trees over random rows."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from tests.language.backends import TODAY, on_all
from tests.language.generators import SCOPE, any_node, condition_nodes, rows
from tests.language.rendering import to_text

from onefold.language.ast import And, Node, Not, Or
from onefold.language.normal import push_not
from onefold.language.parse import parse
from onefold.language.sentence import sentence
from onefold.language.to_python import to_python
from onefold.language.tree import walk
from onefold.language.values import Row

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(deadline=None, max_examples=300, suppress_health_check=_SLOW)
@given(any_node, rows)
def test_the_three_backends_agree(node: Node, rows: Sequence[Row]) -> None:
    on_all(node, rows)


@settings(deadline=None, max_examples=120, suppress_health_check=_SLOW)
@given(any_node)
def test_text_comes_back_as_the_same_tree(node: Node) -> None:
    assert parse(to_text(node), SCOPE) == node


@settings(deadline=None, max_examples=120, suppress_health_check=_SLOW)
@given(condition_nodes, rows)
def test_push_not_changes_no_value(node: Node, rows: Sequence[Row]) -> None:
    pushed = push_not(node)
    before, after = to_python(node), to_python(pushed)
    assert [after(row, TODAY) for row in rows] == [before(row, TODAY) for row in rows]
    for part in walk(pushed):
        assert not (isinstance(part, Not) and isinstance(part.operand, (Not, And, Or)))


@settings(deadline=None, max_examples=60, suppress_health_check=_SLOW)
@given(any_node)
def test_every_tree_has_a_sentence(node: Node) -> None:
    assert sentence(node).strip()
