"""Expressions of the catalogue made ready to run, and to be explained leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from onefold.decisions.expressions import CHANNEL
from onefold.language.ast import And, Case, Kind, Literal, Name, Node, Or
from onefold.language.lineage import names_of
from onefold.language.literals import shifted
from onefold.language.normal import push_not
from onefold.language.to_python import to_python
from onefold.language.tree import children, walk
from onefold.language.values import Evaluate, Row, number_of

Exact = Decimal | float | None


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A condition without AND and OR; ``names`` are what it reads, each once, in the order in which they stand."""

    node: Node
    run: Evaluate
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """AND (``every``) or OR over parts, with its own three-valued truth."""

    every: bool
    run: Evaluate
    parts: tuple[Logic, ...]


Logic = Leaf | Joint


class Expression:
    """One expression: :attr:`run` gives its value, the rest serves explanations and is made when first asked for."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.run = to_python(node)
        self.by_channel = CHANNEL in names_of(node)

    @cached_property
    def logic(self) -> Logic:
        """The condition as leaves joined by AND and OR, with NOT pushed into the leaves."""
        return _logic(push_not(self.node))

    @cached_property
    def cases(self) -> tuple[Cases, ...]:
        """Every CASE in it that is not inside another."""
        return _cases(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A CASE: each condition with those inside its value; the last, without condition, is the default."""

    branches: tuple[tuple[Expression | None, tuple[Cases, ...]], ...]


def expression(node: Node | None) -> Expression | None:
    """Compile an expression that may be missing."""
    return None if node is None else Expression(node)


def _logic(node: Node) -> Logic:
    if isinstance(node, (And, Or)):
        return Joint(isinstance(node, And), to_python(node), tuple(map(_logic, node.operands)))
    names = {part.name: part for part in walk(node) if isinstance(part, Name)}
    return Leaf(node, to_python(node), tuple(names.values()))


def _cases(node: Node) -> tuple[Cases, ...]:
    if isinstance(node, Case):
        branches = [(Expression(condition), _cases(value)) for condition, value in node.branches]
        return (Cases((*branches, (None, _cases(node.default)))),)
    return tuple(found for child in children(node) for found in _cases(child))


def exact(node: Node, money_scale: int) -> Callable[[Row, int], Exact]:
    """Compile a number or an amount to its value in major units: ``Decimal`` as written where a constant is chosen.

    >>> exact(Literal(Decimal("3.40"), Kind.NUMBER), 2)({}, 0)
    Decimal('3.40')
    """
    places = money_scale if node.kind is Kind.MONEY else 0
    if isinstance(node, Literal):
        constant = shifted(node.value, -places) if isinstance(node.value, Decimal) else None
        return lambda _row, _today: constant
    if isinstance(node, Case):
        branches = [(to_python(condition), exact(value, money_scale)) for condition, value in node.branches]
        default = exact(node.default, money_scale)

        def chosen(row: Row, today: int) -> Exact:
            value = next((value for condition, value in branches if condition(row, today) is True), default)
            return value(row, today)

        return chosen
    run, unit = to_python(node), float(10**places)

    def worked_out(row: Row, today: int) -> Exact:
        value = run(row, today)
        return None if value is None else number_of(value) / unit

    return worked_out
