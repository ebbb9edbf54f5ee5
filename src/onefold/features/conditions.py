"""Many predicates over genomes at once: of one customer in some microseconds, of thousands without Python for each.

Every distinct condition is a row of a table and tested once; each AND and OR is a row of another. A condition on one
column becomes an interval or a set of its words, as filters do (:mod:`onefold.features.lower`); what is no such test
is worked out in NumPy for all customers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features import joints, tables
from onefold.features.binding import codes_of_test
from onefold.features.definitions import AGE
from onefold.features.genomes import Genomes
from onefold.features.lower import LARGEST, Test, category, interval
from onefold.features.plan import Plan
from onefold.features.texts import TextTable
from onefold.language.ast import And, Compare, Literal, Name, Node, Or
from onefold.language.columns import Column, true_mask
from onefold.language.lineage import names_of, uses_today
from onefold.language.to_numpy import to_numpy

Numbers = NDArray[np.int64]
Truths = NDArray[np.uint8]
_LEAST, _MOST = tables.NEVER * -1, tables.NEVER
_KINDS = {tables.BETWEEN: joints.BETWEEN, tables.OUTSIDE: joints.OUTSIDE, tables.IN_SET: joints.IN_SET,
          tables.NOT_IN_SET: joints.NOT_IN_SET}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Within:
    """A condition on a column of doubles: in a closed interval, or outside it; NULL is neither."""

    word: int
    low: float
    high: float
    outside: bool


class Conditions:
    """The conditions of predicates that have NOT at their leaves only, and how AND and OR join them.

    ``apart`` says which of them the caller tells, such as those that ask for segments.
    """

    def __init__(self, plan: Plan, predicates: Mapping[str, Node], *, apart: Callable[[Node], bool]) -> None:
        leaves = list(dict.fromkeys(leaf for node in predicates.values() for leaf in leaves_of(node)))
        self.leaves = {leaf: at for at, leaf in enumerate(leaves)}
        """The number of each condition: its column among truths."""
        self._tests: dict[int, Test | _Within] = {}
        self._rest: dict[int, Callable[..., Column]] = {}
        for leaf, at in self.leaves.items():
            found = None if apart(leaf) else _test(leaf, plan)
            if found is not None:
                self._tests[at] = found
            elif not apart(leaf):
                self._rest[at] = to_numpy(leaf)
        self._rows: list[tuple[int, int, int]] = []
        self._parts: list[int] = []
        self._places = {name: self._add(node) for name, node in predicates.items()}
        self._joints = np.array(self._rows, np.int64).reshape(-1, joints.JOINT_WIDTH)
        self._children = np.array(self._parts, np.int64)
        self._bound: tuple[int, Numbers, Numbers] | None = None

    def _add(self, node: Node) -> tuple[int, int, int]:
        """Append a predicate's joints; return its own column, and the first and the end of its joints."""
        first = len(self._rows)
        column = self._column(node)
        return column, first, len(self._rows)

    def _column(self, node: Node) -> int:
        if not isinstance(node, And | Or):
            return self.leaves[node]
        parts = [self._column(part) for part in node.operands]
        begin = len(self._parts)
        self._parts += parts
        self._rows.append((int(isinstance(node, Or)), begin, len(self._parts)))
        return len(self.leaves) + len(self._rows) - 1

    def truths(self, genomes: Genomes, today: int, columns: Mapping[str, Column] | None = None) -> Truths:
        """Return a column for each condition and each joint, 1 where it is true; conditions apart count as not true.

        ``today`` is the local day of the genomes' now, ``columns`` what the conditions may name (else the genome's).
        """
        tests, sets = self._bind(genomes.texts)
        words = np.ascontiguousarray(genomes.words)
        found = np.zeros((len(words), len(self.leaves) + len(self._joints)), np.uint8)
        joints.test(words, words.view(np.float64), tests, tests.view(np.float64), sets, found)
        for at, run in self._rest.items():
            found[:, at] = true_mask(run(columns or genomes.columns, today, len(words)))
        joints.join(self._joints, self._children, len(self.leaves), 0, len(self._joints), found)
        return found

    def tell(self, truths: Truths, name: str, told: Mapping[Node, NDArray[np.bool_]]) -> None:
        """Take in the truths of conditions that stood apart, and join a predicate again."""
        for leaf, true in told.items():
            truths[:, self.leaves[leaf]] = true
        _, first, end = self._places[name]
        joints.join(self._joints, self._children, len(self.leaves), first, end, truths)

    def of(self, truths: Truths, name: str) -> NDArray[np.bool_]:
        """Return for whom a predicate is true."""
        return np.asarray(truths[:, self._places[name][0]] != 0)

    def join_until(self, truths: Truths, sure: Numbers, name: str | None = None) -> None:
        """Write until when the truths of joints are sure to stay: those of one predicate, or of all.

        ``sure`` has the columns of ``truths``, and holds this of each condition.
        """
        _, first, end = self._places[name] if name is not None else (0, 0, len(self._joints))
        joints.join_until(self._joints, self._children, len(self.leaves), first, end, truths, sure)

    def column(self, name: str) -> int:
        """Return the column of a predicate among truths."""
        return self._places[name][0]

    def _bind(self, texts: TextTable) -> tuple[Numbers, Numbers]:
        """Return the table of tests and their sets; those of LIKE and the like depend on the texts known by now."""
        if self._bound is None or self._bound[0] != len(texts):
            sets: list[int] = []
            rows = np.zeros((len(self._tests), joints.TEST_WIDTH), np.int64)
            for row, (leaf, test) in zip(rows, self._tests.items(), strict=True):
                _write(row, leaf, test, sets, texts)
            self._bound = len(texts), rows, np.array(sets, np.int64)
        return self._bound[1:]


