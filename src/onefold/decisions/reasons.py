"""Why: the leaves that decided, with their values, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from onefold.core.instant import date_of, format_instant
from onefold.decisions.compiled import Cases, Expression, Leaf, Logic
from onefold.decisions.expressions import CONTEXT
from onefold.decisions.lineage import UNSAID
from onefold.decisions.prepared import Prepared, ReadyOffer
from onefold.language.ast import Kind, Name, Not
from onefold.language.literals import shifted
from onefold.language.sentence import in_units, plain, sentence
from onefold.language.values import Row, Value, number_of
from onefold.segments.definitions import REFERENCES

MOST = 5
"""Reasons of an item, and leaves in the reason of a fall."""

_SEGMENT = REFERENCES["IN_SEGMENT"]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Puts into words what expressions made of a row; ``today`` in days since 1970-01-01."""

    prepared: Prepared
    row: Row
    today: int

    def against(self, expression: Expression) -> str:
        """Return the leaves for which a condition is not true, with what they see and what is needed.

        A leaf that is false says so; only where none is, those that are unknown are named.
        """
        said = dict.fromkeys(self._against(leaf) for leaf in self._failing(expression.logic))
        return "; ".join([*said][:MOST])

    def for_offer(self, ready: ReadyOffer) -> tuple[str, ...]:
        """Return short phrases for what speaks for an offer, the most specific first.

        None of them rests on protected, identifying or proxy data, in whatever way.
        """
        leaves: list[Leaf] = []
        for cases in ready.propensity.cases if ready.propensity else ():
            leaves += self._taken(cases)
        for condition in (ready.eligible, ready.applicable, ready.suitable):
            if condition is not None:
                leaves += self._holding(condition.logic)
        unsaid = self.prepared.lineage
        phrases = [self._for(leaf) for leaf in leaves if not unsaid.rests_on(leaf.node, UNSAID)]
        return tuple([*dict.fromkeys(phrase for phrase in phrases if phrase)][:MOST])

    def _failing(self, logic: Logic) -> list[Leaf]:
        if isinstance(logic, Leaf):
            return [logic]
        truths = [part.run(self.row, self.today) for part in logic.parts]
        decisive = False if logic.every and False in truths else None
        parts = [
            part
            for part, truth in zip(logic.parts, truths, strict=True)
            if truth is not True and (truth is decisive or not logic.every)
        ]
        return [leaf for part in parts for leaf in self._failing(part)]

    def _holding(self, logic: Logic) -> Iterator[Leaf]:
        """Yield the leaves that are true on the way to a condition's being true."""
        if logic.run(self.row, self.today) is not True:
            return
        if isinstance(logic, Leaf):
            yield logic
            return
        for part in logic.parts:
            yield from self._holding(part)

    def _taken(self, cases: Cases) -> Iterator[Leaf]:
        """Yield the true leaves of the branches that a CASE took."""
        for condition, inner in cases.branches:
            if condition is None or condition.run(self.row, self.today) is True:
                if condition is not None:
                    yield from self._holding(condition.logic)
                for case in inner:
                    yield from self._taken(case)
                return

    def _against(self, leaf: Leaf) -> str:
        needed = self._needed(leaf)
        values = " and ".join(f"{name.name} is {self._value(name)}" for name in leaf.names)
        return f"{values} (needed: {needed})" if values else f"needed: {needed}"

    def _needed(self, leaf: Leaf) -> str:
        said = self.prepared.sentences.get(leaf)
        if said is None:
            said = sentence(leaf.node, money_scale=self.prepared.money_scale)
            if isinstance(leaf.node, Name) and not leaf.node.name.startswith(_SEGMENT):
                said = said.removeprefix("the ") + " is true"
            self.prepared.sentences[leaf] = said
        return said

    def _for(self, leaf: Leaf) -> str | None:
        if isinstance(leaf.node, Name) and leaf.node.name.startswith(_SEGMENT):
            name = leaf.node.name.removeprefix(_SEGMENT)
            segment = self.prepared.segments.segments.get(name)
            return f"in the segment {segment.title if segment and segment.title else name}"
        if isinstance(leaf.node, Not) and any(name.name.startswith(_SEGMENT) for name in leaf.names):
            return None  # where somebody does not belong is no reason to give
        return " and ".join(f"{in_words(name.name)} is {self._value(name)}" for name in leaf.names) or None

    def _value(self, name: Name) -> str:
        return value_text(self.row.get(name.name), name.kind, self.prepared.money_scale)


def in_words(name: str) -> str:
    """Return a name as people would say it.

    >>> in_words("mortgage_views_7d"), in_words("context.page")
    ('mortgage views 7d', 'page')
    """
    return name.removeprefix(CONTEXT).replace(".", " ").replace("_", " ")


def value_text(value: Value, kind: Kind, money_scale: int) -> str:
    """Write a value of a row as people read it: money in major units, dates and times in ISO 8601.

    >>> value_text(3.0, Kind.NUMBER, 2), value_text(123450.0, Kind.MONEY, 2), value_text(None, Kind.DATE, 2)
    ('3', '1234.5', 'unknown')
    """
    if value is None or value != value:
        return "unknown"
    if isinstance(value, str):
        return value
    if kind is Kind.BOOLEAN:
        return "true" if value == 1 else "false"
    number = number_of(value)
    try:
        if kind is Kind.DATE:
            return date_of(int(number)).isoformat()
        if kind is Kind.INSTANT:
            return format_instant(int(number))
    except OverflowError:
        return "beyond the calendar"
    if kind is Kind.DURATION:
        return in_units(int(number))
    rounded = Decimal(repr(round(number, 4) or number))
    return plain(shifted(rounded, -money_scale) if kind is Kind.MONEY else rounded)
