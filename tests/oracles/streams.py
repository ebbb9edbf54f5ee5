"""Whole cases: a schema, definitions, one customer's events, a moment.

Now is thrown first; events then fall about the edges of the windows at that moment, so that collisions to the
microsecond are common. Sizes are small, so that a person can read a failure. One generator serves all: with a seed a
case (``case_of``), or with Hypothesis for dice, which shrink (``cases``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import strategies as st
from tests.oracles.calendar import days, local_date, zone_named
from tests.oracles.definitions import Definition, Places, SchemaText
from tests.oracles.genome import OracleEvent, OracleFeature, Reading, Value, bounds, events_that_exist, oracle_genome
from tests.oracles.moments import DAYS, moment_by
from tests.oracles.stream_definitions import AIMS, PLACES, WINDOWS, Aim, Ground, definition_by
from tests.oracles.stream_events import stream_by
from tests.oracles.stream_scene import Scene, properties_by
from tests.oracles.stream_wheres import schema_by

from onefold.core.instant import DAY, LATEST, Span
from onefold.oracle.windows import retention_of

STORIES = tuple(Aim(aggregate, window) for aggregate in ("recurring", "sequence") for window in WINDOWS)
RARE = (*(aim for aim in AIMS if aim.null != "none to see" or aim.aggregate == "sequence"), *STORIES * 3)
"""What few cases show by themselves: most kinds of nothing, and events that belong together."""

__all__ = ["DAYS", "Case", "case_by", "case_of", "cases", "moments"]


@dataclass(frozen=True)
class Case:
    """All that a genome depends on.

    ``events`` stand in order of arrival at the log; what a reading sees is decided by their ``known_at``. With
    ``two_names`` every other one came under another name of the customer: nothing may depend on it.
    """

    schema: SchemaText
    definitions: tuple[Definition, ...]
    events: tuple[OracleEvent, ...]
    now: int
    known: int
    zone: str
    retention: Mapping[str, str]
    places: Places = field(default_factory=dict)
    two_names: bool = False

    @property
    def features(self) -> list[OracleFeature]:
        """Return the features for the oracle."""
        return [definition.feature(self.schema, self.places) for definition in self.definitions]

    @property
    def spans(self) -> dict[str, Span]:
        """Return the retention as spans."""
        return {source: Span.parse(span) for source, span in self.retention.items()}

    def genome(self, now: int | None = None) -> tuple[dict[str, Value], int | None]:
        """Return the oracle's (values, next_change), at another moment if asked."""
        now = self.now if now is None else now
        return oracle_genome(
            self.events, self.features, now=now, known=self.known, zone=self.zone, retention=self.spans
        )

    def readings(self, now: int | None = None) -> list[Reading]:
        """Return the oracle's reading of each feature."""
        existing = tuple(events_that_exist(self.events, self.known))
        now = self.now if now is None else now
        return [Reading(feature, now, self.zone, self.spans, existing) for feature in self.features]


def case_of(seed: int) -> Case:
    """Return the case of a number; consecutive ones aim at all kinds of features, windows and nothings in turn.

    >>> case_of(7) == case_of(7), len(case_of(7).definitions) >= 1
    (True, True)
    """
    return case_by(Random(seed), RARE[seed % len(RARE)])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case: 1 to 5 definitions, 0 to 15 events, most of both about one source."""
    return case_by(draw(st.randoms(use_true_random=False)))


@st.composite
def moments(draw: st.DrawFn, zone: str) -> int:
    """Draw an instant near what is odd about a zone's calendar, often in a gap or a repeated hour."""
    return moment_by(draw(st.randoms(use_true_random=False)), zone)


def case_by(rng: Random, aim: Aim | None = None) -> Case:
    """Throw a case; its first definition is what ``aim`` says, where the schema has something for it."""
    zone = rng.choice(sorted(DAYS))
    now = moment_by(rng, zone)
    ground = Ground(_schema(rng, aim), days(local_date(now, zone_named(zone))))
    sources = sorted(ground.schema)
    about = [rng.choice(sources)] * len(sources) * 2 + sources
    definitions = [definition_by(rng, f"f{at}", ground, about, None) for at in range(rng.choice([0, 1, 1, 2, 3]))]
    first = definition_by(rng, "aim", ground, about, aim)
    case = Case(ground.schema, (first, *definitions), (), now, LATEST, zone, _retention(rng, ground.schema), PLACES)
    features = tuple(case.features)
    about = [stream.source for feature in features for stream in feature.streams()] * len(sources) + sources
    scene = Scene(ground.schema, features, now, zone, case.spans, ground.today)
    events = stream_by(rng, scene, about)
    arrivals = [now, *(event.known_at + offset for event in events for offset in (-1, 0, 1))]
    known = rng.choice([LATEST, LATEST, LATEST, now, now, rng.choice(arrivals)])
    case = replace(case, events=tuple(events), known=known, two_names=rng.random() < 0.25)
    return case if aim is None or aim.null is None else _with_nothing(rng, case, scene, aim.null)


def _schema(rng: Random, aim: Aim | None) -> SchemaText:
    """Throw schemas until one has something for the aim."""
    schema = schema_by(rng)
    for _ in range(0 if aim is None else 50):
        if _has(schema, aim):
            break
        schema = schema_by(rng)
    return schema


def _has(schema: SchemaText, aim: Aim | None) -> bool:
    ground = Ground(schema, 20_000)
    return definition_by(Random(1), "aim", ground, sorted(schema), aim).aggregate == (aim.aggregate if aim else "")


def _retention(rng: Random, schema: SchemaText) -> dict[str, str]:
    """Throw retention by event name, mostly none."""
    names = sorted(source for source in schema if "." not in source)
    if rng.random() < 0.65:
        return {}
    return {name: rng.choice(["30d", "1mo", "12mo"]) for name in rng.sample(names, min(len(names), rng.choice([1, 2])))}


def _with_nothing(rng: Random, case: Case, scene: Scene, null: str) -> Case:
    """Make the first feature meet a kind of nothing: keep its window empty, or put an event there that lacks something.

    Where retention leaves nothing of the window there is none.
    """
    feature = scene.features[0]
    start, end = bounds(feature.window, retention_of(case.spans, feature.source), case.now, case.zone)
    if start is not None and start >= end:
        case = replace(case, retention={})
        start, end = bounds(feature.window, None, case.now, case.zone)
    if null == "none to see":
        keep = [one for one in case.events if one.time >= end or (start is not None and one.time < start)]
        return replace(case, events=tuple(keep))
    properties = properties_by(rng, scene, feature.source)
    if null == "where unknown":
        properties |= dict.fromkeys(_named(case.definitions[0], case.schema[feature.source]))
    elif feature.property is not None:
        properties[feature.property] = None
    else:
        properties = dict.fromkeys(properties)
    at = rng.choice([end - 1, end - 1, end - DAY] if start is None else [start, end - 1, (start + end) // 2])
    event = OracleEvent(feature.source, at, "nothing", min(at, case.known), properties)
    return replace(case, events=(*case.events, event))


def _named(definition: Definition, types: Mapping[str, object]) -> list[str]:
    text = definition.where.text if definition.where else ""
    return [name for name in types if name in text.split()]
