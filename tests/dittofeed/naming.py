"""Their names and nested values as ours: paths become names, objects become flat, as a mapping of a source would do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from onefold.sources.names import SQL_WORDS, event_name

WHOLE = "$"
ITEM = "value"
"""What a line of a list of plain values is called."""

_DOTTED = re.compile(r"\w+(\.\w+)*")
_QUOTED = re.compile(r'\$\["([^"]+)"\]')


def property_name(path: str) -> str:
    """Return our name of a path; a path that is none stays as it is, so that ``onefold check`` refuses it.

    >>> property_name("a.b"), property_name('$["value with spaces"]'), property_name("limit"), property_name("a[..x")
    ('a_b', 'value_with_spaces', 'limit_', 'a[..x')
    """
    quoted = _QUOTED.fullmatch(path)
    if quoted is None and not _DOTTED.fullmatch(path):
        return path
    name = re.sub(r"\W+", "_", quoted[1] if quoted else path)
    return f"{name}_" if name.lower() in SQL_WORDS else name


def is_name(path: str) -> bool:
    """Whether a path means anything."""
    return path == WHOLE or _DOTTED.fullmatch(path) is not None or _QUOTED.fullmatch(path) is not None


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return an object with its inner objects' entries beside its own, each list as lines of our lists.

    >>> flat({"a": {"b": 1, "group": None}, "c": ["x"]})
    {'a_b': 1, 'a_group': None, 'c': [{'value': 'x'}]}
    """
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = property_name(f'$["{prefix}{key}"]')
        if isinstance(inner, Mapping):
            found |= flat(inner, f"{prefix}{key}_")
        else:
            found[name] = [{ITEM: item} for item in inner] if isinstance(inner, list) else inner
    return found


def matching(pattern: str, names: list[str]) -> list[str]:
    """Return the events that a pattern means (``X*`` is a prefix), in our names, sorted.

    >>> matching("TEST_*", ["TEST_1", "other", "TEST_2"]), matching("test", ["TEST_1"])
    (['test_1', 'test_2'], ['test'])
    """
    if not pattern.endswith("*"):
        return [event_name(pattern)]
    return sorted(event_name(name) for name in names if name.startswith(pattern[:-1]))
