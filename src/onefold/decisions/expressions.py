"""Expressions in offers and policies: over the genome, segments and what is known of the moment (``context.*``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section
from onefold.core.errors import UserError
from onefold.decisions.words import note_empty
from onefold.features.definitions import FeatureSet
from onefold.features.scope import genome_scope
from onefold.language.ast import Kind, Literal, Node
from onefold.language.parse import parse, parse_predicate
from onefold.language.scope import Scope
from onefold.segments.definitions import REFERENCES, SegmentSet, name_in_row

CONTEXT = "context."
CHANNEL = "context.channel"
"""The channel that a treatment would be said on: of the request, else of the placement."""

_CONTEXT_NAME = re.compile(r"\bcontext\.[a-z][a-z0-9_]{0,59}\b")
_LATER = ("model", "adaptive")
_NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY})


@dataclass(frozen=True, slots=True)
class Expressions:
    """Reads expressions; what is at fault is noted in the section, and None returned."""

    scope: Scope

    @classmethod
    def over(cls, features: FeatureSet, segments: SegmentSet, context: Mapping[str, Kind]) -> Expressions:
        """Make a reader; ``context`` gives the kinds of ``context.*`` by the word behind the dot.

        Any other ``context.word`` that an expression names is a category.
        """
        members = {name_in_row(name): Kind.BOOLEAN for name in segments.segments}
        stated = {CONTEXT + word: kind for word, kind in context.items()}
        return cls(genome_scope(features, more={**members, **stated}, references=REFERENCES))

    def predicate(self, section: Section, key: str) -> Node | None:
        """Return the condition under a key; None where the key is missing."""
        text = self._text(section, key, "Write a condition, such as age >= 18.")
        if text is None:
            return None
        try:
            return parse_predicate(text, self._scope(text), place=section.place_of(key))
        except UserError as error:
            section.problems.extend(error)
            return None

    def number(self, section: Section, key: str, *, kinds: frozenset[Kind] = _NUMBERS) -> Node | None:
        """Return the number (in major units of money) or expression under a key; None where the key is missing."""
        raw = section.raw(key)
        if isinstance(raw, CommentedMap) and any(word in raw for word in _LATER):
            word = next(word for word in _LATER if word in raw)
            section.problem(key, f"`{word}` comes with a later release", "Give a number or an expression.")
            return None
        text = self._text(section, key, "Write a number or an expression.")
        if text is None:
            return None
        try:
            node = parse(text, self._scope(text), place=section.place_of(key))
        except UserError as error:
            section.problems.extend(error)
            return None
        if node.kind not in kinds:
            wanted = " or ".join(sorted(kinds, reverse=True))
            section.problem(key, f"a {wanted} belongs here, but this is a {node.kind}", "Write a number.")
            return None
        return node

    def _text(self, section: Section, key: str, remedy: str) -> str | None:
        if key not in section:
            return None
        if section.raw(key) is None:
            note_empty(section, key, f"{remedy[:-1]}, or remove the line.")
        return section.text(key)

    def _scope(self, text: str) -> Scope:
        more = {name: Kind.CATEGORY for name in _CONTEXT_NAME.findall(text) if name not in self.scope.names}
        if not more:
            return self.scope
        names = {**self.scope.names, **more}
        return replace(self.scope, names=names)


def literal_of(node: Node | None) -> Decimal | None:
    """Return the number that an expression is, None where it has to be worked out.

    >>> literal_of(Literal(Decimal("0.5"), Kind.NUMBER))
    Decimal('0.5')
    """
    if isinstance(node, Literal) and isinstance(node.value, Decimal):
        return node.value
    return None
