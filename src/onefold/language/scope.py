"""What an expression may speak of: the names in reach with their kinds, and the functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from onefold.core.calendar import Calendar
from onefold.core.types import ValueType
from onefold.language.ast import Kind
from onefold.language.functions import GENOME, MAPPING, STANDARD

__all__ = ["GENOME", "MAPPING", "STANDARD", "Scope", "has_kind", "kind_of"]

_KINDS = {
    ValueType.MONEY: Kind.MONEY,
    ValueType.NUMBER: Kind.NUMBER,
    ValueType.CATEGORY: Kind.CATEGORY,
    ValueType.BOOLEAN: Kind.BOOLEAN,
    ValueType.DATE: Kind.DATE,
    ValueType.INSTANT: Kind.INSTANT,
    ValueType.DURATION: Kind.DURATION,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Names (they may be dotted, such as ``context.page``; case matters) and functions of one expression.

    ``money_scale`` is the number of decimals of the workspace's currency: a number written beside money is in
    major units. ``functions`` are upper-case names of the registry. ``references`` are functions that name a value
    by a text: ``in_segment('x')`` is the name ``segment.x`` where ``references`` maps ``IN_SEGMENT`` to ``segment.``.
    ``calendar`` is what ``days_to('summer')`` and ``holiday()`` are looked up in.
    """

    names: Mapping[str, Kind]
    money_scale: int = 2
    functions: frozenset[str] = STANDARD
    references: Mapping[str, str] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)

    def nearest(self, name: str) -> str | None:
        """Return the known name that the given one most probably means, or None.

        >>> Scope({"amount": Kind.MONEY}).nearest("Amont")
        'amount'
        """
        return nearest(name, self.names)

    def remedy(self, name: str) -> str:
        """Say what to write in place of a name that is not known."""
        close = self.nearest(name)
        if close is not None:
            return f"Did you mean `{close}`?"
        if not self.names:
            return "No names can be used here."
        names = sorted(self.names)
        more = " ..." if len(names) > 12 else "."
        return f"Use one of {', '.join(names[:12])}{more}"


def nearest(word: str, known: Mapping[str, object] | frozenset[str]) -> str | None:
    """Return the known word closest to the given one, whatever its case, or None."""
    folded = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word[:80].lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def has_kind(value_type: ValueType) -> bool:
    """Tell whether values of a declared type can stand in expressions: places, texts and lists cannot."""
    return value_type in _KINDS


def kind_of(value_type: ValueType) -> Kind:
    """Return the kind of a declared type; raise ``ValueError`` for place, text and list, which have none.

    >>> kind_of(ValueType.MONEY)
    <Kind.MONEY: 'money'>
    """
    if value_type not in _KINDS:
        raise ValueError(f"a {value_type} cannot be used in an expression")
    return _KINDS[value_type]
