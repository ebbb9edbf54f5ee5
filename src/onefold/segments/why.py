"""Why a customer is in a segment or not: each condition and its values, since when, till when, what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from onefold.core.instant import SECOND, date_of, format_instant
from onefold.features.engine import FOREVER
from onefold.features.genomes import Genomes
from onefold.features.row import Row
from onefold.features.values import Value
from onefold.language.ast import And, Compare, Kind, Name, Node, Not, Or
from onefold.language.normal import push_not
from onefold.language.sentence import sentence
from onefold.language.to_python import to_python
from onefold.language.tree import walk
from onefold.language.values import Value as SeenValue
from onefold.profiles.words import Rows
from onefold.segments.definitions import Segment
from onefold.segments.membership import Members, Membership
from onefold.segments.written import written

_INVERSE = {"=": "not ", "<>": "", "<": "at least ", "<=": "more than ", ">": "at most ", ">=": "less than "}
_WANTED = {"=": "", "<>": "not ", "<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}


class Reason(StrEnum):
    """What keeps a customer out of a segment."""

    CONSENT = "consent"
    DIMENSION = "dimension"
    NOT_PRESENT = "not_present"
    WHEN = "when"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the predicate: as text and in words, the values of its names, and its truth (None: unknown)."""

    text: str
    sentence: str
    values: dict[str, Value]
    truth: bool | None


