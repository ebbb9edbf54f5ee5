"""Dice for events that belong together: what a feature looks for, or just misses."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from random import Random

from tests.oracles.calendar import local_date, months_before, resolve, zone_named
from tests.oracles.genome import OracleEvent, OracleFeature, OracleStream, Properties, Value, bounds
from tests.oracles.stream_scene import Scene, number_of, properties_by

from onefold.core.instant import DAY, HOUR, SECOND
from onefold.oracle.recurring import MONTHS, SLACK, due
from onefold.oracle.windows import retention_of

TRIES, MOST = 8, 6
NUDGES = (0, 0, 1, -1)
LATE = (*[0] * 8, *[SLACK, -SLACK, DAY, -2 * DAY] * 2, SLACK + 1, -SLACK - 1)
"""By how much a payment comes after it is due; that of the last two is too much."""


def story_by(rng: Random, scene: Scene, feature: OracleFeature) -> list[OracleEvent]:
    """Throw events that lie in the window (mostly) and pass ``where`` (mostly), as the aggregate would have them."""
    match feature.aggregate:
        case "sequence":
            return _sequence(rng, scene, feature)
        case "recurring":
            return _chain(rng, scene, feature)
        case "hours":
            return _at_hours(rng, scene, feature)
    return _run(rng, scene, feature)


def passing(rng: Random, scene: Scene, stream: OracleStream, fixed: Properties | None = None) -> dict[str, Value]:
    """Throw properties, some of them ``fixed``, that pass a condition, if a few throws find some."""
    found = properties_by(rng, scene, stream.source) | dict(fixed or {})
    for _ in range(TRIES):
        if stream.where is None or stream.where(found) is True:
            break
        found = properties_by(rng, scene, stream.source) | dict(fixed or {})
    return found


def _event(rng: Random, scene: Scene, stream: OracleStream, at: int, fixed: Properties | None = None) -> OracleEvent:
    known_at = min(at, scene.now) + rng.choice([0, 0, 0, 1, -HOUR, -60 * DAY])
    part = 1 if "." in stream.source and not stream.source.startswith("traits.") else 0
    return OracleEvent(stream.source, at, "", known_at, passing(rng, scene, stream, fixed), part=part)


def _edges(scene: Scene, feature: OracleFeature) -> tuple[int, int]:
    """Return the window's first and last instant at now; a year is enough of all time."""
    start, end = bounds(feature.window, retention_of(scene.retention, feature.source), scene.now, scene.zone)
    return end - 365 * DAY if start is None else start, end - 1


