"""Numbers in a model's file: lists of them, of a known length and kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from onefold.core.document import Section

_Item = TypeVar("_Item")


def number(section: Section, key: str, default: float | None = None) -> float | None:
    """Return a finite number; a problem where it is none, or is missing and has no default."""
    value = section.raw(key)
    if value is None and key not in section and default is not None:
        return default
    if is_number(value):
        return float(value)
    section.problems.add(f"`{key}`", "it takes a number", "Write one such as 0.25.", section.place_of(key))
    return None


def row(
    section: Section, key: str, length: int, kind: Callable[[Any], bool], about: str, what: str = ""
) -> list[Any] | None:
    """Return a list of so many items of a kind; a problem with the first that is none, or with their number."""
    items, name = section.raw(key), f"`{key}`{what}"
    if not isinstance(items, list):
        section.problems.add(name, f"it takes a list of {about}", "Write [1, 2, 3].", section.place_of(key))
        return None
    if len(items) != length:
        why = f"it has {len(items):,} items, and {length:,} belong here"
        section.problems.add(name, why, "Write one each.", section.place_of(key))
        return None
    at = next((at for at, item in enumerate(items) if not kind(item)), None)
    if at is not None:
        why = f"item {at + 1} is not one of {about}"
        section.problems.add(name, why, "Mend it.", section.place_of(key))
        return None
    return list(items)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_number_or_null(value: Any) -> bool:
    """Whether a value is a finite number, or nothing."""
    return value is None or is_number(value)


def is_index(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_truth(value: Any) -> bool:
    """Whether a value is true or false, perhaps written as 1 or 0."""
    return isinstance(value, bool) or (is_index(value) and value in (0, 1))