@dataclass(frozen=True, slots=True)
class Why:
    """A membership explained; ``cause`` is None for a member, instants are microseconds.

    ``since`` is when the present state began (None: it was never another), ``until`` the last instant at which it
    holds if nothing happens (None: for ever, as far as can be foretold).
    """

    segment: str
    member: bool
    cause: Reason | None
    title: str | None
    purpose: str | None
    rule: str
    sentence: str
    since: int | None
    until: int | None
    leaves: tuple[Condition, ...]
    would_change: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return plain values, times in ISO 8601; decimals and dates are left as they are."""
        leaves = [
            {"text": one.text, "sentence": one.sentence, "values": one.values, "truth": one.truth}
            for one in self.leaves
        ]
        return {
            "segment": self.segment,
            "member": self.member,
            "cause": None if self.cause is None else str(self.cause),
            "title": self.title,
            "purpose": self.purpose,
            "rule": self.rule,
            "sentence": self.sentence,
            "since": None if self.since is None else format_instant(self.since),
            "until": None if self.until is None else format_instant(self.until),
            "leaves": leaves,
            "would_change": list(self.would_change),
        }


def explain(membership: Membership, segment: str, rows: Rows, *, now: int, known: int = FOREVER) -> Why:
    """Explain one membership of the customer with these records at ``now``; ``KeyError`` for an unknown segment."""
    definition = membership.segments.segments[segment]
    members = membership.read(rows, np.array([0, len(rows)], np.int64), now=now, known=known)
    scale = members.genomes.plan.features.schema.money_scale
    pushed = push_not(definition.when)
    row, today = membership.row(members, 0), members.zone.day(now)
    truths = {leaf: _truth(leaf, row, today) for leaf in _leaves(pushed)}
    conditions = {
        leaf: Condition(
            written(leaf, money_scale=scale),
            sentence(leaf, money_scale=scale),
            _values(leaf, members.genomes, row) or _of_the_day(leaf, row, today, scale),
            truth,
        )
        for leaf, truth in truths.items()
    }
    cause = _cause(members, segment)
    history = membership.history
    flip = history.next_flip(rows, now, known=known, segments=[segment]).at
    return Why(
        segment,
        cause is None,
        cause,
        definition.title,
        definition.purpose,
        definition.text,
        sentence(definition.when, money_scale=scale),
        history.since(rows, now, segment, known=known),
        None if flip is None else flip - 1,
        tuple(conditions.values()),
        tuple(_would_change(cause, definition, membership, members, conditions, _ways(pushed, conditions), scale)),
    )


def _leaves(node: Node) -> list[Node]:
    """Return the conditions that AND and OR join, each once, in the order in which they are written."""
    if isinstance(node, (And, Or)):
        return list(dict.fromkeys(leaf for part in node.operands for leaf in _leaves(part)))
    return [node]


def _truth(leaf: Node, row: Row, today: int) -> bool | None:
    value = to_python(leaf)(row, today)
    return None if value is None else bool(value)


def _holds(node: Node, true: Callable[[Node], bool]) -> bool:
    if isinstance(node, And):
        return all(_holds(part, true) for part in node.operands)
    if isinstance(node, Or):
        return any(_holds(part, true) for part in node.operands)
    return true(node)


def _ways(node: Node, conditions: dict[Node, Condition]) -> list[tuple[Node, ...]]:
    """Return the smallest changes that make the predicate otherwise: every single condition that does, else the
    fewest that do together.
    """

    def true(leaf: Node) -> bool:
        return conditions[leaf].truth is True

    def otherwise(some: tuple[Node, ...]) -> bool:
        return _holds(node, lambda leaf: true(leaf) is not (leaf in some))

    now = _holds(node, true)
    single: list[tuple[Node, ...]] = [(leaf,) for leaf in conditions if otherwise((leaf,)) is not now]
    fewest = _fewest(node, true, wanted=not now)
    return single or ([fewest] if otherwise(fewest) is not now else [])


def _fewest(node: Node, true: Callable[[Node], bool], *, wanted: bool) -> tuple[Node, ...]:
    """Return the fewest conditions that must be otherwise for a predicate to be as wanted, the first of several."""
    if not isinstance(node, (And, Or)):
        return () if true(node) is wanted else (node,)
    parts = [_fewest(part, true, wanted=wanted) for part in node.operands]
    if isinstance(node, And) is wanted:  # all must be as wanted
        return tuple(dict.fromkeys(leaf for part in parts for leaf in part))
    return min(parts, key=len)


def _joined(phrases: list[str]) -> str:
    """Join phrases that each begin with "if"."""
    return " and ".join([phrases[0], *(phrase.removeprefix("if ") for phrase in phrases[1:])])


def _cause(members: Members, segment: str) -> Reason | None:
    if members.inside[segment][0]:
        return None
    if not members.genomes.present[0]:
        return Reason.NOT_PRESENT
    if members.held[segment][0]:
        return Reason.CONSENT
    return Reason.DIMENSION if members.lately[segment][0] else Reason.WHEN


def _would_change(
    cause: Reason | None,
    segment: Segment,
    membership: Membership,
    members: Members,
    conditions: dict[Node, Condition],
    ways: list[tuple[Node, ...]],
    scale: int,
) -> list[str]:
    if cause is Reason.NOT_PRESENT:
        return []
    if cause is Reason.CONSENT:
        return [f"if consent for {segment.purpose} were granted"]
    if cause is Reason.DIMENSION:
        rivals = membership.segments.of_dimension(str(segment.dimension))
        winner = next(one.name for one in rivals if members.held[one.name][0])
        return [f"if `{winner}`, which comes first in the dimension {segment.dimension}, did not hold"]
    return [_joined([_phrase(leaf, conditions[leaf], scale) for leaf in some]) for some in ways]


def _phrase(leaf: Node, condition: Condition, scale: int) -> str:
    """Return what would make one condition otherwise: "if views were at most 2 (it is 3)"."""
    holds = condition.truth is True
    if not isinstance(leaf, Compare):
        plain, so = (leaf.operand, holds) if isinstance(leaf, Not) else (leaf, not holds)
        text = written(plain, money_scale=scale)
        return f"if {text} were {'so' if so else 'not so'}{_beside(_listed(condition.values))}"
    words = (_INVERSE if holds else _WANTED)[leaf.op]
    left, right = written(leaf.left, money_scale=scale), written(leaf.right, money_scale=scale)
    alone = left in condition.values and len(condition.values) == 1
    now = f"it is {_said(condition.values[left])}" if alone else _listed(condition.values)
    return f"if {left} were {words}{right}{_beside(now)}"


def _beside(text: str) -> str:
    return f" ({text})" if text else ""


def _listed(values: dict[str, Value]) -> str:
    return ", ".join(f"{name} is {_said(value)}" for name, value in values.items())


def _said(value: Value) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _values(leaf: Node, genomes: Genomes, row: Row) -> dict[str, Value]:
    """Return the values of a condition's names, sorted; amounts in major units."""
    names = {part.name: part.kind for part in walk(leaf) if isinstance(part, Name)}
    return {name: _value(name, names[name], genomes, row) for name in sorted(names)}


def _of_the_day(leaf: Node, row: Row, today: int, scale: int) -> dict[str, Value]:
    """Return the value of a condition that names nothing, such as ``days_to('summer') < 28``: what it compares."""
    if not isinstance(leaf, Compare):
        return {}
    value = to_python(leaf.left)(row, today)
    return {written(leaf.left, money_scale=scale): _plain(value, leaf.left.kind, scale)}


def _value(name: str, kind: Kind, genomes: Genomes, row: Row) -> Value:
    if name in genomes.plan.features.features:
        return genomes.value(name, 0)
    return _plain(row.get(name), kind, genomes.plan.features.schema.money_scale)


def _plain(value: SeenValue, kind: Kind, scale: int) -> Value:
    """Return what expressions see as people read it."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    match kind:
        case Kind.BOOLEAN:
            return number == 1
        case Kind.MONEY:
            return Decimal(int(number)).scaleb(-scale)
        case Kind.DATE:
            return date_of(int(number))
        case Kind.INSTANT:
            return format_instant(int(number))
        case Kind.DURATION:
            return number / SECOND
        case _:
            return int(number) if number.is_integer() else number
