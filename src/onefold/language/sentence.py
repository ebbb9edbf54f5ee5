"""A tree in plain English, for people who decide what a rule should be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import singledispatchmethod

from onefold.core.instant import DAY, HOUR, MINUTE, SECOND, format_instant
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
from onefold.language.functions.days_to import period_name
from onefold.language.literals import shifted
from onefold.language.normal import push_not

_COMPARISONS = {
    "=": "is",
    "<>": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
_COUNTED = {"=": "", "<>": "not ", "<": "fewer than ", "<=": "at most ", ">": "more than ", ">=": "at least "}
_IN_TIME = {"<": "is before", "<=": "is at the latest", ">": "is after", ">=": "is at the earliest"}
_TIMES = frozenset((Kind.DATE, Kind.INSTANT))
_OPERATIONS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_SEGMENT = "segment."  # in_segment('x') stands for the name segment.x
_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def sentence(node: Node, *, money_scale: int = 2) -> str:
    """Say what an expression means; ``money_scale`` is the number of decimals of the currency.

    >>> left = Compare(">", Name("amount", Kind.MONEY), Literal(Decimal(10000), Kind.MONEY))
    >>> right = Compare("=", Name("category", Kind.CATEGORY), Literal("travel", Kind.CATEGORY))
    >>> sentence(And((left, right)))
    'the amount is more than 100 and the category is travel'
    """
    return _Teller(money_scale).say(push_not(node))


class _Teller:
    def __init__(self, money_scale: int) -> None:
        self._money_scale = money_scale

    @singledispatchmethod
    def say(self, node: object) -> str:
        """Return the phrase for a node."""
        raise TypeError(f"{node!r} is no node of the language")

    @say.register
    def _(self, node: Literal) -> str:
        value = node.value
        if value is None:
            return "unknown"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value if value and value == value.strip() and value.isprintable() else f'"{value}"'
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            scale = self._money_scale if node.kind is Kind.MONEY else 0
            return plain(shifted(value, -scale))
        return format_instant(value) if node.kind is Kind.INSTANT else in_units(value)

    @say.register
    def _(self, node: Name) -> str:
        if node.name.startswith(_SEGMENT):
            return f"in the segment {node.name.removeprefix(_SEGMENT)}"
        return "the " + node.name.replace(".", " ").replace("_", " ")

    @say.register
    def _(self, _: Today) -> str:
        return "today"

    @say.register
    def _(self, node: Not) -> str:
        operand = node.operand
        if isinstance(operand, IsNull):
            return f"{self.say(operand.operand)} is known"
        if isinstance(operand, In):
            return f"{self.say(operand.operand)} is none of {_listed(self._said(operand.items), 'or')}"
        if isinstance(operand, Like):
            return f"{self.say(operand.operand)} does not look like {operand.pattern}"
        if isinstance(operand, Name):
            said = self.say(operand)
            return f"not {said}" if operand.name.startswith(_SEGMENT) else f"{_bare(said)} is not true"
        return f"it is not so that {self.say(operand)}"

    @say.register
    def _(self, node: And) -> str:
        return " and ".join(self._grouped(operand) for operand in node.operands)

    @say.register
    def _(self, node: Or) -> str:
        return " or ".join(self._grouped(operand) for operand in node.operands)

    @say.register
    def _(self, node: Compare) -> str:
        if isinstance(node.left, Call) and node.left.function == "DAYS_TO" and isinstance(node.right, Literal):
            return self._counted(node.op, node.left, node.right)
        timely = node.left.kind in _TIMES and node.op in _IN_TIME
        words = (_IN_TIME if timely else _COMPARISONS)[node.op]
        return f"{self.say(node.left)} {words} {self.say(node.right)}"

    @say.register
    def _(self, node: In) -> str:
        return f"{self.say(node.operand)} is one of {_listed(self._said(node.items), 'or')}"

    @say.register
    def _(self, node: Like) -> str:
        return f"{self.say(node.operand)} looks like {node.pattern}"

    @say.register
    def _(self, node: IsNull) -> str:
        return f"{self.say(node.operand)} is unknown"

    @say.register
    def _(self, node: Arithmetic) -> str:
        return f"{self._term(node.left)} {_OPERATIONS[node.op]} {self._term(node.right)}"

    @say.register
    def _(self, node: Negate) -> str:
        return f"minus {self._term(node.operand)}"

    @say.register
    def _(self, node: Case) -> str:
        branches = [f"{self.say(value)} if {self.say(condition)}" for condition, value in node.branches]
        return f"({'; '.join(branches)}; otherwise {self.say(node.default)})"

    @say.register
    def _(self, node: Call) -> str:
        return REGISTRY[node.function].sentence(self._said(node.arguments))

    def _counted(self, op: str, days_to: Call, literal: Literal) -> str:
        """Return "there are at most 28 days to summer": better than "the number of days to summer is at most 28"."""
        count, period = self.say(literal), period_name(self.say(days_to.arguments[0]))
        are, days = ("is", "day") if count == "1" else ("are", "days")
        return f"there {are} {_COUNTED[op]}{count} {days} to {period}"

    def _said(self, nodes: Sequence[Node]) -> list[str]:
        return [self.say(node) for node in nodes]

    def _grouped(self, node: Node) -> str:
        """Return a member of AND or OR; one that joins others itself is set apart."""
        if isinstance(node, Name) and not node.name.startswith(_SEGMENT):
            return f"{_bare(self.say(node))} is true"
        return f"({self.say(node)})" if isinstance(node, (And, Or)) else self.say(node)

    def _term(self, node: Node) -> str:
        return f"({self.say(node)})" if isinstance(node, Arithmetic) else self.say(node)


def _bare(said: str) -> str:
    """Return the name of a condition without its article: "has loan is true" reads better than "the has loan"."""
    return said.removeprefix("the ")


def plain(value: Decimal) -> str:
    """Write a number as people do, without exponent and trailing zeros.

    >>> plain(Decimal("1E+2")), plain(Decimal("12.50"))
    ('100', '12.5')
    """
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text.strip("-0.") else "0"


def in_units(duration: int) -> str:
    """Write a duration in its largest whole unit.

    >>> in_units(3 * DAY), in_units(HOUR)
    ('3 days', '1 hour')
    """
    for size, word in _UNITS:
        if duration % size == 0:
            count = duration // size
            return f"{count} {word}" if count in (1, -1) else f"{count} {word}s"
    return f"{duration} microseconds"


def _listed(words: Sequence[str], joint: str) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
