"""How expressions move with time alone: the instants at which one may flip can be solved for, or it is refused.

Between two events and two changes of windows, ``since_first``, ``since_last`` and ``until`` grow or fall by exactly
one day a day; the date and ``age`` change at midnights; all else stands still. An expression over these is then made
of straight pieces as long as no moving value is multiplied with, or divided by, another one, or rounded. Where one
piece ends and the next begins is where two values meet: the *meetings* of an expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from functools import cached_property
from itertools import combinations

from onefold.features.definitions import AGE, Aggregated, Derived, FeatureSet, Ranked, Scored
from onefold.features.scope import states_birth_date
from onefold.language.ast import Arithmetic, Call, Case, Compare, In, Literal, Name, Negate, Node, Today
from onefold.language.lineage import names_of, uses_today
from onefold.language.tree import children
from onefold.segments.definitions import REFERENCES

MOVING_AGGREGATES = frozenset({"since_first", "since_last", "until"})
_STRAIGHT_CALLS = frozenset({"ABS", "LEAST", "GREATEST", "NULLIF", "COALESCE"})
_SEGMENT = REFERENCES["IN_SEGMENT"]


class Motion(IntEnum):
    """What a value does between two events and two changes of windows."""

    STILL = 0
    STEPS = 1  # it jumps: at midnights, or where values meet
    LINEAR = 2  # it glides in straight pieces


class NotLinear(Exception):  # noqa: N818 - internal: the reader makes a problem of it
    """An expression bends: ``why`` says where."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


Meeting = tuple[Node, Node]
"""Two values; where their difference changes sign, an expression may flip or bend."""


@dataclass(frozen=True, eq=False)
class Movement:
    """Knows how the expressions over a set of features move; what it found of a feature is kept."""

    features: FeatureSet
    _known: dict[str, Motion] = field(default_factory=dict)

    def of(self, node: Node) -> Motion:
        """Return how a value moves; raise :class:`NotLinear` where it is not made of straight pieces."""
        match node:
            case Name():
                return self._of_name(node.name)
            case Today():
                return Motion.STEPS
            case Arithmetic():
                return self._of_arithmetic(node)
            case Call():
                return self._of_call(node)
            case Case():
                values = [self.of(part) for part in (*(value for _, value in node.branches), node.default)]
                return max(*values, *(_stepped(self.of(condition)) for condition, _ in node.branches))
            case Negate():
                return self.of(node.operand)
            case _:  # conditions: what moves inside makes them flip
                return _stepped(max((self.of(child) for child in children(node)), default=Motion.STILL))

    def _of_name(self, name: str) -> Motion:
        if name not in self._known:
            self._known[name] = self._looked_up(name)
        return self._known[name]

    def _looked_up(self, name: str) -> Motion:
        if self.is_age(name) or name.startswith(_SEGMENT):
            return Motion.STEPS
        feature = self.features.features.get(name)
        if feature is None:
            return Motion.STILL
        match feature.body:
            case Derived() as body:
                try:
                    return self.of(body.expression)
                except NotLinear as error:
                    raise NotLinear(f"{error.why} (in the feature `{name}`)") from None
            case Ranked() | Scored() as body:
                return self._over_others(name, body)
            case Aggregated() as body if body.aggregate.name in MOVING_AGGREGATES:
                return Motion.LINEAR
        return Motion.STILL

    def _over_others(self, name: str, body: Ranked | Scored) -> Motion:
        """Return how a rank or a score moves: by steps, unless it bends with something that grows."""
        for inner in sorted(body.names):
            if self._of_name(inner) is Motion.LINEAR:
                raise NotLinear(f"`{name}` is worked out of `{inner}`, which grows with time")
        return Motion.STEPS

    def is_age(self, name: str) -> bool:
        """Whether a name is the built-in age; without birth dates a trait may have it."""
        return name == AGE and states_birth_date(self.features.schema)

    def _of_arithmetic(self, node: Arithmetic) -> Motion:
        left, right = self.of(node.left), self.of(node.right)
        if node.op == "/" and right is Motion.LINEAR:
            raise NotLinear(f"it divides by {self._said(node.right)}, which grows with time")
        if node.op == "*" and left is right is Motion.LINEAR:
            raise NotLinear(f"it multiplies {self._said(node.left)} by {self._said(node.right)}, both of which move")
        return max(left, right)

    def _of_call(self, node: Call) -> Motion:
        motions = [self.of(argument) for argument in node.arguments]
        if node.function not in _STRAIGHT_CALLS and Motion.LINEAR in motions:
            moving = node.arguments[motions.index(Motion.LINEAR)]
            raise NotLinear(f"it takes {node.function} of {self._said(moving)}, which grows with time")
        return max(motions, default=Motion.STILL)

    def _said(self, node: Node) -> str:
        moving = sorted(name for name in names_of(node) if self._of_name(name) is Motion.LINEAR)
        return " and ".join(f"`{name}`" for name in moving)


