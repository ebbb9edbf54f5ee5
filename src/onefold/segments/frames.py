"""Columns over many instants of one customer, so that a condition is evaluated at all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from onefold.features.columns import Columns, Run, run_of
from onefold.features.definitions import AGE, Derived, Scored
from onefold.features.engine import Engine
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
    Name,
    Negate,
    Node,
    Not,
    Or,
    Today,
)
from onefold.language.columns import BoolArray, Column, FloatArray, Floats, floats_of, true_mask
from onefold.language.to_numpy import to_numpy
from onefold.segments.days import ages_at, days_at
from onefold.segments.definitions import REFERENCES
from onefold.segments.intervals import Instants, Span, at_each

_TODAY = Name("CURRENT_DATE", Kind.DATE)  # in capitals, as no name of a workspace is
_SEGMENT = REFERENCES["IN_SEGMENT"]


def dated(node: Node) -> Node:
    """Return the same tree with the date as a name, so that each row may have its own."""
    match node:
        case Today():
            return _TODAY
        case Not() | Negate() | IsNull() | Like() | In():
            return replace(node, operand=dated(node.operand))
        case And() | Or():
            return replace(node, operands=tuple(map(dated, node.operands)))
        case Compare() | Arithmetic():
            return replace(node, left=dated(node.left), right=dated(node.right))
        case Case():
            branches = tuple((dated(condition), dated(value)) for condition, value in node.branches)
            return replace(node, branches=branches, default=dated(node.default))
        case Call():
            return replace(node, arguments=tuple(map(dated, node.arguments)))
        case _:
            return node


class Compiled:
    """An expression over frames."""

    def __init__(self, node: Node) -> None:
        self._run = to_numpy(dated(node))

    def column(self, frame: Frame) -> Column:
        """Return its value at each instant of a frame."""
        return self._run(frame, 0, len(frame.instants))

    def floats(self, frame: Frame) -> FloatArray:
        """Return its value at each instant as doubles, NaN for NULL."""
        return floats_of(self.column(frame))

    def true(self, frame: Frame) -> BoolArray:
        """Return where a condition is true."""
        return true_mask(self.column(frame))


class Shape:
    """What all frames of an engine share: its expressions, compiled for rows of different dates."""

    def __init__(self, engine: Engine) -> None:
        self.plan, self.zone, self.texts = engine.plan, engine.zone, engine.texts
        self.derived = {name: _run(body) for name, body in engine.plan.derived}


def _run(body: Derived | Scored) -> Run:
    return to_numpy(dated(body.expression)) if isinstance(body, Derived) else run_of(body)


class Frame(Mapping[str, Column]):
    """The columns that conditions name, a row for each of ``instants``; ``words`` are what the kernel wrote."""

    def __init__(
        self, shape: Shape, instants: Instants, words: Instants, members: Mapping[str, Sequence[Span]]
    ) -> None:
        self.instants, self.words = instants, words
        self._shape, self._members = shape, members
        self._kernel = Columns(shape.plan, {}, words, shape.texts, 0)
        self._found: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._found:
            self._found[name] = self._work_out(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kernel)

    def __len__(self) -> int:
        return len(self._kernel)

    def _work_out(self, name: str) -> Column:
        if name == _TODAY.name:
            return Floats(days_at(self._shape.zone, self.instants).astype(np.float64))
        if name == AGE and self._shape.plan.reads_age:
            return Floats(ages_at(self._kernel.birth_dates(), days_at(self._shape.zone, self.instants)))
        if name.startswith(_SEGMENT):
            return Floats(at_each(self._members[name.removeprefix(_SEGMENT)], self.instants).astype(np.float64))
        if name in self._shape.derived:
            return self._shape.derived[name](self, 0, len(self.instants))
        return self._kernel[name]
