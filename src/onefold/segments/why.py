"""Why a customer is in a segment or not: each condition and its values, since when, till when, what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from onefold.core.instant import SECOND, date_of, format_instant
from onefold.features.engine import FOREVER
from onefold.features.genomes import Genomes, Value
from onefold.features.row import Row
from onefold.language.ast import And, Compare, Kind, Name, Node, Not, Or
from onefold.language.normal import push_not
from onefold.language.sentence import sentence
from onefold.language.to_python import to_python
from onefold.language.tree import walk
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
            _values(leaf, members.genomes, row),
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
        tuple(_would_change(cause, definition, membership, members, _decisive(pushed, conditions), scale)),
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


def _decisive(node: Node, conditions: dict[Node, Condition]) -> dict[Node, Condition]:
    """Return the conditions each of which alone, if it were otherwise, would make the predicate otherwise."""

    def inverted(leaf: Node) -> bool:
        return _holds(node, lambda one: (conditions[one].truth is True) is not (one == leaf))

    now = _holds(node, lambda one: conditions[one].truth is True)
    return {leaf: condition for leaf, condition in conditions.items() if inverted(leaf) is not now}


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
    decisive: dict[Node, Condition],
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
    return [_phrase(leaf, condition, scale) for leaf, condition in decisive.items()]


def _phrase(leaf: Node, condition: Condition, scale: int) -> str:
    """Return what would make one condition otherwise: "if views were at most 2 (it is 3)"."""
    holds = condition.truth is True
    if not isinstance(leaf, Compare):
        plain, so = (leaf.operand, holds) if isinstance(leaf, Not) else (leaf, not holds)
        text = written(plain, money_scale=scale)
        return f"if {text} were {'so' if so else 'not so'} ({_listed(condition.values)})"
    words = (_INVERSE if holds else _WANTED)[leaf.op]
    left, right = written(leaf.left, money_scale=scale), written(leaf.right, money_scale=scale)
    alone = isinstance(leaf.left, Name) and len(condition.values) == 1
    now = f"it is {_said(condition.values[left])}" if alone else _listed(condition.values)
    return f"if {left} were {words}{right} ({now})"


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


def _value(name: str, kind: Kind, genomes: Genomes, row: Row) -> Value:
    if name in genomes.plan.features.features:
        return genomes.value(name, 0)
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    match kind:
        case Kind.BOOLEAN:
            return number == 1
        case Kind.MONEY:
            return Decimal(int(number)).scaleb(-genomes.plan.features.schema.money_scale)
        case Kind.DATE:
            return date_of(int(number))
        case Kind.INSTANT:
            return format_instant(int(number))
        case Kind.DURATION:
            return number / SECOND
        case _:
            return int(number) if number.is_integer() else number
