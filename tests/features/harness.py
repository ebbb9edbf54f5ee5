"""Runs an oracle's case through the real parser, plan, store and kernel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from tests.oracles.definitions import Definition, Places, SchemaText
from tests.oracles.genome import OracleEvent, Value

from onefold.adapters.memory.timelines import MemoryTimelines
from onefold.core.document import read_yaml
from onefold.core.event import LINKED, Event
from onefold.core.ids import NULL, message_hash, text_code
from onefold.core.instant import SECOND, Span, format_instant
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.core.zone import zone
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.places import Place, Point
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.profiles.encode import Stamp, rows_of
from onefold.profiles.layout import Layout
from onefold.profiles.store import Batch
from onefold.profiles.timeline import read_person
from onefold.profiles.words import RETRACTED, SLOTS, Rows, pack_times, part_bits

NODE, DEVICE = b"customer".ljust(16), b"device".ljust(16)
LONG_AGO = -(2**62)


def schema_of(text: SchemaText) -> Schema:
    """Return the schema that ``events.yaml`` would give."""
    events: dict[str, EventType] = {}
    traits: dict[str, Property] = {}
    lists: dict[str, list[Property]] = {}
    for source, types in text.items():
        properties = [Property(name, ValueType(kind), scale) for name, (kind, scale) in types.items()]
        if source.startswith("traits."):
            trait = properties[0]
            traits[source.removeprefix("traits.")] = Property(source.removeprefix("traits."), trait.type, trait.scale)
        elif "." in source:
            lists[source] = properties
        else:
            events[source] = EventType(source, tuple(properties))
    for source, properties in lists.items():
        parent, name = source.split(".")
        shared = {known.name for known in events[parent].properties}
        items = tuple(known for known in properties if known.name not in shared)
        lines = Property(name, ValueType.LIST, items=items)
        events[parent] = EventType(parent, (*events[parent].properties, lines))
    return Schema(events, traits)


def engine_of(
    schema: Schema,
    definitions: Sequence[Definition],
    zone_name: str,
    retention: Mapping[str, Span],
    places: Places | None = None,
) -> Engine:
    """Return an engine over definitions read from their YAML."""
    text = json.dumps({"features": {one.name: one.yaml for one in definitions}}, ensure_ascii=False)
    section = read_yaml(text, "features/case.yaml")
    named = {name: Place(name, Point(*point), kind) for name, (point, kind) in (places or {}).items()}
    features = read_features([section], schema, retention=retention, places=named)
    section.problems.raise_if_any()
    return Engine(build_plan(features, Layout(schema)), zone(zone_name))


def words(value: Value, known: Property) -> tuple[int, ...]:
    """Return the slot words of an exact value: two of a place, one of all else."""
    if known.type is ValueType.PLACE:
        return value if isinstance(value, tuple) else (NULL, NULL)
    return (word(value, known),)


def word(value: Value, known: Property) -> int:
    """Return the slot word of an exact value."""
    if value is None or isinstance(value, tuple):
        return NULL
    if known.type is ValueType.CATEGORY:
        return text_code(str(value))
    if known.type is ValueType.NUMBER:
        scaled = Fraction(value) * 10**known.scale
        assert scaled.denominator == 1
        return int(scaled)
    assert isinstance(value, int)
    return int(value)


def _row(event: OracleEvent, layout: Layout, code: int, slots: Mapping[int, int]) -> Rows:
    row = np.full(layout.width, NULL, np.int64).view(np.uint64)
    row[:2] = pack_times(np.array([event.time, event.order], np.int64))
    row[2] = np.frombuffer(message_hash(event.message_id).to_bytes(8, "big"), np.uint64)[0]
    row[3] = np.array([event.known_at], np.int64).view(np.uint64)[0]
    row[4] = code | part_bits(event.part)
    for slot, value in slots.items():
        row[SLOTS + slot] = np.array([value], np.int64).view(np.uint64)[0]
    return row


def records_of(events: Iterable[OracleEvent], layout: Layout) -> tuple[list[Rows], dict[int, str]]:
    """Return the records and texts of one name as the intake would make them: the first of a repeated message stays."""
    rows: list[Rows] = []
    texts: dict[int, str] = {}
    seen: set[tuple[str, str, int]] = set()
    for event in events:
        key = (event.message_id, event.source, event.part)
        if key in seen:
            continue
        seen.add(key)
        slots: dict[int, int] = {}
        for known, first in layout.columns[event.source]:
            value = event.properties.get(known.name)
            slots |= dict(enumerate(words(value, known), first))
            if known.type is ValueType.CATEGORY and value is not None:
                texts[text_code(str(value))] = str(value)
        rows.append(_row(event, layout, layout.code(event.source), slots))
        if event.retracted_at is not None:
            target = np.array([message_hash(event.message_id)], np.uint64).view(np.int64)[0]
            back = OracleEvent(event.source, event.time, f"retract {event.message_id}", event.retracted_at, {})
            rows.append(_row(back, layout, RETRACTED, {0: int(target)}))
    return rows, texts


def store_of(
    events: Iterable[OracleEvent], layout: Layout, elsewhere: Iterable[OracleEvent] | None = None
) -> MemoryTimelines:
    """Put events into a store; those ``elsewhere`` stand on another name, which a link gives to the customer."""
    store = MemoryTimelines(layout)
    rows, texts = records_of(events, layout)
    others, more_texts = records_of(elsewhere or (), layout)
    if elsewhere is not None:
        link = Event(node="user:customer", name=LINKED, time=0, message_id="link", alias="anon:device")
        made = rows_of(link, layout, stamp=Stamp(NODE, LONG_AGO, 0))
        rows.append(made.rows(layout)[0])
        others.append(made.alias_rows(layout)[0])
    if rows or others:
        both = {name: np.stack(some) for name, some in ((NODE, rows), (DEVICE, others)) if some}
        members = [(NODE, DEVICE)] if elsewhere is not None else []
        store.apply(Batch(1, both, {NODE: b"sealed"}, members, texts | more_texts, {NODE}))
    return store


def timeline_of(
    engine: Engine, events: Iterable[OracleEvent], *, known: int, elsewhere: Iterable[OracleEvent] | None = None
) -> Rows:
    """Return a customer's timeline; events ``elsewhere`` came under another name of theirs."""
    store = store_of(events, engine.plan.layout, elsewhere)
    engine.texts.add(store.texts())
    return read_person(store, NODE, known=known)


