"""``events.yaml`` -> :class:`~onefold.core.schema.Schema`, with every problem of the file at once."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section
from onefold.core.errors import Place, Problems
from onefold.core.schema import DEFAULT_SCALE, EventType, Property, Schema
from onefold.core.types import Sensitivity, ValueType
from onefold.sources.currencies import EXPONENTS, exponent_of
from onefold.sources.names import event_name, name_fault
from onefold.sources.reserved import NOT_EVENTS, reserved_events

MAX_SCALE = 9
_Word = TypeVar("_Word", bound=StrEnum)


def read_schema(section: Section, *, currency: str) -> Schema:
    r"""Read ``events.yaml``; the reserved events are added to what it declares.

    ``currency`` is the workspace's, an ISO 4217 code; it fixes the decimals of every ``money``. What is wrong
    is noted in ``section.problems``; the schema returned then holds what could be read, so that the caller
    can go on and report the problems of other files too. Call ``section.problems.raise_if_any()`` in the end.

    >>> from onefold.core.document import read_yaml
    >>> text = "events:\n  loan_paid:\n    amount: money"
    >>> read_schema(read_yaml(text, "events.yaml"), currency="JPY").events["loan_paid"].properties[0].scale
    0
    """
    section.only("events", "traits")
    scale = exponent_of(currency)
    if scale is None:
        near = get_close_matches(currency.upper(), EXPONENTS, 5, 0.6) or ["EUR"]
        hint = f"Write a code of ISO 4217, such as {', '.join(sorted(near))}."
        section.problems.add(f"the currency {currency!r}", "it is not one of ISO 4217", hint)
        scale = 2
    reader = _Reader(section.problems, scale)
    events = reserved_events(scale)
    declared = section.section("events")
    for name in declared.keys() if declared is not None else []:
        assert declared is not None
        reader.event(declared, name, events)
    traits = section.section("traits")
    found = reader.properties(traits, traits.keys(), what="trait") if traits is not None else ()
    return Schema(events, {trait.name: trait for trait in found}, currency, scale)


@dataclass(frozen=True, slots=True)
class _Reader:
    problems: Problems
    money_scale: int

    def event(self, declared: Section, name: str, events: dict[str, EventType]) -> None:
        """Add one declared event to ``events``; to a reserved one, its new properties."""
        place = declared.place_of_key(name)
        fault = name_fault(name, of_event=True)
        if fault:
            self.problems.add(f"the event `{name}`", *fault, place)
        if event_name(name) in NOT_EVENTS:
            self.problems.add(
                f"the event `{name}`",
                "this word means a kind of message or a source of its own, not an event",
                "Choose another name; `page` messages are the event `page_viewed`.",
                place,
            )
        inner = declared.section(name)
        known = events.get(name)
        if known is None:
            own = self.properties(inner, inner.keys(), what="property") if inner is not None else ()
            events[name] = EventType(name, own)
            return
        if inner is None:
            return
        stated = inner.keys()
        fresh = [key for key in stated if known.property(key) is None]
        for key in stated:
            if key not in fresh:
                self.problems.add(
                    f"`{key}` of `{name}`",
                    "the event is reserved and declares this property itself",
                    "Remove the line; you may only add properties of other names.",
                    inner.place_of_key(key),
                )
        added = self.properties(inner, fresh, what="property", taken=known.properties)
        events[name] = EventType(name, known.properties + added, reserved=True)

    def properties(
        self, inner: Section, names: list[str], *, what: str, taken: tuple[Property, ...] = ()
    ) -> tuple[Property, ...]:
        """Read declared properties, lines of a list, or traits (``what`` says which, for the messages)."""
        found: list[Property] = []
        seen = {_folded(known.name): known.name for known in taken}
        for name in names:
            place = inner.place_of_key(name)
            fault = name_fault(name, of_event=False)
            if fault:
                self.problems.add(f"the {what} `{name}`", *fault, place)
            other = seen.setdefault(_folded(name), name)
            if other != name:
                self.problems.add(
                    f"the {what} `{name}`",
                    f"it collides with `{other}`: only their capitals or underscores differ",
                    "Keep one of them.",
                    place,
                )
            body = _described(inner, name)
            if body is not None:
                found.append(self._property(name, body, what=what))
        for known in found:
            self._check_currency(inner, known, found)
        return tuple(found)

    def _property(self, name: str, body: Section, *, what: str) -> Property:
        body.only("type", "scale", "sensitivity", "currency_from", "of")
        kind = _word(body, "type", ValueType, required=True) or ValueType.TEXT
        sensitivity = _word(body, "sensitivity", Sensitivity) or Sensitivity.PUBLIC
        for key, owner in (
            ("scale", ValueType.NUMBER),
            ("currency_from", ValueType.MONEY),
            ("of", ValueType.LIST),
        ):
            if key in body and "type" in body and kind is not owner:
                body.problem(key, f"it belongs to `type: {owner}` only, not to {kind}", "Remove it.")
        items: tuple[Property, ...] = ()
        if kind is ValueType.LIST:
            items = self._items(body, what=what)
        scale = self.money_scale if kind is ValueType.MONEY else 0
        if kind is ValueType.NUMBER:
            scale = _scale(body)
        currency_from = body.text("currency_from") if kind is ValueType.MONEY else None
        return Property(name, kind, scale, sensitivity, currency_from, items)

    def _items(self, body: Section, *, what: str) -> tuple[Property, ...]:
        if what != "property":
            body.problem("type", f"a {what} cannot be a list", "Use an event with a list, or several values.")
            return ()
        of = body.section("of")
        if of is None or not of.keys():
            body.problem("of", "a list says what its lines hold", "Add `of: {sku: {type: category}}`.")
            return ()
        return self.properties(of, of.keys(), what="line property")

    def _check_currency(self, inner: Section, known: Property, siblings: list[Property]) -> None:
        if known.currency_from is None:
            return
        other = next((each for each in siblings if each.name == known.currency_from), None)
        if other is not None and other.type is not ValueType.CATEGORY:
            self.problems.add(
                f"`currency_from` of `{known.name}`",
                f"`{other.name}` is of type {other.type}, but a currency is a category",
                "Name the property that holds the ISO 4217 code.",
                inner.place_of(known.name),
            )


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _described(inner: Section, name: str) -> Section | None:
    """Return ``{type: ...}``; ``amount: money`` is short for ``amount: {type: money}``."""
    value = inner.raw(name)
    if isinstance(value, str):
        short = CommentedMap({"type": value})
        place: Place = inner.place_of(name)
        return Section(short, place, inner.problems)
    if value is None:
        inner.problem(name, "it says nothing of its type", "Write `{type: category}`, or another type.")
        return None
    return inner.section(name)


def _word(body: Section, key: str, words: type[_Word], *, required: bool = False) -> _Word | None:
    text = body.required(key) if required else body.text(key)
    if text is None:
        return None
    try:
        return words(text)
    except ValueError:
        near = get_close_matches(text, list(words), 1, 0.5)
        hint = f"Write `{near[0]}`" if near else "Write one of"
        known = ", ".join(words)
        body.problem(key, f"{text!r} is unknown", f"{hint}: {known}." if not near else f"{hint}; known are {known}.")
        return None


def _scale(body: Section) -> int:
    raw = body.raw("scale")
    if raw is None:
        return DEFAULT_SCALE
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= MAX_SCALE:
        body.problem("scale", f"{raw!r} is no number of decimals", f"Write a whole number from 0 to {MAX_SCALE}.")
        return DEFAULT_SCALE
    return int(raw)
