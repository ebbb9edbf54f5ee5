"""What definitions may read: events, their properties and lists, and traits, as ``events.yaml`` declares them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onefold.core.document import Section
from onefold.core.errors import Place, UserError
from onefold.core.instant import Span
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.features.places import Place as NamedPlace
from onefold.language.ast import Kind, Node
from onefold.language.parse import parse_predicate
from onefold.language.scope import Scope, has_kind, kind_of


class Takes(StrEnum):
    """What stands behind the aggregate's key."""

    EVENT = "an event"
    PROPERTY = "a property of an event"
    EITHER = "an event or a property of one"


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of one source that pass ``where`` and, with ``prop``, have that property.

    A stream ``to_now`` is seen up to now whatever the window's end, and its events' leaving changes nothing.
    """

    source: str
    prop: Property | None = None
    where: Node | None = None
    to_now: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Resolves what definitions name; every failure is a problem at its place, and None."""

    schema: Schema
    places: Mapping[str, NamedPlace] = field(default_factory=dict)

    def stream(
        self, section: Section, key: str, takes: Takes, types: frozenset[ValueType] | None = None
    ) -> Stream | None:
        """Return what a key names, with the section's ``where``; ``types`` are those that a property may have."""
        found = self.named(section, key, section.text(key) or "", section.place_of(key), takes, types)
        if found is None:
            return None
        source, known = found
        failed = len(section.problems.found)
        where = self.where(section, source)
        return None if len(section.problems.found) > failed else Stream(source.name, known, where)

    def where(self, section: Section, source: EventType) -> Node | None:
        """Return the section's filter over the properties of an event, None where it says none."""
        if "where" not in section:
            return None
        scope = Scope(kinds_of(source.properties), self.schema.money_scale)
        try:
            return parse_predicate(section.text("where") or "", scope, place=section.place_of("where"))
        except UserError as error:
            section.problems.extend(error)
            return None

    def named(
        self,
        section: Section,
        key: str,
        text: str,
        place: Place,
        takes: Takes,
        types: frozenset[ValueType] | None = None,
    ) -> tuple[EventType, Property | None] | None:
        """Resolve ``event``, ``event.property``, ``event.list.property`` or ``traits.x``."""
        found = self._found(text)
        if found is None:
            parent = self.schema.source(text.rpartition(".")[0])
            names = [f"{parent.name}.{one.name}" for one in parent.properties] if parent else []
            names = names or [event.name for event in self.schema.sources()]
            section.problems.add(
                f"`{key}`", f"`{text}` is not declared in events.yaml", nearest_remedy(text, names), place
            )
            return None
        source, known = found
        if takes is Takes.EVENT and source.name.startswith("traits."):
            known = None
        if (takes is Takes.PROPERTY and known is None) or (takes is Takes.EVENT and known is not None):
            section.problems.add(f"`{key}`", f"`{key}` takes {takes.value}", "Name one as event.property.", place)
            return None
        if known is not None and types is not None and (known.type not in types or not known.on_timeline):
            kept = "it stays in the vault" if not known.on_timeline else f"its type is {known.type.value}"
            section.problems.add(
                f"`{key}`",
                f"`{key}` cannot read `{text if source.name.startswith('traits.') else known.name}`: {kept}",
                f"Name a property of type {', '.join(sorted(types))}.",
                place,
            )
            return None
        return source, known

    def _found(self, text: str) -> tuple[EventType, Property | None] | None:
        source = self.schema.source(text)
        if source is not None:
            return source, source.properties[0] if text.startswith("traits.") else None
        parent, _, name = text.rpartition(".")
        source = self.schema.source(parent)
        known = source.property(name) if source else None
        return (source, known) if source is not None and known is not None else None


def fixed_span(section: Section, key: str, default: int | None = None) -> int | None:
    """Return a span of fixed length in microseconds; a problem where it is none (or in months)."""
    text = section.text(key)
    if text is None:
        return default
    try:
        span = Span.parse(text)
    except ValueError as error:
        section.problem(key, str(error), "Write a number and one of s, m, h, d, w, such as 30m or 48h.")
        return None
    if span.months:
        section.problem(key, "a month has no fixed length", "Write days or weeks, such as 30d.")
        return None
    return span.fixed


def choice(section: Section, key: str, choices: tuple[str, ...], default: str) -> str | None:
    """Return one of a few words; anything else is a problem."""
    text = section.text(key, default) or default
    if text in choices:
        return text
    section.problem(key, f"{text!r} is not known", f"Use one of: {', '.join(choices)}.")
    return None


def nearest_remedy(text: str, names: list[str]) -> str:
    """Say what was probably meant."""
    near = difflib.get_close_matches(text, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else "Declare it there, or name what is declared."


def kinds_of(properties: Iterable[Property]) -> dict[str, Kind]:
    """Return the kinds of the properties that expressions can name."""
    return {known.name: kind_of(known.type) for known in properties if known.on_timeline and has_kind(known.type)}
