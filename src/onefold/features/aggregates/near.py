"""``near``: how many events lie within ``radius`` of a point or of any of some places, or how far the last one lies.

``near: {event: arrived, places: branch, radius: 500m}`` counts; ``stat: distance`` gives kilometres from the last place
in the window to the point, or to the nearest of the places. Distances are great circles on a sphere (haversine).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from onefold.core.document import Section
from onefold.core.schema import EventType, Property
from onefold.core.types import ValueType
from onefold.features.aggregates.base import (
    COUNTED,
    FRACTION,
    Asked,
    Floats,
    Numbers,
    Reduction,
    register_reduction,
)
from onefold.features.places import Point, points_of, read_point
from onefold.features.sources import Sources, Stream, Takes, choice

_STATS = ("count", "distance")
_RADIUS = re.compile(r"(\d{1,7}(\.\d{1,6})?) *(km|m)", re.ASCII)
_METRES = {"km": 1000, "m": 1}
_MILLIMETRES = 1000
_MOST_METRES = 20_100_000
"""Half of the Earth's circumference, and a little more."""
_EARTH_KM = 6371.0088  # as onefold.features.places says; a constant from there would not be compiled anew
_UNITS = 10_000_000.0
_ALL = 1 << 40
"""More units of latitude than there are."""


def _read(section: Section, sources: Sources) -> Asked | None:
    inner = section.section("near")
    if inner is None:
        if section.raw("near") is None:
            section.problem("near", "it names no event", "Write {event: arrived, places: branch, radius: 500m}.")
        return None
    failed = len(section.problems.found)
    inner.only("event", "point", "places", "radius", "stat")
    stat = _stat(section, inner)
    stream, points, radius = _stream(section, inner, sources), _points(inner, sources), _radius(inner)
    if stat == "count" and "radius" not in inner:
        inner.problems.add("`near`", "a count needs a radius", "Add one, such as radius: 500m.", inner.place)
    if stream is None or stat is None or len(section.problems.found) > failed:
        return None
    counts = stat == "count"
    millimetres = int(radius * _MILLIMETRES) if radius is not None and counts else -1
    numbers = (millimetres, *(number for point in points for number in (point.latitude, point.longitude)))
    places = tuple((point.latitude, point.longitude) for point in points)
    options = (("points", places), ("radius", radius), ("stat", stat))
    return Asked((stream,), COUNTED if counts else FRACTION, numbers, counts, options)


def _stat(section: Section, inner: Section) -> str | None:
    """Return what is asked for; it may stand beside ``near`` or in it."""
    if "stat" in section and "stat" in inner:
        inner.problem("stat", "it stands beside `near`, too", "Keep one of them.")
    return choice(inner if "stat" in inner else section, "stat", _STATS, "count")


def _stream(section: Section, inner: Section, sources: Sources) -> Stream | None:
    text = inner.required("event")
    types = frozenset({ValueType.PLACE})
    found = sources.named(inner, "event", text, inner.place_of("event"), Takes.EITHER, types) if text else None
    prop = _place_of(inner, *found) if found else None
    if found is None or prop is None:
        return None
    return Stream(found[0].name, prop, sources.where(section, found[0]))


def _place_of(inner: Section, source: EventType, named: Property | None) -> Property | None:
    """Return the property of an event that is a place, if it is named or the only one; else note a problem."""
    some = [known for known in source.properties if known.type is ValueType.PLACE and known.on_timeline]
    if named is not None or len(some) == 1:
        return named or some[0]
    why = f"`{source.name}` has several places" if some else f"`{source.name}` has no property that is a place"
    names = ", ".join(f"{source.name}.{known.name}" for known in some)
    inner.problem("event", why, f"Name one of: {names}." if some else "Declare one with `type: place`.")
    return None


def _points(inner: Section, sources: Sources) -> tuple[Point, ...]:
    """Return the points to measure from, by latitude: a point itself, or the places of some names and kinds."""
    if ("point" in inner) == ("places" in inner):
        why = "it names both a point and places" if "point" in inner else "it names neither a point nor places"
        inner.problems.add("`near`", why, "Write `point: [50.087, 14.421]` or `places: branch`.", inner.place)
        return ()
    if "point" in inner:
        point = read_point(inner, "point")
        return () if point is None else (point,)
    return _by_latitude(points_of(inner, "places", sources.places))


def _by_latitude(points: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(sorted(set(points), key=lambda point: (point.latitude, point.longitude)))


def _radius(inner: Section) -> Fraction | None:
    """Return a radius in metres, or None; to the millimetre."""
    if "radius" not in inner:
        return None
    match = _RADIUS.fullmatch(inner.text("radius") or "")
    metres = Fraction(Decimal(match[1])) * _METRES[match[3]] if match else Fraction(0)
    if not 0 < metres <= _MOST_METRES or (metres * _MILLIMETRES).denominator != 1:
        inner.problem("radius", "it takes a distance on Earth", "Write metres or kilometres, such as 500m or 2km.")
        return None
    return metres


def _reduce(
    people: Numbers, times: Numbers, words: Numbers, more: Numbers, bits: Numbers, now: int, numbers: Numbers,
    out: Numbers, out_float: Floats, changes: Numbers,
) -> None:  # fmt: skip
    """Measure each event (of a distance: the last) to those points whose latitude is near enough."""
    counts, radius, points = numbers[0] >= 0, numbers[0] / 1e6, numbers.size // 2
    band = int(radius / _EARTH_KM / math.radians(1.0) * _UNITS) + 2 if counts else _ALL
    for person in range(people.size - 1):
        first, end = people[person], people[person + 1]
        if first == end:
            continue
        inside, nearest = 0, math.inf
        for at in range(first if counts else end - 1, end):
            low, high = 0, points
            while low < high:
                middle = (low + high) >> 1
                if numbers[1 + 2 * middle] < words[at] - band:
                    low = middle + 1
                else:
                    high = middle
            latitude, nearest = math.radians(words[at] / _UNITS), math.inf
            while low < points and numbers[1 + 2 * low] <= words[at] + band and nearest > radius:
                other = math.radians(numbers[1 + 2 * low] / _UNITS)
                north = math.sin((other - latitude) / 2)
                east = math.sin(math.radians((numbers[2 + 2 * low] - more[at]) / _UNITS) / 2)
                half = north * north + math.cos(latitude) * math.cos(other) * east * east
                nearest = min(nearest, 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half))))
                low += 1
            inside += 1 if nearest <= radius else 0
        if counts:
            out[person] = inside
        else:
            out_float[person] = nearest


NEAR = register_reduction(Reduction("near", ("stat",), _read, _reduce))
