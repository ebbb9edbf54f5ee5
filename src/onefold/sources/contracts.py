"""The contract of an event: what ``events.yaml`` says of it, checked before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onefold.core.event import IDENTIFY, LINKED, UNLINKED, Event
from onefold.core.ids import Identifier
from onefold.core.instant import EARLIEST, LATEST
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.sources.rejections import Code, Rejected, shown
from onefold.sources.reserved import ALLOWED, REQUIRED
from onefold.sources.values import BadValue, category_bytes, encoder

MAX_MESSAGE_ID_BYTES = 400
MAX_DEPTH = 24
MAX_LINES = 10_000
_SIMPLE = frozenset({int, bool, type(None)})


def check(event: Event, schema: Schema) -> list[str]:
    """Check one event: :meth:`Contracts.check` for those who have no more than one."""
    return Contracts(schema).check(event)


class Contracts:
    """The contracts of a workspace's events, made ready once for many events."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._checks: dict[str, _PropertyChecks] = {}
        self._traits = {trait.name: (trait, checker(trait)) for trait in schema.traits.values()}

    def check(self, event: Event) -> list[str]:
        """Return the names of what the event holds undeclared (``card_purchase.colour``,
        ``traits.shoe_size``).

        Undeclared properties are kept in the log, so that declaring them later finds them. Raises
        :class:`~onefold.sources.rejections.Rejected` for an unknown event, a bad declared value, a time
        outside the years 1700 to 2200, and for names and texts that cannot be stored.
        """
        if not EARLIEST <= event.time < LATEST:
            raise Rejected(Code.BAD_TIME, "the time lies outside the years 1700 to 2200")
        if not -(2**63) <= event.order < 2**63:
            raise Rejected(Code.BAD_VALUE, f"order: {event.order} does not fit 64 bits")
        if not (event.message_id.isascii() and 0 < len(event.message_id) <= MAX_MESSAGE_ID_BYTES):
            _check_message_id(event.message_id)
        if event.alias is not None:
            _check_link(event.node, event.alias)
        if event.context:
            _plain("context", event.context, 0)
        if event.name == IDENTIFY:
            return self._check_traits(event.properties)
        known = self._checks.get(event.name) or self._prepared(event.name)
        if known.reserved:
            _check_reserved(event)
        return known.check(event)

    def _prepared(self, name: str) -> _PropertyChecks:
        declared = self._schema.events.get(name)
        if declared is None:
            raise Rejected(Code.UNKNOWN_EVENT, f"the event {shown(name)} is not declared in events.yaml")
        found = self._checks[name] = _PropertyChecks(declared, self._schema.currency)
        return found

    def _check_traits(self, traits: Mapping[str, Any]) -> list[str]:
        undeclared = []
        for name, raw in traits.items():
            known = self._traits.get(name)
            if known is None:
                _plain(name, raw, 0)
                undeclared.append(f"traits.{name}")
            elif raw is not None:
                _check_value(f"traits.{name}", known[0], raw, known[1])
        return undeclared


class _PropertyChecks:
    """The contract of one event type."""

    def __init__(self, declared: EventType, currency: str) -> None:
        self.reserved = declared.reserved
        self._name, self._currency = declared.name, currency
        self._properties = {prop.name: prop for prop in declared.properties}
        self._checkers = {prop.name: checker(prop) for prop in declared.properties}
        self._special = [prop for prop in declared.properties if prop.currency_from or prop.items]

    def check(self, event: Event) -> list[str]:
        undeclared = []
        for name, raw in event.properties.items():
            fits = self._checkers.get(name)
            if fits is None:
                _plain(name, raw, 0)
                undeclared.append(f"{self._name}.{name}")
            elif raw is not None:
                try:
                    fits(raw)
                except BadValue as error:
                    raise _bad_value(name, self._properties[name], error) from None
        for prop in self._special:
            self._check_special(prop, event.properties)
        return undeclared

    def _check_special(self, prop: Property, properties: Mapping[str, Any]) -> None:
        raw = properties.get(prop.name)
        if raw is None:
            return
        if prop.currency_from is not None:
            _check_currency(prop, properties.get(prop.currency_from), self._currency)
        if prop.items:
            _check_lines(prop, raw, properties=properties, currency=self._currency)


def checker(prop: Property) -> Callable[[Any], object]:
    """Return the function that raises :class:`BadValue` for what a property may not hold."""
    kind = prop.type
    if kind is ValueType.CATEGORY:
        return category_bytes
    fits = encoder(prop)
    if kind in (ValueType.TEXT, ValueType.LIST, ValueType.PLACE):

        def nested(raw: Any) -> None:
            fits(raw)
            _plain(prop.name, raw, 0)

        return nested
    return fits


def _check_value(where: str, prop: Property, raw: object, fits: Callable[[Any], object]) -> None:
    try:
        fits(raw)
    except BadValue as error:
        raise _bad_value(where, prop, error) from None