def _run(rng: Random, scene: Scene, feature: OracleFeature) -> list[OracleEvent]:
    """Throw a run of events with telling pauses between them, from the window's start or up to its end."""
    start, end = _edges(scene, feature)
    gap = feature.number("gap") if feature.aggregate == "session" else 0
    pauses = [gap, gap, gap + 1, gap // 2, 2 * gap] if gap else [0, 1, SECOND, HOUR, DAY, max(end - start, 0) // 3]
    times = [0]
    for _ in range(rng.randint(1, 6)):
        times.append(times[-1] + rng.choice(pauses))
    first = start if rng.random() < 0.3 else end - times[-1]
    first += rng.choice(NUDGES)
    stream = feature.streams()[0]
    return [_event(rng, scene, stream, first + time) for time in times]


def _at_hours(rng: Random, scene: Scene, feature: OracleFeature) -> list[OracleEvent]:
    """Throw events about the first and the last of the hours, on days in the window."""
    zone, stream = zone_named(scene.zone), feature.streams()[0]
    start, end = _edges(scene, feature)
    times = []
    for _ in range(rng.randint(1, 5)):
        day = datetime.combine(local_date(end - rng.randint(0, max(end - start, 0)), zone), datetime.min.time())
        hour = timedelta(hours=feature.number(rng.choice(["from", "to"])))
        times.append(resolve(day + hour, zone) + rng.choice([0, 0, -1, 1, HOUR]))
    return [_event(rng, scene, stream, at) for at in times]


def _sequence(rng: Random, scene: Scene, feature: OracleFeature) -> list[OracleEvent]:
    """Throw a match that ends about as long ago as it must have, and perhaps something unwanted beside it."""
    count = feature.number("steps")
    streams = feature.streams()
    _, end = _edges(scene, feature)
    at = min(end, scene.now - feature.number("after")) + rng.choice([*NUDGES, -HOUR])
    found: list[OracleEvent] = []
    for stream in reversed(streams[:count]):
        found.append(_event(rng, scene, stream, at))
        at -= rng.choice([0, 1, 1, SECOND, HOUR])
    for stream in streams[count:]:
        if rng.random() < 0.35:
            beside = rng.choice([one.time for one in found])
            found.append(_event(rng, scene, stream, beside + rng.choice([0, 1, -1, HOUR, -HOUR])))
    return found


def _chain(rng: Random, scene: Scene, feature: OracleFeature) -> list[OracleEvent]:
    """Throw 2 to 5 payments a period apart, with the same amount; some just keep to the bounds, one may just not."""
    stream, name = feature.streams()[0], feature.property
    assert name is not None
    count = rng.choice([2, 3, 3, 3, 4, 5])
    times = (_up_to_now if rng.random() < 0.6 else _from_a_month_end)(rng, scene, feature, count)
    tolerance = dict(feature.options)["tolerance"]
    assert isinstance(tolerance, int | Fraction)
    amount, spoiled = rng.choice([2000, 1250, 1000, -300]), rng.choice([0, *[count] * 5])
    found: list[OracleEvent] = []
    for at, time in enumerate(times):
        found.append(_event(rng, scene, stream, time, {name: _amount(scene, stream.source, name, amount)}))
        most = floor(tolerance * abs(amount))
        amount += rng.choice([0, 0, most, -most]) if at != spoiled else rng.choice([most + 1, -most - 1])
    return found


def _up_to_now(rng: Random, scene: Scene, feature: OracleFeature, count: int) -> list[int]:
    """Return times from the newest back: at the window's end, about to be overdue, or at the end of a month."""
    zone, every = zone_named(scene.zone), feature.word("every")

    def before(time: int) -> int:
        return time - 7 * DAY if every == "week" else months_before(time, MONTHS[every], zone)

    _, end = _edges(scene, feature)
    at = rng.choice([end, before(min(end, scene.now - SLACK)), _month_end(scene, feature, end)]) + rng.choice(NUDGES)
    times = [at]
    while len(times) < count:
        times.append(before(times[-1]) + rng.choice(LATE))
    return times[::-1]


def _from_a_month_end(rng: Random, scene: Scene, feature: OracleFeature, count: int) -> list[int]:
    """Return times from a day on that the next month lacks, up to the last period before the window's end."""
    every = feature.word("every")
    _, end = _edges(scene, feature)
    period = (7 if every == "week" else 31 * MONTHS[every]) * DAY
    times = [_month_end(scene, feature, end - rng.randint(count - 1, count) * period)]
    late = [SLACK, -SLACK, 0, *LATE]  # after the first it tells most
    while len(times) < count or (times[-1] < end - period and len(times) < MOST):
        times.append(due(times[-1], every, scene.zone) + rng.choice(late[:3] if len(times) == 1 else late))
    return times


def _month_end(scene: Scene, feature: OracleFeature, at: int) -> int:
    """Return the same clock on a day before that has no twin a period later, or on the same day if none is near."""
    months = MONTHS.get(feature.word("every"), 1)
    for back in range(62):
        day = local_date(at - back * DAY, zone_named(scene.zone))
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        if day.day > monthrange(year, month + 1)[1]:
            return at - back * DAY
    return at


def _amount(scene: Scene, source: str, name: str, words: int) -> Value:
    type_, scale = scene.schema[source][name]
    return number_of(words, scale) if type_ == "number" else words


def numbered(events: Sequence[OracleEvent], prefix: str) -> list[OracleEvent]:
    """Give events their message ids."""
    return [replace(event, message_id=f"{prefix}{at}") for at, event in enumerate(events)]