def run(
    engine: Engine,
    events: Iterable[OracleEvent],
    *,
    now: int,
    known: int = FOREVER,
    elsewhere: Iterable[OracleEvent] | None = None,
) -> Genomes:
    """Return the engine's genome of one customer."""
    rows = timeline_of(engine, events, known=known, elsewhere=elsewhere)
    return engine.read(rows, np.array([0, len(rows)], np.int64), now=now, known=known)


def same(ours: object, oracle: Value, kind: ValueType, scale: int, slack: float = 0.0) -> bool:
    """Whether the engine's plain value is the oracle's exact one (money in minor units, dates in days).

    Floats may differ in the twelfth digit, and by ``slack``: what rounding does to a sum of large terms that cancel.
    """
    if oracle is None or ours is None:
        return oracle is None and ours is None
    if isinstance(oracle, bool | str):
        return ours == oracle
    if kind is ValueType.DATE:
        return hasattr(ours, "toordinal") and ours.toordinal() - 719163 == oracle
    if kind is ValueType.INSTANT:
        return isinstance(oracle, int) and ours == format_instant(oracle)
    if kind is ValueType.DURATION:  # in seconds; whole microseconds, even where it is a mean
        return abs(float(ours) * SECOND - oracle) <= 1 + 1e-12 * abs(oracle)  # type: ignore[arg-type, operator]
    if isinstance(oracle, float):
        factor = 10**scale if kind is ValueType.MONEY else 1
        return abs(float(ours) * factor - oracle) <= 1e-12 * max(1.0, abs(oracle)) + slack  # type: ignore[arg-type]
    exact = Fraction(str(ours)) * (10**scale if kind is ValueType.MONEY else 1)
    return exact == oracle
