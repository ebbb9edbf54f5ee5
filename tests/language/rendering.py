"""A tree back to text, for round trips: fully parenthesised, money in major units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from onefold.core.instant import format_instant
from onefold.language.ast import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    In,
    IsNull,
    Kind,
    Like,
    Literal,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Today,
)
from onefold.language.literals import shifted


def to_text(node: Node) -> str:  # noqa: C901 - one line a node
    match node:
        case Literal():
            return literal(node)
        case Name():
            return node.name
        case Today():
            return "CURRENT_DATE"
        case Not():
            return f"(NOT {to_text(node.operand)})"
        case And():
            return "(" + " AND ".join(map(to_text, node.operands)) + ")"
        case Or():
            return "(" + " OR ".join(map(to_text, node.operands)) + ")"
        case Compare():
            return f"({to_text(node.left)} {node.op} {to_text(node.right)})"
        case In():
            return f"({to_text(node.operand)} IN ({', '.join(map(literal, node.items))}))"
        case Like():
            return f"({to_text(node.operand)} LIKE {quoted(node.pattern)})"
        case IsNull():
            return f"({to_text(node.operand)} IS NULL)"
        case Arithmetic():
            return f"({to_text(node.left)} {node.op} {to_text(node.right)})"
        case Negate():
            return f"(-{to_text(node.operand)})"
        case Case():
            branches = " ".join(f"WHEN {to_text(when)} THEN {to_text(then)}" for when, then in node.branches)
            return f"CASE {branches} ELSE {to_text(node.default)} END"
        case Call():
            return call(node)


def call(node: Call) -> str:
    if node.function == "ADD_MONTHS":
        return f"({to_text(node.arguments[0])} + INTERVAL '{to_text(node.arguments[1])}' MONTH)"
    arguments = list(node.arguments)
    if node.function == "ROUND" and node.kind is Kind.MONEY:
        literal = arguments[1] if len(arguments) == 2 else None
        digits = literal.value if isinstance(literal, Literal) else Decimal(0)
        assert isinstance(digits, Decimal)
        return f"ROUND({to_text(arguments[0])}, {digits + 2})"
    return f"{node.function}({', '.join(map(to_text, arguments))})"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(node: Literal) -> str:
    value = node.value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, Decimal):
        return str(shifted(value, -2) if node.kind is Kind.MONEY else value)
    if node.kind is Kind.INSTANT:
        return f"TIMESTAMP '{format_instant(value)}'"
    return f"INTERVAL '{value}' MICROSECOND"
