"""Rows whose expressions are evaluated -> events, checked against their contract.

An engine evaluates :attr:`RowPlan.outputs` for every row; :meth:`RecordBuilder.event` makes of them the event
of one record. Which engine does so is none of this module's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from onefold.core.event import Event
from onefold.core.zone import Zone
from onefold.language.ast import Kind, Node
from onefold.sources.contracts import MAX_MESSAGE_ID_BYTES, identifier_of
from onefold.sources.convert import converter, number
from onefold.sources.mapping import Mapping, Record
from onefold.sources.rejections import Code, Rejected
from onefold.sources.templates import Template
from onefold.sources.values import LARGEST

Row = Sequence[Any]
"""One row's results, NULL as None: float, str or bool by the kind of the expression; raw columns as text."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A column as it is written, of this file or (``lookup.column``) of a lookup."""

    column: str


Output = Raw | Node


class Outputs:
    """Numbers what must be evaluated, the same thing once."""

    def __init__(self) -> None:
        self._places: dict[Output, int] = {}

    def place(self, output: Output) -> int:
        """Return the position of an output in the rows, adding it where it is new."""
        return self._places.setdefault(output, len(self._places))

    def all(self) -> tuple[Output, ...]:
        """Return the outputs in the order of their positions."""
        return tuple(self._places)


@dataclass(frozen=True, slots=True)
class RecordBuilder:
    """Makes the event of one record out of a row's results."""

    record: Record
    prefix: str
    zone: Zone
    time: int
    customer: tuple[int, ...]
    link: tuple[int, ...]
    ids: tuple[int, ...]
    order: int | None
    when: int | None
    values: tuple[tuple[int, str, Callable[[Any], Any]], ...]
    places: tuple[tuple[tuple[int, ...], str], ...]

    def wanted(self, row: Row) -> bool:
        """Whether the record's ``when`` holds; unknown does not."""
        return self.when is None or row[self.when] is True

    def event(self, row: Row, identity: str) -> Event:
        """Return the event; ``identity`` stands for the whole row where the record has no ``id``.

        Raises :class:`Rejected`.
        """
        record = self.record
        node = _named(record.customer, self.customer, row, "customer")
        alias = None
        if record.link is not None:
            alias = _named(record.link, self.link, row, "link")
        return Event(
            node=node,
            name=record.event,
            time=self._time(row[self.time]),
            message_id=self._message_id(row, identity),
            properties=self._properties(row),
            order=0 if self.order is None else _order(row[self.order]),
            alias=alias,
        )

    def _time(self, value: float | None) -> int:
        if value is None:
            raise Rejected(Code.BAD_TIME, "time: it is empty")
        if self.record.time.kind is Kind.DATE:
            return _start_of_day(self.zone, int(value))
        return int(value)

    def _message_id(self, row: Row, identity: str) -> str:
        if not self.ids:
            return self.prefix + identity
        if len(self.ids) == 1 and row[self.ids[0]] is not None:
            text = self.prefix + _escaped(row[self.ids[0]])
            if len(text) < MAX_MESSAGE_ID_BYTES // 4:
                return text
        values = [row[at] for at in self.ids]
        if values.count(None) == len(values):
            raise Rejected(Code.BAD_COLUMN, f"id: {', '.join(self.record.id)} is empty")
        text = self.prefix + "/".join(map(_escaped, values))
        if len(text.encode()) <= MAX_MESSAGE_ID_BYTES:
            return text
        return self.prefix + hashlib.sha256(text.encode()).hexdigest()

    def _properties(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {}
        keep = self.record.states_traits
        for at, name, convert in self.values:
            value = row[at]
            if value is not None:
                found[name] = convert(value)
            elif keep:
                found[name] = None
        for places, name in self.places:
            pair = [row[at] for at in places]
            if None not in pair:
                found[name] = {"latitude": number(pair[0]), "longitude": number(pair[1])}
            elif keep:
                found[name] = None
        return found


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What to evaluate for every row of a mapping, and what to make of it."""

    mapping: Mapping
    outputs: tuple[Output, ...]
    records: tuple[RecordBuilder, ...] = field(default=())


def plan_rows(mapping: Mapping, zone: Zone) -> RowPlan:
    """Return the plan of a mapping; dates are 00:00 in ``zone``."""
    outputs = Outputs()
    builders = tuple(_builder(mapping, record, zone, outputs) for record in mapping.records)
    return RowPlan(mapping, outputs.all(), builders)


def _builder(mapping: Mapping, record: Record, zone: Zone, outputs: Outputs) -> RecordBuilder:
    def raws(names: Sequence[str]) -> tuple[int, ...]:
        return tuple(outputs.place(Raw(name)) for name in names)

    return RecordBuilder(
        record,
        f"{mapping.source}/{record.name}/",
        zone,
        outputs.place(record.time),
        raws(record.customer.columns),
        raws(record.link.columns) if record.link is not None else (),
        raws(record.id),
        outputs.place(record.order) if record.order is not None else None,
        outputs.place(record.when) if record.when is not None else None,
        tuple(
            (outputs.place(value.nodes[0]), value.property.name, converter(value.property))
            for value in record.values
            if len(value.nodes) == 1
        ),
        tuple(
            (tuple(outputs.place(node) for node in value.nodes), value.property.name)
            for value in record.values
            if len(value.nodes) > 1
        ),
    )


def _named(template: Template, places: tuple[int, ...], row: Row, what: str) -> str:
    if len(places) == 1 and row[places[0]] is not None:
        return _canonical(template.texts[0] + row[places[0]] + template.texts[1], what)
    values = [row[at] for at in places]
    text = template.fill(values)
    if text is None:
        missing = template.columns[values.index(None)]
        why = "is empty, or the lookup found no row" if "." in missing else "is empty"
        raise Rejected(Code.NO_CUSTOMER, f"{what}: {missing} {why}")
    return _canonical(text, what)


@lru_cache(maxsize=1 << 16)
def _canonical(text: str, what: str) -> str:
    return str(identifier_of(text, what=what))


@lru_cache(maxsize=1 << 14)
def _start_of_day(zone: Zone, day: int) -> int:
    return zone.start_of_day(day)


def _order(value: float | None) -> int:
    if value is None:
        return 0
    if not value.is_integer() or abs(value) > LARGEST:
        raise Rejected(Code.BAD_VALUE, f"order: {value!r} is not a whole number of at most 15 digits")
    return int(value)


def _escaped(value: str | None) -> str:
    if value is None:
        return "%"
    return value.replace("%", "%25").replace("/", "%2F") if "%" in value or "/" in value else value
