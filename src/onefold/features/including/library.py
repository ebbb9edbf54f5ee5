"""A library of ready features: their definitions as plain mappings, and the vocabulary that they are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from onefold.core.document import Section
from onefold.core.errors import Place, Problems
from onefold.core.schema import Schema
from onefold.features.aggregates import REGISTRY
from onefold.features.rankings import RANKINGS

Body = Mapping[str, Any]
"""A definition as it stands in a features file: the aggregate's key, its options, title, family and layer."""
Rewrite = Callable[[str], str]
TRAITS = "traits."
_WORD = re.compile(r"'(?:[^']|'')*'|\b[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Library:
    """Definitions by name, and the schema of what they read; ``file`` is where they stand."""

    vocabulary: Schema
    features: Mapping[str, Body]
    file: str


def event_of(source: str) -> str:
    """Return the event of an ``event.property`` of a vocabulary (which has no lists); a trait or event is its own.

    >>> event_of("login.device"), event_of("login"), event_of("traits.region")
    ('login', 'login', 'traits.region')
    """
    return source if source.startswith(TRAITS) else source.partition(".")[0]


def rewritten(body: Body, source: Rewrite, name: Rewrite) -> Body:
    """Return a definition with every ``event``, ``event.property`` or ``traits.x`` it reads put through ``source``.

    The features that it reads are put through ``name``, and so is ``age``. In a library's conditions and expressions
    whatever is not in capitals is a name.

    >>> body = {"share": "login", "where": "device = 'phone'", "within": "90d"}
    >>> rewritten(body, lambda one: one.replace("login.device", "logged_in.gadget").replace("login", "logged_in"), str)
    {'share': 'logged_in', 'where': "gadget = 'phone'", 'within': '90d'}
    """
    kind = kind_of(body)
    if kind == "expr" or kind in RANKINGS:
        return {**body, kind: _words(body[kind], name)}
    if kind == "sequence":
        steps = {key: _steps(body[key], source) for key in ("sequence", "without") if key in body}
        return {**body, **steps}
    return {**body, **_read(kind, body, source)}


def kind_of(body: Body) -> str:
    """Return the key that says what an event or property is read for, or ``expr`` or a ranking."""
    if "hours" in body:
        return "event" if "event" in body else "share"
    return next(key for key in body if key in REGISTRY or key == "expr" or key in RANKINGS)


def _read(key: str, body: Body, source: Rewrite) -> dict[str, str]:
    """Return what a key names, and the condition over the properties of that event."""
    event, changed = event_of(body[key]), {key: source(body[key])}
    if "where" in body:
        changed["where"] = _words(body["where"], lambda word: source(f"{event}.{word}").rpartition(".")[2])
    return changed


def _steps(steps: Any, source: Rewrite) -> Any:
    if isinstance(steps, list):
        return [_steps(one, source) for one in steps]
    return source(steps) if isinstance(steps, str) else _read("event", steps, source)


def _words(text: str, name: Rewrite) -> str:
    def changed(found: re.Match[str]) -> str:
        return name(found[0]) if found[0][0].islower() else found[0]

    return _WORD.sub(changed, text)


def as_section(body: Body, place: Place) -> Section:
    """Return a definition as if it had been read from a file, with a collector of problems of its own."""
    values = _commented(body)
    assert isinstance(values, CommentedMap)
    return Section(values, place, Problems())


def _commented(value: Any) -> Any:
    if isinstance(value, Mapping):
        found = CommentedMap()
        for key, one in value.items():
            found[key] = _commented(one)
        return found
    if isinstance(value, list):
        items = CommentedSeq([_commented(one) for one in value])
        for at in range(len(items)):
            items.lc.add_idx_line_col(at, [0, 0])
        return items
    return value
