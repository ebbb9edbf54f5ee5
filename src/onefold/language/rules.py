"""Which kinds go together (SEMANTICS section 4): no implicit casts; arithmetic of money and of dates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from onefold.core.instant import DAY
from onefold.language.ast import Arithmetic, Call, Compare, Kind, Literal, Node
from onefold.language.literals import in_minor_units
from onefold.language.refusal import Refusal, in_words

_ORDERED = frozenset((Kind.NUMBER, Kind.MONEY, Kind.CATEGORY, Kind.DATE, Kind.INSTANT, Kind.DURATION))
_TABLE = {
    ("+", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("-", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("*", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("/", Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    ("+", Kind.MONEY, Kind.MONEY): Kind.MONEY,
    ("-", Kind.MONEY, Kind.MONEY): Kind.MONEY,
    ("*", Kind.MONEY, Kind.NUMBER): Kind.MONEY,
    ("*", Kind.NUMBER, Kind.MONEY): Kind.MONEY,
    ("/", Kind.MONEY, Kind.NUMBER): Kind.MONEY,
    ("/", Kind.MONEY, Kind.MONEY): Kind.NUMBER,
    ("-", Kind.DATE, Kind.DATE): Kind.NUMBER,
    ("+", Kind.DATE, Kind.NUMBER): Kind.DATE,
    ("-", Kind.DATE, Kind.NUMBER): Kind.DATE,
    ("-", Kind.INSTANT, Kind.INSTANT): Kind.DURATION,
    ("+", Kind.INSTANT, Kind.DURATION): Kind.INSTANT,
    ("-", Kind.INSTANT, Kind.DURATION): Kind.INSTANT,
    ("+", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("-", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("*", Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    ("*", Kind.NUMBER, Kind.DURATION): Kind.DURATION,
    ("/", Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    ("/", Kind.DURATION, Kind.DURATION): Kind.NUMBER,
}
_SWAPPED = frozenset(((Kind.NUMBER, Kind.DATE), (Kind.DURATION, Kind.INSTANT)))


def fitted(nodes: Sequence[Node], money_scale: int) -> tuple[tuple[Node, ...], Kind]:
    """Bring operands to one kind: NULL fits all, and a number literal beside money becomes money.

    Returns the operands and their kind (``null`` only where all are NULL); raises :class:`Refusal`.
    """
    kinds = [node.kind for node in nodes if node.kind is not Kind.NULL]
    if Kind.MONEY in kinds:
        nodes = [_as_money(node, money_scale, at) for at, node in enumerate(nodes)]
        kinds = [node.kind for node in nodes if node.kind is not Kind.NULL]
    first = kinds[0] if kinds else Kind.NULL
    for at, node in enumerate(nodes):
        if node.kind not in (first, Kind.NULL):
            why = f"{in_words(first)} and {in_words(node.kind)} do not go together"
            raise Refusal(why, _remedy({first, node.kind}), operand=at)
    return tuple(nodes), first


def _as_money(node: Node, money_scale: int, at: int) -> Node:
    if not isinstance(node, Literal) or node.kind is not Kind.NUMBER:
        return node
    try:
        return in_minor_units(node, money_scale)
    except Refusal as refusal:
        raise Refusal(refusal.why, refusal.remedy, operand=at) from None


def _remedy(kinds: set[Kind]) -> str:
    if kinds == {Kind.MONEY, Kind.NUMBER}:
        return "Write the amount as one plain number (in major units), or divide money by money for a ratio."
    if kinds == {Kind.DATE, Kind.CATEGORY}:
        return "Write dates as DATE '2026-01-31'."
    if kinds == {Kind.INSTANT, Kind.CATEGORY}:
        return "Write instants as TIMESTAMP '2026-01-31T09:00:00Z'."
    if kinds == {Kind.DURATION, Kind.NUMBER}:
        return "Write durations as INTERVAL 3 DAY."
    if kinds == {Kind.NUMBER, Kind.CATEGORY}:
        return "Write texts in quotes and numbers without."
    if kinds == {Kind.BOOLEAN, Kind.NUMBER}:
        return "Write TRUE or FALSE, or use the condition by itself."
    return "Nothing is converted by itself: use values of one kind."


def compare(op: str, left: Node, right: Node, money_scale: int) -> Compare:
    """Type a comparison; conditions know only = and <>, and NULL is asked for by IS NULL."""
    for at, node in enumerate((left, right)):
        if node.kind is Kind.NULL:
            negated = "NOT " if op == "<>" else ""
            raise Refusal("a comparison with NULL is never true", f"Write IS {negated}NULL.", operand=at)
    (left, right), kind = fitted((left, right), money_scale)
    if kind not in _ORDERED and op not in ("=", "<>"):
        raise Refusal(f"{in_words(kind)} has no order", "Use = or <>, or AND, OR, NOT.", operand=0)
    return Compare(op, left, right)


def arithmetic(op: str, left: Node, right: Node, money_scale: int) -> Node:
    """Type an operation of + - * /; days added to a date are rounded to whole ones, halves away from zero."""
    for at, node in enumerate((left, right)):
        if node.kind is Kind.NULL:
            raise Refusal("arithmetic with NULL is always NULL", "Remove it.", operand=at)
    if op == "+" and (left.kind, right.kind) in _SWAPPED:
        left, right = right, left
    if op in ("+", "-"):
        left, right = _beside_money(left, right, money_scale)
    if left.kind is Kind.DATE and right.kind is Kind.DURATION:
        right = _whole_days(right)
    kind = _TABLE.get((op, left.kind, right.kind))
    if kind is None:
        why = f"{in_words(left.kind)} {op} {in_words(right.kind)} has no meaning"
        raise Refusal(why, _remedy({left.kind, right.kind}), operand=1)
    if kind is Kind.DATE:
        right = _whole(right)
    return Arithmetic(op, left, right, kind)


def _beside_money(left: Node, right: Node, money_scale: int) -> tuple[Node, Node]:
    if Kind.MONEY not in (left.kind, right.kind):
        return left, right
    return _as_money(left, money_scale, 0), _as_money(right, money_scale, 1)


def _whole_days(duration: Node) -> Literal:
    if isinstance(duration, Literal) and isinstance(duration.value, int) and duration.value % DAY == 0:
        return Literal(Decimal(duration.value // DAY), Kind.NUMBER)
    why = "only whole days can be added to a date"
    raise Refusal(why, "Write INTERVAL 3 DAY (or WEEK, MONTH, YEAR), or a number of days.", operand=1)


def _whole(days: Node) -> Node:
    """Wrap days in ROUND unless they are whole as they stand."""
    if isinstance(days, Literal) and isinstance(days.value, Decimal) and days.value == int(days.value):
        return days
    if isinstance(days, Call) and days.function in ("ROUND", "LENGTH") and len(days.arguments) == 1:
        return days
    return Call("ROUND", (days,), Kind.NUMBER)
