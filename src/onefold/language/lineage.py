"""What an expression depends on; tags of sensitivity and purpose flow along it."""

from __future__ import annotations

from onefold.language.ast import Call, Name, Node, Today
from onefold.language.functions import GENOME, STANDARD
from onefold.language.tree import walk


def names_of(node: Node) -> frozenset[str]:
    """Return every name that the value may depend on.

    >>> from onefold.language.ast import IsNull, Kind
    >>> names_of(IsNull(Name("region", Kind.CATEGORY)))
    frozenset({'region'})
    """
    return frozenset(part.name for part in walk(node) if isinstance(part, Name))


def uses_today(node: Node) -> bool:
    """Tell whether the value may change at midnight without any event."""
    return any(isinstance(part, Today) for part in walk(node))


def uses_calendar(node: Node) -> bool:
    """Tell whether the value depends on the bank's calendar: on a period, a holiday or an anniversary."""
    return any(isinstance(part, Call) and part.function in GENOME - STANDARD for part in walk(node))