def _stepped(motion: Motion) -> Motion:
    return min(motion, Motion.STEPS)


@dataclass(frozen=True, eq=False)
class Moves:
    """What a condition must be watched for, features that are expressions seen through."""

    movement: Movement
    node: Node

    @cached_property
    def bodies(self) -> tuple[Node, ...]:
        """The expressions of the features that the condition is built on, innermost first, and itself."""
        found: dict[str, Node] = {}

        def visit(names: frozenset[str]) -> None:
            for name in sorted(names - found.keys() - {AGE}):
                feature = self.movement.features.features.get(name)
                if feature is None:
                    continue
                visit(feature.body.names - {name})
                if isinstance(feature.body, Derived):
                    found[name] = feature.body.expression

        visit(names_of(self.node))
        return (*found.values(), self.node)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that it reads, directly or through other features."""
        found: set[str] = set()
        waiting = list(names_of(self.node))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                feature = self.movement.features.features.get(name)
                waiting += feature.body.names if feature else ()
        return frozenset(found)

    @cached_property
    def by_day(self) -> bool:
        """Whether it reads the date, or the population at the start of the day."""
        return self.by_rank or any(uses_today(body) for body in self.bodies)

    @cached_property
    def by_rank(self) -> bool:
        """Whether it reads a rank in the population."""
        features = self.movement.features.features
        return any(isinstance(features[name].body, Ranked) for name in self.names if name in features)

    @cached_property
    def by_age(self) -> bool:
        """Whether it reads the age."""
        return any(map(self.movement.is_age, self.names))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The segments that it asks for."""
        return tuple(sorted(name.removeprefix(_SEGMENT) for name in self.names if name.startswith(_SEGMENT)))

    @cached_property
    def gliding(self) -> tuple[str, ...]:
        """The features among its names whose values grow or fall steadily, as the kernel writes them."""
        return tuple(sorted(name for name in self.names if self._glides(name)))

    def _glides(self, name: str) -> bool:
        feature = self.movement.features.features.get(name)
        body = feature.body if feature else None
        return isinstance(body, Aggregated) and body.aggregate.name in MOVING_AGGREGATES

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """The pairs of values that may meet at an instant between changes, innermost first."""
        found: dict[Meeting, None] = {}
        for body in self.bodies:
            for part in _inside_out(body):
                for pair in _pairs(part):
                    if Motion.LINEAR in (self.movement.of(pair[0]), self.movement.of(pair[1])):
                        found[pair] = None
        return tuple(found)


def _inside_out(node: Node) -> Iterator[Node]:
    for child in children(node):
        yield from _inside_out(child)
    yield node


def _pairs(node: Node) -> Iterator[Meeting]:
    match node:
        case Compare():
            yield node.left, node.right
        case In():
            yield from ((node.operand, item) for item in node.items)
        case Call() if node.function == "ABS":
            yield node.arguments[0], Literal(0 if node.kind == "duration" else Decimal(0), node.kind)
        case Call() if node.function in ("LEAST", "GREATEST"):
            yield from combinations(node.arguments, 2)
        case Call() if node.function == "NULLIF":
            yield node.arguments[0], node.arguments[1]
