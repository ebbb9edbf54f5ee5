"""A tree to DuckDB SQL: every name quoted, every constant escaped, never NaN nor infinity.

Columns are expected as DOUBLE (money in minor units, dates in days, instants and durations in microseconds),
BOOLEAN and VARCHAR. A result of + - * that is not finite stays so through further + - *, so that one guard
around a chain is enough; divisors and everything that leaves the chain are guarded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatchmethod

from onefold.language.ast import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    In,
    IsNull,
    Like,
    Literal,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Today,
)
from onefold.language.constants import value_of
from onefold.language.functions import REGISTRY, sql


def quote_identifier(name: str) -> str:
    """Quote a column name.

    >>> quote_identifier('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def to_duckdb(node: Node, *, column: Callable[[str], str] = quote_identifier, today: int | None = None) -> str:
    """Compile to the text of a scalar SQL expression.

    ``column`` renders a name (it must quote); ``today`` is CURRENT_DATE in days since 1970-01-01. Raises
    ``ValueError`` where the expression needs it and it is not given.

    >>> from onefold.language.ast import Kind
    >>> print(to_duckdb(Compare("=", Name("x", Kind.CATEGORY), Literal("it's", Kind.CATEGORY))))
    ("x" = 'it''s')
    """
    return _Writer(today, column).text(node)


@dataclass(frozen=True, slots=True)
class _Writer:
    today: int | None
    column: Callable[[str], str]

    def text(self, node: Node) -> str:
        """Return SQL whose value is finite."""
        written = self.raw(node)
        return sql.finite(written) if _may_overflow(node) else written

    @singledispatchmethod
    def raw(self, node: object) -> str:
        """Return SQL that may still be NaN or infinite."""
        raise TypeError(f"{node!r} is no node of the language")

    @raw.register
    def _(self, node: Literal) -> str:
        value = value_of(node)
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        return sql.text(value) if isinstance(value, str) else sql.double(value)

    @raw.register
    def _(self, node: Name) -> str:
        return self.column(node.name)

    @raw.register
    def _(self, _: Today) -> str:
        if self.today is None:
            raise ValueError("the expression uses CURRENT_DATE, but today is not given")
        return sql.double(self.today)

    @raw.register
    def _(self, node: Not) -> str:
        return f"(NOT {self.text(node.operand)})"

    @raw.register
    def _(self, node: And) -> str:
        return f"({' AND '.join(map(self.text, node.operands))})"

    @raw.register
    def _(self, node: Or) -> str:
        return f"({' OR '.join(map(self.text, node.operands))})"

    @raw.register
    def _(self, node: Compare) -> str:
        return f"({self.text(node.left)} {node.op} {self.text(node.right)})"

    @raw.register
    def _(self, node: In) -> str:
        return f"({self.text(node.operand)} IN ({', '.join(map(self.text, node.items))}))"

    @raw.register
    def _(self, node: Like) -> str:
        return f"({self.text(node.operand)} LIKE {sql.text(node.pattern)})"

    @raw.register
    def _(self, node: IsNull) -> str:
        return f"({self.text(node.operand)} IS NULL)"

    @raw.register
    def _(self, node: Arithmetic) -> str:
        right = self.text(node.right) if node.op == "/" else self.raw(node.right)
        return f"({self.raw(node.left)} {node.op} {right})"

    @raw.register
    def _(self, node: Negate) -> str:
        return f"(-{self.raw(node.operand)})"

    @raw.register
    def _(self, node: Case) -> str:
        branches = "".join(
            f" WHEN {self.text(condition)} THEN {self.text(value)}" for condition, value in node.branches
        )
        return f"(CASE{branches} ELSE {self.text(node.default)} END)"

    @raw.register
    def _(self, node: Call) -> str:
        arguments = [self.text(argument) for argument in node.arguments]
        return REGISTRY[node.function].sql(node, arguments)


def _may_overflow(node: Node) -> bool:
    if isinstance(node, Negate):
        return _may_overflow(node.operand)
    return isinstance(node, Arithmetic)