def _bad_value(where: str, prop: Property, error: BadValue) -> Rejected:
    return Rejected(Code.BAD_VALUE, f"{where}: {error.reason} (it is declared as {prop.type})")


def _check_lines(prop: Property, lines: Any, *, properties: Mapping[str, Any], currency: str) -> None:
    if len(lines) > MAX_LINES:
        raise Rejected(Code.BAD_VALUE, f"{prop.name}: it has {len(lines):,} lines, more than {MAX_LINES:,}")
    for at, line in enumerate(lines):
        for item in prop.items:
            raw = line.get(item.name)
            if raw is None:
                continue
            _check_value(f"{prop.name}[{at}].{item.name}", item, raw, checker(item))
            if item.currency_from is not None:
                stated = line.get(item.currency_from, properties.get(item.currency_from))
                _check_currency(item, stated, currency)


def _check_currency(prop: Property, stated: object, currency: str) -> None:
    if stated is None or (isinstance(stated, str) and stated.upper() == currency):
        return
    raise Rejected(
        Code.BAD_VALUE,
        f"{prop.name}: it is in {shown(stated)} (by {prop.currency_from}), but this workspace counts in"
        f" {currency}; convert it in the mapping",
    )


def _check_reserved(event: Event) -> None:
    for name in REQUIRED.get(event.name, ()):
        if not event.properties.get(name):
            raise Rejected(Code.BAD_VALUE, f"{name}: it is missing, and {event.name} says nothing without it")
    for name, raw in event.properties.items():
        allowed = ALLOWED.get((event.name, name))
        if allowed is not None and raw is not None and raw not in allowed:
            raise Rejected(Code.BAD_VALUE, f"{name}: {shown(raw)} is none of {', '.join(sorted(allowed))}")
    if event.name in (LINKED, UNLINKED) and event.alias is None:
        raise Rejected(Code.BAD_VALUE, f"identifier: it is missing, and {event.name} says nothing without it")


def _check_link(owner: str, alias: str) -> None:
    if alias == owner:
        raise Rejected(Code.BAD_ID, f"{shown(alias)} cannot be linked to itself")
    if not Identifier.parse(owner).known and Identifier.parse(alias).known:
        raise Rejected(Code.BAD_ID, f"the customer {shown(alias)} cannot belong to a visitor; state the userId")


def _check_message_id(text: str) -> None:
    if not text:
        raise Rejected(Code.NO_MESSAGE_ID, "the messageId is missing; without it a repeat could not be told")
    if len(_bytes("messageId", text)) > MAX_MESSAGE_ID_BYTES:
        raise Rejected(Code.NO_MESSAGE_ID, f"the messageId is longer than {MAX_MESSAGE_ID_BYTES} bytes")


def identifier_of(text: str, *, what: str) -> Identifier:
    """Read ``namespace:id``, raising :class:`Rejected` where it names no one; ``what`` says where it
    stood.
    """
    if not text or text.isspace():
        raise Rejected(Code.NO_CUSTOMER, f"{what} is empty")
    try:
        return Identifier.parse(text)
    except ValueError as error:
        raise Rejected(_id_code(error), f"{what}: {shown(text)}: {error}") from None


def visitor_of(text: str) -> Identifier:
    """Return the identifier of an anonymousId, raising :class:`Rejected` where it names no one."""
    name = Identifier("anon", text.strip())
    try:
        name.check()
    except ValueError as error:
        raise Rejected(_id_code(error), f"anonymousId: {shown(text)}: {error}") from None
    return name


def _id_code(error: ValueError) -> Code:
    return Code.PLACEHOLDER_ID if "placeholder" in str(error) else Code.BAD_ID


def _plain(where: str, raw: object, depth: int) -> None:
    """Refuse what JSON could not carry, or what is nested beyond all sense."""
    kind = type(raw)
    if kind in _SIMPLE:
        return
    if kind is str:
        assert isinstance(raw, str)
        if not raw.isascii():
            _bytes(where, raw)
        return
    if depth >= MAX_DEPTH:
        raise Rejected(Code.BAD_VALUE, f"{where}: it is nested more than {MAX_DEPTH} deep")
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if not isinstance(key, str):
                raise Rejected(Code.BAD_VALUE, f"{where}: the key {shown(key)} is not text")
            if not key.isascii():
                _bytes(where, key)
            _plain(where, value, depth + 1)
    elif isinstance(raw, (list, tuple)):
        for value in raw:
            _plain(where, value, depth + 1)
    elif not getattr(raw, "is_finite", _is_finite_float(raw))():
        raise Rejected(Code.BAD_VALUE, f"{where}: {shown(raw)} is no value of JSON")


def _is_finite_float(raw: object) -> Any:
    finite = isinstance(raw, float) and raw - raw == 0
    return lambda: finite


def _bytes(where: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Rejected(Code.BAD_VALUE, f"{where}: the text holds half of a character (a lone surrogate)") from None
