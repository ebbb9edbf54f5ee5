"""Hypothesis strategies for whole cases: a schema, definitions, one customer's events, a moment.

Now is drawn first; events then fall about the edges of the windows at that moment, so that collisions to the
microsecond are common. Sizes are small, so that a failure shrinks to something a person can read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from hypothesis import strategies as st
from tests.oracles.calendar import days, local_date, resolve, zone_named
from tests.oracles.definitions import OF_THE_EVENT, Definition, SchemaText, Yaml
from tests.oracles.genome import OracleEvent, OracleFeature, Value, bounds, oracle_genome
from tests.oracles.stream_wheres import schemas, values, wheres

from onefold.core.instant import DAY, HOUR, LATEST, SECOND, Span

EVERYWHERE = (
    "2024-02-29 2025-02-28 2025-03-01 2025-12-31 2026-01-01 2026-01-31 2026-03-28 2026-03-29 2026-03-30 "
    "2026-03-31 2026-04-30 2026-05-04 "
)
DAYS = {
    "UTC": EVERYWHERE,
    "Europe/Prague": EVERYWHERE + "2026-10-25 2026-04-29 2026-11-25 2027-03-29",
    "America/St_Johns": EVERYWHERE + "2026-03-08 2026-11-01 2026-12-01 2026-04-08 2007-03-11 2010-11-06 2010-11-07",
    "America/Sao_Paulo": EVERYWHERE + "2018-11-03 2018-11-04 2018-12-04 2018-02-17 2018-02-18 2018-03-18",
}
CHANGES = {
    "Europe/Prague": "2026-10-25T02:30 2026-10-25T02:00 2026-03-29T02:30",
    "America/St_Johns": "2026-11-01T01:30 2010-11-06T23:30 2010-11-06T23:01 2026-03-08T02:30",
    "America/Sao_Paulo": "2018-02-17T23:30 2018-02-17T23:00 2018-11-04T00:30",
}
CLOCKS = ("00:00", "00:00:30", "01:59:59.999999", "02:00", "02:30", "03:00", "12:00", "23:30")
WALLS = tuple(time.fromisoformat(clock) for clock in CLOCKS)
JITTER = st.sampled_from([0, 1, -1, SECOND, -SECOND, HOUR, -HOUR, DAY]) | st.integers(-2 * DAY, 2 * DAY)
LATENESS = st.sampled_from([0, 0, 1, HOUR, 3 * DAY, -DAY, -60 * DAY])
DELAYS = st.sampled_from([0, 1, DAY])
RETRACTIONS = st.sampled_from([*[None] * 12, 0, 1, DAY, -HOUR])
ORDERS = st.sampled_from([0, 0, 0, 1, -1])
SPANS = ("1h", "24h", "7d", "30d", "1mo", "2mo", "12mo", "1y")
BETWEENS = (("2d", "1d"), ("60d", "30d"), ("2mo", "1mo"), ("24mo", "12mo"), ("2mo", "30d"), ("1y", "90d"))
UNITS = ("day", "week", "month", "quarter", "year")
WITHIN = st.sampled_from(SPANS).map(lambda span: dict[str, Yaml](within=span))
BETWEEN = st.sampled_from(BETWEENS).map(lambda pair: dict[str, Yaml](between=list(pair)))
SINCE = st.sampled_from(UNITS).map(lambda unit: dict[str, Yaml](since=f"start of {unit}"))
WINDOWS = st.one_of(st.just(dict[str, Yaml]()), WITHIN, WITHIN, BETWEEN, SINCE)
OF_TYPE = {
    "money": ("sum", "mean", "min", "max", "first", "last", "distinct"),
    "number": ("sum", "mean", "min", "max", "first", "last", "distinct"),
    "category": ("first", "last", "distinct"),
    "boolean": ("first", "last", "distinct"),
    "date": ("first", "last", "until", "until"),
}


@dataclass(frozen=True)
class Case:
    """All that a genome depends on.

    ``events`` stand in order of arrival at the log; what a reading sees is decided by their ``known_at``.
    """

    schema: SchemaText
    definitions: tuple[Definition, ...]
    events: tuple[OracleEvent, ...]
    now: int
    known: int
    zone: str
    retention: Mapping[str, str]

    @property
    def features(self) -> list[OracleFeature]:
        """Return the features for the oracle."""
        return [definition.feature(self.schema) for definition in self.definitions]

    def genome(self, now: int | None = None) -> tuple[dict[str, Value], int | None]:
        """Return the oracle's (values, next_change), at another moment if asked."""
        return oracle_genome(
            self.events,
            self.features,
            now=self.now if now is None else now,
            known=self.known,
            zone=self.zone,
            retention={source: Span.parse(span) for source, span in self.retention.items()},
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case: 1 to 5 definitions, 0 to 15 events, most of both about one source."""
    zone = draw(st.sampled_from(sorted(DAYS)))
    now = draw(moments(zone))
    schema = draw(schemas())
    today = days(local_date(now, zone_named(zone)))
    sources = sorted(schema)
    about = st.sampled_from([*[draw(st.sampled_from(sources))] * len(sources) * 2, *sources])
    names = [f"f{number}" for number in range(draw(st.integers(1, 5)))]
    definitions = tuple(draw(definition(name, draw(about), schema, today)) for name in names)
    case = Case(schema, definitions, (), now, LATEST, zone, draw(retentions(schema)))
    events = draw(streams(case, about, today))
    arrivals = [now, *(event.known_at + offset for event in events for offset in (-1, 0, 1))]
    known = draw(st.one_of(st.just(LATEST), st.just(LATEST), st.just(now), st.sampled_from(arrivals)))
    return replace(case, events=tuple(events), known=known)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> int:
    """Draw an instant near what is odd about a zone's calendar, often in a gap or a repeated hour."""
    if draw(st.booleans()) and zone in CHANGES:
        wall = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone].split())))
        return resolve(wall, zone_named(zone)) + draw(st.sampled_from([0, HOUR, HOUR + 1, HOUR // 2, -1]))
    day = date.fromisoformat(draw(st.sampled_from(DAYS[zone].split())))
    wall = datetime.combine(day, draw(st.sampled_from(WALLS)))
    return resolve(wall, zone_named(zone)) + draw(st.sampled_from([0, 1, -1, HOUR, -HOUR, HOUR - 1]))


@st.composite
def definition(draw: st.DrawFn, name: str, source: str, schema: SchemaText, today: int) -> Definition:
    """Draw a feature over a source, of any aggregate that suits its properties, with any window."""
    pairs = [(aggregate, source) for aggregate in OF_THE_EVENT]
    for property_, (type_, _) in schema[source].items():
        target = source if source.startswith("traits.") else f"{source}.{property_}"
        pairs += [(aggregate, target) for aggregate in OF_TYPE[type_] if _defined(aggregate, source, today)]
    aggregate, target = draw(st.sampled_from(pairs))
    body: dict[str, Yaml] = {aggregate: target}
    if aggregate == "active":
        body["by"] = draw(st.sampled_from(["day", "week", "month"]))
    body.update(draw(WINDOWS))
    filtered = aggregate == "share" or draw(st.booleans())
    return Definition(name, body, draw(wheres(schema[source], today)) if filtered else None)


def _defined(aggregate: str, source: str, today: int) -> bool:
    """Whether SEMANTICS says what an aggregate is.

    It does not say what is today where the clocks go back over midnight (St John's, up to 2011), nor whether
    the null of a trait is one of its distinct values.
    """
    if aggregate == "until":
        return today > days(date(2012, 1, 1))
    return aggregate != "distinct" or not source.startswith("traits.")


def retentions(schema: SchemaText) -> st.SearchStrategy[dict[str, str]]:
    """Return a strategy of retention by event name, mostly none."""
    names = sorted(source for source in schema if not source.startswith("traits."))
    some = st.dictionaries(st.sampled_from(names), st.sampled_from(["30d", "1mo", "12mo"]), max_size=2)
    return st.one_of(st.just({}), st.just({}), some)


def edges(case: Case) -> list[int]:
    """Return instants to put events at: now, the bounds and middles of windows, clock changes."""
    found = [case.now]
    spans = [None, *(Span.parse(span) for span in case.retention.values())]
    for feature in case.features:
        for span in spans:
            start, end = bounds(feature.window, span, case.now, case.zone)
            found += [end - DAY] if start is None else [start, end, (start + end) // 2]
    zone = zone_named(case.zone)
    clocks = (resolve(datetime.fromisoformat(f"{day}T02:30"), zone) for day in DAYS[case.zone].split())
    return found + [at for at in clocks if 0 < case.now - at < 400 * DAY]


@st.composite
def streams(draw: st.DrawFn, case: Case, about: st.SearchStrategy[str], today: int) -> list[OracleEvent]:
    """Draw 0 to 15 events about the edges, in any order of arrival, then repeats of some of them."""
    places = st.sampled_from(edges(case))
    fewest = draw(st.sampled_from([0, 3, 6, 9]))
    some = draw(st.lists(events_of(case.schema, about, places, today), min_size=fewest, max_size=12))
    events = [replace(event, message_id=f"m{number}") for number, event in enumerate(some)]
    repeated = draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    return [*events, *(replace(event, known_at=event.known_at + draw(DELAYS)) for event in repeated)]


@st.composite
def events_of(
    draw: st.DrawFn,
    schema: SchemaText,
    about: st.SearchStrategy[str],
    places: st.SearchStrategy[int],
    today: int,
) -> OracleEvent:
    """Draw an event without messageId; some lack properties, are late or retracted."""
    source = draw(about)
    at = draw(places) + draw(JITTER)
    known_at = at + draw(LATENESS)
    retracted = draw(RETRACTIONS)
    properties = {
        property_: draw(st.one_of(values(type_, scale, today), st.none()))
        for property_, (type_, scale) in schema[source].items()
    }
    order = draw(ORDERS)
    retracted_at = None if retracted is None else known_at + retracted
    return OracleEvent(source, at, "", known_at, properties, order=order, retracted_at=retracted_at)
