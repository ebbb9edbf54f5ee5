"""Dice for one customer's events: about the edges of windows, and at telling distances from one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from tests.oracles.calendar import local_date, months_before, resolve, zone_named
from tests.oracles.genome import OracleEvent, OracleFeature, bounds
from tests.oracles.moments import DAYS
from tests.oracles.stream_scene import Scene, properties_by
from tests.oracles.stream_stories import numbered, passing, story_by
from tests.oracles.stream_wheres import ITEMS, LIST

from onefold.core.instant import DAY, HOUR, SECOND
from onefold.oracle.recurring import MONTHS, SLACK, due
from onefold.oracle.windows import retention_of

JITTER = (0, 1, -1, SECOND, -SECOND, HOUR, -HOUR, DAY)
LATENESS = (0, 0, 1, HOUR, 3 * DAY, -DAY, -60 * DAY)
DELAYS = (0, 1, DAY)
RETRACTIONS = (*[None] * 16, 0, 1, DAY, -HOUR)
ORDERS = (0, 0, 0, 1, -1)


def stream_by(rng: Random, scene: Scene, sources: Sequence[str]) -> list[OracleEvent]:
    """Throw a story for most features and 0 to 9 events beside, in any order of arrival; then repeats of some."""
    places = edges(scene)
    events: list[OracleEvent] = []
    for at, feature in enumerate(scene.features):
        if rng.random() < (0.9 if at == 0 else 0.4):
            events += numbered(story_by(rng, scene, feature), f"s{at}.")
    for number in range(rng.choice([0, 1, 2, 4, 6, 9])):
        source = rng.choice(sources)
        events += _events(rng, scene, source, f"m{number}", _time(rng, scene, source, places, events))
    if rng.random() < 0.5:
        rng.shuffle(events)
    repeated = [rng.choice(events) for _ in range(rng.choice([0, 1, 3]))] if events else []
    return [*events, *(replace(event, known_at=event.known_at + rng.choice(DELAYS)) for event in repeated)]


def _time(rng: Random, scene: Scene, source: str, places: Sequence[int], events: Sequence[OracleEvent]) -> int:
    if rng.random() < 0.3:
        before = [event for event in events if event.source == source]
        tells = [at for one in scene.features if one.source == source for at in _after(rng, scene, one, before)]
        if tells:
            return rng.choice(tells) + rng.choice([0, 0, 1, -1])
    at = rng.choice(places) if rng.random() < 0.85 else rng.choice([scene.now, *clock_changes(scene)])
    return at + (rng.choice(JITTER) if rng.random() < 0.7 else rng.randint(-2 * DAY, 2 * DAY))


def _after(rng: Random, scene: Scene, feature: OracleFeature, before: Sequence[OracleEvent]) -> Iterator[int]:
    """Yield instants that tell, seen from an event before: a period or a gap later, or the same instant."""
    if not before:
        return
    last, some = before[-1].time, rng.choice(before).time
    yield some
    if feature.aggregate == "recurring":
        at = due(last, feature.word("every"), scene.zone)
        yield from (
            at,
            at,
            at + rng.choice([SLACK, -SLACK]),
            at + rng.randint(-SLACK, SLACK),
            at + rng.choice([6, -6]) * DAY,
        )
    if feature.aggregate == "session":
        gap = feature.number("gap")
        yield from (last + gap, last - gap, last + gap // 2, some + gap)


def edges(scene: Scene) -> list[int]:
    """Return instants to put events at: now, the bounds and middles of windows, telling moments."""
    now = scene.now
    found = [now]
    for feature in scene.features:
        for span in {None, *(retention_of(scene.retention, stream.source) for stream in feature.streams())}:
            start, end = bounds(feature.window, span, now, scene.zone)
            found += [end - 1, end - DAY] if start is None else [start, end, (start + end) // 2]
        found += _telling(scene, feature)
    return found


def clock_changes(scene: Scene) -> list[int]:
    """Return instants of the last 400 days about which clocks or calendars are odd."""
    zone = zone_named(scene.zone)
    clocks = (resolve(datetime.fromisoformat(f"{day}T02:30"), zone) for day in DAYS[scene.zone].split())
    return [at for at in clocks if 0 < scene.now - at < 400 * DAY]


def _telling(scene: Scene, feature: OracleFeature) -> list[int]:
    zone, now = zone_named(scene.zone), scene.now
    match feature.aggregate:
        case "sequence":
            return [now - feature.number("after")] * 2
        case "hours":
            midnight = datetime.combine(local_date(now, zone), datetime.min.time())
            ends = [midnight + timedelta(hours=feature.number(end)) for end in ("from", "to")]
            return [resolve(end - timedelta(days=back), zone) for end in ends for back in (0, 1, 2)]
        case "recurring":
            every = feature.word("every")
            latest = now - SLACK
            one = latest - 7 * DAY if every == "week" else months_before(latest, MONTHS[every], zone)
            return [one, one, one + SLACK]
    return []


def _events(rng: Random, scene: Scene, source: str, message: str, at: int) -> list[OracleEvent]:
    """Throw an event, or the lines of a list; some lack properties, are late or retracted."""
    known_at = at + rng.choice(LATENESS)
    retracted, order = rng.choice(RETRACTIONS), rng.choice(ORDERS)
    retracted_at = None if retracted is None else known_at + retracted
    about = [stream for feature in scene.features for stream in feature.streams() if stream.source == source]
    properties = (
        passing(rng, scene, rng.choice(about)) if about and rng.random() < 0.5 else properties_by(rng, scene, source)
    )
    event = OracleEvent(source, at, message, known_at, properties, order, 0, retracted_at)
    if source != LIST:
        return [event]
    lines = [{**event.properties, **properties_by(rng, scene, source, ITEMS)} for _ in range(rng.choice([1, 1, 2, 3]))]
    return [replace(event, properties=line, part=part) for part, line in enumerate(lines, 1)]