def leaves_of(node: Node) -> Iterator[Node]:
    """Yield the conditions that AND and OR join, in the order in which they are written."""
    if isinstance(node, And | Or):
        for part in node.operands:
            yield from leaves_of(part)
    else:
        yield node


def _write(row: Numbers, leaf: int, test: Test | _Within, sets: list[int], texts: TextTable) -> None:
    row[joints.TEST_LEAF], row[joints.TEST_COLUMN] = leaf, test.word
    edges = slice(joints.TEST_LOW, joints.TEST_HIGH + 1)
    if isinstance(test, _Within):
        row[joints.TEST_KIND] = joints.FLOAT_OUTSIDE if test.outside else joints.FLOAT_WITHIN
        row.view(np.float64)[edges] = test.low, test.high
        return
    row[joints.TEST_KIND], row[joints.TEST_NULL] = _KINDS[test.kind], int(test.null)
    if test.kind in (tables.IN_SET, tables.NOT_IN_SET):
        begin = len(sets)
        sets += codes_of_test(test, texts)
        row[edges] = begin, len(sets)
    else:  # a sum may be beyond what a property can hold
        row[edges] = _LEAST if test.low == -LARGEST else test.low, _MOST if test.high == LARGEST else test.high


def _test(leaf: Node, plan: Plan) -> Test | _Within | None:
    """Return a condition as a test of one column; None where it is none."""
    names = names_of(leaf)
    if len(names) != 1 or uses_today(leaf):
        return None
    (name,) = names
    word = _word(name, plan)
    if word is None:
        return None
    result = plan.columns[word].result
    if not result.exact:
        return _within(leaf, word)
    if result.type is ValueType.CATEGORY:
        return category(leaf, name, word)
    return interval(leaf, Property(name, result.type, result.scale), word)


def _word(name: str, plan: Plan) -> int | None:
    if name == AGE and plan.reads_age:
        return None
    return plan.names.get(name, None if name in plan.features.features else plan.names.get(f"traits.{name}"))


def _within(leaf: Node, word: int) -> _Within | None:
    """Return a comparison of a column of doubles with a constant."""
    if not isinstance(leaf, Compare) or not isinstance(leaf.left, Name) or not isinstance(leaf.right, Literal):
        return None
    if not isinstance(leaf.right.value, Decimal | int):
        return None
    edge = float(leaf.right.value)
    below, above = float(np.nextafter(edge, -np.inf)), float(np.nextafter(edge, np.inf))
    low, high = {
        "=": (edge, edge), "<>": (edge, edge), "<": (-np.inf, below), "<=": (-np.inf, edge),
        ">": (above, np.inf), ">=": (edge, np.inf),
    }[leaf.op]  # fmt: skip
    return _Within(word, low, high, leaf.op == "<>")
