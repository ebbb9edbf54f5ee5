"""Negations pushed to the leaves, where "is true" of three-valued logic is plain comparison."""

from __future__ import annotations

from onefold.language.ast import And, Arithmetic, Call, Case, Compare, In, IsNull, Like, Negate, Node, Not, Or

_INVERSE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def push_not(node: Node) -> Node:
    """Return an equivalent tree (unknown where the given one is) with NOT only directly above leaves.

    A comparison under NOT becomes the inverse comparison; AND and OR change places by De Morgan's laws.
    Conditions inside CASE, calls and IS NULL are treated alike.

    >>> from onefold.language.ast import Kind, Name
    >>> x, y = Name("x", Kind.NUMBER), Name("y", Kind.NUMBER)
    >>> push_not(Not(Compare("<", x, y))) == Compare(">=", x, y)
    True
    """
    return _pushed(node, negated=False)


def _pushed(node: Node, *, negated: bool) -> Node:
    match node:
        case Not():
            return _pushed(node.operand, negated=not negated)
        case And() | Or():
            made = And if isinstance(node, And) is not negated else Or
            return made(_joined(node.operands, made, negated=negated))
        case Compare():
            op = _INVERSE[node.op] if negated else node.op
            return Compare(op, push_not(node.left), push_not(node.right))
        case _:
            inner = _inside(node)
            return Not(inner) if negated else inner


def _joined(operands: tuple[Node, ...], made: type[And | Or], *, negated: bool) -> tuple[Node, ...]:
    """Push into operands and take up those that became of the same sort, so that AND stays flat."""
    found: list[Node] = []
    for operand in operands:
        pushed = _pushed(operand, negated=negated)
        if isinstance(pushed, (And, Or)) and isinstance(pushed, made):
            found.extend(pushed.operands)
        else:
            found.append(pushed)
    return tuple(found)


def _inside(node: Node) -> Node:
    """Rebuild a leaf of the logic with its own operands treated alike."""
    match node:
        case In():
            return In(push_not(node.operand), node.items)
        case Like():
            return Like(push_not(node.operand), node.pattern)
        case IsNull():
            return IsNull(push_not(node.operand))
        case Arithmetic():
            return Arithmetic(node.op, push_not(node.left), push_not(node.right), node.kind)
        case Negate():
            return Negate(push_not(node.operand), node.kind)
        case Case():
            branches = tuple((push_not(condition), push_not(value)) for condition, value in node.branches)
            return Case(branches, push_not(node.default), node.kind)
        case Call():
            return Call(node.function, tuple(push_not(argument) for argument in node.arguments), node.kind)
        case _:
            return node
