"""A condition as an analyst would write it: SQL with as few parentheses as its meaning allows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from onefold.core.instant import DAY, format_instant
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
from onefold.language.functions import REGISTRY
from onefold.language.functions.base import Reach
from onefold.language.literals import shifted
from onefold.language.sentence import plain
from onefold.segments.definitions import REFERENCES

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _ATOM = range(7)
_SEGMENT = REFERENCES["IN_SEGMENT"]


def written(node: Node, *, money_scale: int = 2) -> str:
    """Write an expression out; ``money_scale`` is the number of decimals of the currency.

    >>> from onefold.language.ast import Kind
    >>> x = Name("x", Kind.NUMBER)
    >>> written(Not(IsNull(Arithmetic("*", x, Arithmetic("+", x, x, Kind.NUMBER), Kind.NUMBER))))
    'x * (x + x) IS NOT NULL'
    """
    return _Writer(money_scale).at_least(node, _OR)


class _Writer:
    def __init__(self, money_scale: int) -> None:
        self._money_scale = money_scale

    def at_least(self, node: Node, binding: int) -> str:
        """Return the text of an operand, in parentheses if it binds less tightly than its place demands."""
        text, own = self._told(node)
        return f"({text})" if own < binding else text

    def _told(self, node: Node) -> tuple[str, int]:
        match node:
            case Or():
                return " OR ".join(self.at_least(part, _AND) for part in node.operands), _OR
            case And():
                return " AND ".join(self.at_least(part, _NOT) for part in node.operands), _AND
            case Not() | Compare() | In() | Like() | IsNull():
                return self._condition(node)
            case Arithmetic():
                own = _SUM if node.op in "+-" else _PRODUCT
                return f"{self.at_least(node.left, own)} {node.op} {self.at_least(node.right, own + 1)}", own
            case _:
                return self._atom(node), _ATOM

    def _condition(self, node: Not | Compare | In | Like | IsNull) -> tuple[str, int]:
        match node:
            case Not(operand=In() | Like() | IsNull() as inner):
                return self._test(inner, "NOT "), _COMPARISON
            case Not():
                return f"NOT {self.at_least(node.operand, _COMPARISON)}", _NOT
            case Compare():
                return f"{self.at_least(node.left, _SUM)} {node.op} {self.at_least(node.right, _SUM)}", _COMPARISON
            case _:
                return self._test(node, ""), _COMPARISON

    def _test(self, node: In | Like | IsNull, negation: str) -> str:
        operand = self.at_least(node.operand, _SUM)
        match node:
            case In():
                return f"{operand} {negation}IN ({', '.join(map(self._literal, node.items))})"
            case Like():
                return f"{operand} {negation}LIKE {_quoted(node.pattern)}"
            case _:
                return f"{operand} IS {negation}NULL"

    def _atom(self, node: Node) -> str:
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                segment = node.name.removeprefix(_SEGMENT)
                return f"in_segment({_quoted(segment)})" if segment != node.name else node.name
            case Today():
                return "CURRENT_DATE"
            case Negate():
                operand = self.at_least(node.operand, _ATOM)
                return f"-({operand})" if operand.startswith("-") else f"-{operand}"  # two dashes are a comment
            case Case():
                branches = [
                    f"WHEN {self.at_least(condition, _OR)} THEN {self.at_least(value, _OR)}"
                    for condition, value in node.branches
                ]
                return f"CASE {' '.join(branches)} ELSE {self.at_least(node.default, _OR)} END"
            case Call():
                return self._call(node)
            case _:
                raise AssertionError(node)

    def _call(self, node: Call) -> str:
        function = REGISTRY[node.function]
        arguments = [self.at_least(argument, _OR) for argument in function.shown(node)]
        if function.reach is Reach.GENOME:
            return f"{node.function.lower()}({', '.join(arguments)})"
        if node.function == "ADD_MONTHS":
            return f"({arguments[0]} + INTERVAL '{arguments[1]}' MONTH)"
        digits = node.arguments[-1]
        if node.function == "ROUND" and node.kind is Kind.MONEY:  # digits count from the minor unit inside
            own = digits.value if len(arguments) == 2 and isinstance(digits, Literal) else Decimal(0)
            assert isinstance(own, Decimal)
            return f"ROUND({arguments[0]}, {int(own) + self._money_scale})"
        return f"{node.function}({', '.join(arguments)})"

    def _literal(self, node: Literal) -> str:
        value = node.value
        if value is None or isinstance(value, bool):
            return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
        if isinstance(value, str):
            return _quoted(value)
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, Decimal):
            return plain(shifted(value, -self._money_scale) if node.kind is Kind.MONEY else value)
        if node.kind is Kind.INSTANT:
            return f"TIMESTAMP '{format_instant(value)}'"
        return f"INTERVAL '{value // DAY}' DAY" if value % DAY == 0 else f"INTERVAL '{value}' MICROSECOND"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
