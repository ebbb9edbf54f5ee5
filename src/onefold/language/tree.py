"""Walking and measuring trees: the children of every node, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from onefold.language.ast import And, Arithmetic, Call, Case, Compare, In, IsNull, Like, Negate, Node, Not, Or

MAX_NODES = 5_000
MAX_DEPTH = 100


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct operands of a node; leaves have none."""
    match node:
        case Not() | Negate() | IsNull() | Like():
            return (node.operand,)
        case And() | Or():
            return node.operands
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case In():
            return (node.operand, *node.items)
        case Case():
            return (*(part for branch in node.branches for part in branch), node.default)
        case Call():
            return node.arguments
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, each part before its operands."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


@dataclass(frozen=True, slots=True)
class Size:
    """How large a tree is when written out: BETWEEN and CASE repeat their subject."""

    nodes: int
    depth: int


def measured(node: Node) -> Size:
    """Return the size of a tree, without recursion and in time linear in its distinct parts."""
    sizes: dict[int, Size] = {}
    pending = [(node, False)]
    while pending:
        current, below_done = pending.pop()
        if id(current) in sizes:
            continue
        inner = children(current)
        if not below_done:
            pending.append((current, True))
            pending.extend((child, False) for child in inner)
            continue
        parts = [sizes[id(child)] for child in inner]
        nodes = 1 + sum(part.nodes for part in parts)
        sizes[id(current)] = Size(nodes, 1 + max((part.depth for part in parts), default=0))
    return sizes[id(node)]
