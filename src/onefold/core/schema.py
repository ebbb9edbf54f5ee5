"""What events and traits look like: the typed content of ``events.yaml`` (SEMANTICS section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onefold.core.calendar import Calendar
from onefold.core.types import Sensitivity, ValueType

DEFAULT_SCALE = 6


@dataclass(frozen=True, slots=True)
class Property:
    """A declared property of an event, or a trait: its type and the tags that flow to all that is derived from it.

    ``scale`` is the number of decimals kept: of a ``number`` as declared, of ``money`` the exponent of its currency.
    """

    name: str
    type: ValueType
    scale: int = 0
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    currency_from: str | None = None
    items: tuple[Property, ...] = ()

    @property
    def on_timeline(self) -> bool:
        """Whether the value stands on the timeline: texts stay in the vault, lists become events of their own."""
        return self.type not in (ValueType.TEXT, ValueType.LIST) and self.sensitivity is not Sensitivity.IDENTIFIER


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type and its declared properties, in the order of the file."""

    name: str
    properties: tuple[Property, ...] = ()
    reserved: bool = False

    def property(self, name: str) -> Property | None:
        """Return a property by name, or None."""
        return next((known for known in self.properties if known.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All event types (reserved ones included) and traits of a workspace.

    A property ``products`` of type list makes an event type ``card_purchase.products`` beside ``card_purchase``;
    a trait ``region`` makes ``traits.region`` with the one property ``value``. ``calendar`` are the periods and
    holidays that expressions may name; like the currency they come from the workspace, not from this file.
    """

    events: Mapping[str, EventType] = field(default_factory=dict)
    traits: Mapping[str, Property] = field(default_factory=dict)
    currency: str = "EUR"
    money_scale: int = 2
    calendar: Calendar = field(default_factory=Calendar)

    def source(self, name: str) -> EventType | None:
        """Return what a feature may read: an event, a list of an event, or ``traits.x``; None if undeclared."""
        if name.startswith("traits."):
            trait = self.traits.get(name.removeprefix("traits."))
            if trait is None:
                return None
            value = Property("value", trait.type, trait.scale, trait.sensitivity)
            return EventType(name, (value,))
        if name in self.events:
            return self.events[name]
        parent_name, dot, list_name = name.partition(".")
        parent = self.events.get(parent_name)
        lines = parent.property(list_name) if parent and dot else None
        if parent is None or lines is None or lines.type is not ValueType.LIST:
            return None
        shared = tuple(known for known in parent.properties if known.type is not ValueType.LIST)
        own = {item.name for item in lines.items}
        return EventType(name, lines.items + tuple(known for known in shared if known.name not in own))

    def sources(self) -> list[EventType]:
        """Return every source that features may read, sorted by name."""
        names = [*self.events, *(f"traits.{trait}" for trait in self.traits)]
        for event in self.events.values():
            names += [f"{event.name}.{part.name}" for part in event.properties if part.type is ValueType.LIST]
        found = [self.source(name) for name in sorted(names)]
        return [source for source in found if source is not None]
