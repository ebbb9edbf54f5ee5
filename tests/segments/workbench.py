"""A small bank for segments: definitions read from YAML, one customer's events, and the engine over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from tests.features.harness import NODE, schema_of, store_of
from tests.oracles.definitions import SchemaText
from tests.oracles.genome import OracleEvent, Value

from onefold.core.document import Section, read_yaml
from onefold.core.instant import Span, days_of, parse_iso
from onefold.core.types import Purpose
from onefold.core.zone import Zone, zone
from onefold.features.consent import consent_features
from onefold.features.definitions import FeatureSet
from onefold.features.engine import FOREVER, Engine
from onefold.features.plan import build_plan
from onefold.features.reading import read_features
from onefold.profiles.layout import Layout
from onefold.profiles.timeline import read_person
from onefold.profiles.words import Rows
from onefold.segments.definitions import SegmentSet
from onefold.segments.history import History
from onefold.segments.membership import Members, Membership
from onefold.segments.reading import read_segments

SCHEMA: SchemaText = {
    "view": {"path": ("category", 0)},
    "login": {},
    "paid": {"amount": ("money", 2), "due": ("date", 0), "at": ("instant", 0)},
    "scored": {"score": ("number", 0)},
    "consent_changed": {
        "purpose": ("category", 0),
        "channel": ("category", 0),
        "status": ("category", 0),
        "expires": ("instant", 0),
        "source": ("category", 0),
    },
    "traits.birth_date": {"value": ("date", 0)},
    "traits.salary": {"value": ("money", 2)},
}
SEEN_FOR_EVER = FOREVER
UTC = zone("UTC")
Yaml = Mapping[str, Any]


def at(text: str) -> int:
    """Return an ISO 8601 time, of UTC where it says nothing."""
    return UTC.parse(text)


def day(text: str) -> int:
    """Return a date in days since 1970-01-01."""
    return days_of(parse_iso(text))


_numbers = iter(range(1, 1 << 60))


def event(source: str, time: int | str, known: int | None = None, **properties: Value) -> OracleEvent:
    """Return an event of its own message; what is not said of it is absent."""
    instant = at(time) if isinstance(time, str) else time
    absent: dict[str, Value] = dict.fromkeys(SCHEMA[source])
    arrived = instant if known is None else known
    return OracleEvent(source, instant, f"m{next(_numbers)}", arrived, {**absent, **properties})


def stated(trait: str, value: Value, time: int | str) -> OracleEvent:
    """Return the statement of a trait."""
    return event(f"traits.{trait}", time, value=value)


def consent(
    time: int | str, status: str = "granted", purpose: str = "marketing", expires: int | None = None
) -> OracleEvent:
    """Return a statement of consent."""
    return event("consent_changed", time, purpose=purpose, status=status, expires=expires)


def section(key: str, values: Yaml, file: str) -> Section:
    """Return definitions as if they stood in a file."""
    return read_yaml(json.dumps({key: values}, ensure_ascii=False), file)


def features_of(values: Yaml, retention: Mapping[str, Span] | None = None) -> FeatureSet:
    """Return features read from YAML."""
    return _features_of(json.dumps(values), tuple((retention or {}).items()))


@lru_cache(maxsize=8)
def _features_of(text: str, retention: tuple[tuple[str, Span], ...]) -> FeatureSet:
    file = section("features", json.loads(text), "features/all.yaml")
    found = read_features([file], schema_of(SCHEMA), retention=dict(retention))
    file.problems.raise_if_any()
    return found


@dataclass(frozen=True)
class Bench:
    """Definitions in a zone, compiled."""

    features: FeatureSet
    segments: SegmentSet
    zone: Zone

    @cached_property
    def engine(self) -> Engine:
        """The engine over the features, the consents and all that the segments name."""
        more = consent_features(self.features.schema, self.segments.gates | {(Purpose.MARKETING, None)})
        plan = build_plan(self.features.with_more(more), Layout(self.features.schema), above=self.segments.expressions)
        return Engine(plan, self.zone)

    @cached_property
    def history(self) -> History:
        """Memberships over time."""
        return History(self.segments, self.engine)

    @cached_property
    def membership(self) -> Membership:
        """Memberships of many."""
        return Membership(self.segments, self.engine)

    def rows(self, events: Iterable[OracleEvent], *, known: int = FOREVER) -> Rows:
        """Return one customer's records, sorted."""
        store = store_of(events, self.engine.plan.layout)
        self.engine.texts.add(store.texts())
        return read_person(store, NODE, known=known)

    def members(self, rows: Rows, now: int, *, known: int = FOREVER) -> Members:
        """Return one customer's memberships by the way that many go."""
        return self.membership.read(rows, np.array([0, len(rows)], np.int64), now=now, known=known)

    def names(self, events: Iterable[OracleEvent], now: int | str) -> tuple[str, ...]:
        """Return the segments that a customer is in."""
        return self.members(self.rows(events), at(now) if isinstance(now, str) else now).names(0)


def bench(
    features: Yaml, segments: Yaml, *, zone_name: str = "UTC", retention: Mapping[str, Span] | None = None
) -> Bench:
    """Return the bench of definitions, which must be without problems."""
    known = features_of(features, retention)
    file = section("segments", segments, "segments/all.yaml")
    found = read_segments([file], known)
    file.problems.raise_if_any()
    return Bench(known, found, zone(zone_name))
