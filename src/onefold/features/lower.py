"""From a predicate to a filter program: tests of single slots that jump to one another (SEMANTICS section 4).

With NOT pushed down to the leaves a test is either true or it is not: three-valued logic needs no third jump. A leaf
over one numeric property becomes an interval of its words; one over one category a set of codes; whatever is left is
worked out in NumPy beforehand and read as a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from onefold.core.ids import text_code
from onefold.core.schema import Property
from onefold.core.types import ValueType
from onefold.features import tables
from onefold.language.ast import And, Compare, In, IsNull, Literal, Name, Node, Not, Or
from onefold.language.lineage import names_of, uses_today
from onefold.language.normal import push_not
from onefold.language.to_python import to_python

LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Test:
    """One leaf of a program; ``on_true`` and ``on_false`` count from the program's own first leaf."""

    kind: int
    word: int = 0
    low: int = 0
    high: int = 0
    null: bool = False
    codes: tuple[int, ...] = ()
    texts: Node | None = None
    text_name: str = ""
    mask: Node | None = None
    on_true: int = tables.PASS
    on_false: int = tables.FAIL


@dataclass(frozen=True, slots=True)
class Slots:
    """The properties of a source and the words of a record in which they stand."""

    properties: Mapping[str, Property]
    words: Mapping[str, int]


def lower(predicate: Node, slots: Slots) -> tuple[Test, ...]:
    """Return the program of a predicate; it starts at its first test, and passes iff the predicate is true."""
    program = _Program(slots)
    program.emit(push_not(predicate), tables.PASS, tables.FAIL)
    return tuple(program.tests)


@dataclass(slots=True)
class _Program:
    slots: Slots
    tests: list[Test] = field(default_factory=list)

    def size(self, node: Node) -> int:
        """Return how many tests a node becomes."""
        if isinstance(node, And | Or):
            return sum(self.size(operand) for operand in node.operands)
        return 1

    def emit(self, node: Node, on_true: int, on_false: int) -> None:
        """Append a node's tests; they fall through to what is appended next wherever a target says so."""
        if not isinstance(node, And | Or):
            self.tests.append(replace(self._test(node), on_true=on_true, on_false=on_false))
            return
        ends = len(self.tests)
        for at, operand in enumerate(node.operands):
            ends += self.size(operand)
            last = at == len(node.operands) - 1
            if isinstance(node, And):
                self.emit(operand, on_true if last else ends, on_false)
            else:
                self.emit(operand, on_true, on_false if last else ends)

    def _test(self, leaf: Node) -> Test:
        names = names_of(leaf)
        if len(names) == 1 and not uses_today(leaf):
            (name,) = names
            known, word = self.slots.properties[name], self.slots.words[name]
            if known.type is ValueType.CATEGORY:
                return category(leaf, name, word)
            test = interval(leaf, known, word)
            if test is not None:
                return test
        return Test(tables.MASK, mask=leaf)


def category(leaf: Node, name: str, word: int) -> Test:
    """A test of one category: by codes where the texts are named, else by trying every text that is known."""
    negated = isinstance(leaf, Not)
    inner = leaf.operand if isinstance(leaf, Not) else leaf
    if isinstance(inner, IsNull) and isinstance(inner.operand, Name):
        # no code equals the word of NULL, so the empty set answers for every text
        return Test(tables.NOT_IN_SET if negated else tables.IN_SET, word, null=not negated)
    items: tuple[Literal, ...] | None = None
    if isinstance(inner, In) and isinstance(inner.operand, Name):
        items = inner.items
    elif isinstance(inner, Compare) and inner.op in ("=", "<>") and isinstance(inner.left, Name):
        items = (inner.right,) if isinstance(inner.right, Literal) else None
        negated ^= inner.op == "<>"
    if items is not None and all(isinstance(item.value, str) for item in items):
        codes = tuple(sorted(text_code(str(item.value)) for item in items))
        return Test(tables.NOT_IN_SET if negated else tables.IN_SET, word, codes=codes)
    null = to_python(leaf)({name: None}, 0) is True
    return Test(tables.IN_SET, word, null=null, texts=leaf, text_name=name)


def interval(leaf: Node, known: Property, word: int = 0) -> Test | None:
    """A test of one numeric property as an interval of words, or None where its truth is not one.

    The truth of ``name op literal`` is monotone, so its edges are found by asking the compiled predicate itself:
    the interval is right by construction, rounding of literals included.
    """
    inner = leaf.operand if isinstance(leaf, Not) else leaf
    if isinstance(inner, IsNull) and isinstance(inner.operand, Name):
        negated = isinstance(leaf, Not)
        return Test(tables.BETWEEN if negated else tables.OUTSIDE, word, -LARGEST, LARGEST, null=not negated)
    if isinstance(inner, Name):
        return Test(tables.BETWEEN, word, *((0, 0) if isinstance(leaf, Not) else (1, 1)))
    if not isinstance(inner, Compare) or {type(inner.left), type(inner.right)} != {Name, Literal}:
        return None
    inner = _as_stated(inner, negated=isinstance(leaf, Not))
    if inner.op in ("=", "<>"):
        low = _first_word(replace(inner, op=">="), known)
        high = _first_word(replace(inner, op=">"), known) - 1
        return Test(tables.OUTSIDE if inner.op == "<>" else tables.BETWEEN, word, low, high)
    if inner.op in (">", ">="):
        return Test(tables.BETWEEN, word, _first_word(inner, known), LARGEST)
    opposite = replace(inner, op=">=" if inner.op == "<" else ">")
    return Test(tables.BETWEEN, word, -LARGEST, _first_word(opposite, known) - 1)


_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_INVERSE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}


def _as_stated(compare: Compare, *, negated: bool) -> Compare:
    """Put the name on the left, and a NOT above into the operator."""
    if isinstance(compare.left, Literal):
        compare = Compare(_SWAPPED[compare.op], compare.right, compare.left)
    return replace(compare, op=_INVERSE[compare.op]) if negated else compare


def _first_word(compare: Compare, known: Property) -> int:
    """Return the least word for which ``name > literal`` or ``name >= literal`` is true."""
    true: Callable[[int], bool] = _truth(compare, known)
    low, high = -LARGEST - 1, LARGEST + 1
    while high - low > 1:
        middle = (low + high) // 2
        if true(middle):
            high = middle
        else:
            low = middle
    return high


def _truth(compare: Compare, known: Property) -> Callable[[int], bool]:
    assert isinstance(compare.left, Name)
    name, run = compare.left.name, to_python(compare)
    return lambda word: run({name: value_of(word, known.type, known.scale)}, 0) is True


def value_of(word: int, kind: ValueType, scale: int) -> float | int | bool:
    """Return a numeric word as the value that expressions see.

    >>> value_of(1250, ValueType.NUMBER, 3), value_of(1250, ValueType.MONEY, 2)
    (1.25, 1250.0)
    """
    if kind is ValueType.BOOLEAN:
        return word != 0
    if kind is ValueType.NUMBER:
        return word / float(10**scale)
    return float(word) if kind is ValueType.MONEY else word


__all__ = ["LARGEST", "Slots", "Test", "category", "interval", "lower", "value_of"]
