"""Places: ``places.yaml`` names points, of kinds such as branch or partner, that features ask the distance to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from onefold.core.document import Section
from onefold.core.errors import Place as Where
from onefold.sources.values import PLACE_SCALE

UNITS_A_DEGREE = 10**PLACE_SCALE
"""Timelines keep degrees as whole numbers."""
EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
MAX_PLACES = 10_000


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the globe, latitude and longitude in units of 10^-PLACE_SCALE degrees."""

    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class Place:
    """A named place; ``kind`` groups places (all branches)."""

    name: str
    point: Point
    kind: str | None = None


def kilometres(one: Point, other: Point) -> float:
    """Return the great-circle distance on a sphere of the Earth's mean radius (haversine formula).

    >>> round(kilometres(Point(500870000, 144208000), Point(500978000, 144208000)), 2)
    1.2
    """
    first, second = math.radians(one.latitude / UNITS_A_DEGREE), math.radians(other.latitude / UNITS_A_DEGREE)
    north = math.sin((second - first) / 2)
    east = math.sin(math.radians((other.longitude - one.longitude) / UNITS_A_DEGREE) / 2)
    half = north * north + math.cos(first) * math.cos(second) * east * east
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def read_places(files: Iterable[Section]) -> Mapping[str, Place]:
    """Read ``places:`` of ``places.yaml``, noting problems; a place at fault stands somewhere, so that it is known.

    >>> from onefold.core.document import read_yaml
    >>> text = "places: {main_square: {at: [50.0870, 14.4208], kind: branch}}"
    >>> read_places([read_yaml(text, "places.yaml")])["main_square"].point
    Point(latitude=500870000, longitude=144208000)
    """
    found: dict[str, Place] = {}
    for file in files:
        file.only("places")
        inner = file.section("places")
        for name, section in inner.sections() if inner else ():
            section.only("at", "kind", "title")
            if len(found) == MAX_PLACES:
                section.problems.add("places", f"there are more than {MAX_PLACES:,}", "Remove some.", section.place)
                break
            found[name] = Place(name, read_point(section, "at") or Point(0, 0), section.text("kind"))
        _tell_apart(found, inner)
    return found


def _tell_apart(found: Mapping[str, Place], inner: Section | None) -> None:
    """Refuse a kind that is the name of another place: `places: x` would not say which of the two is meant."""
    for place in found.values():
        if place.kind in found and place.kind != place.name and inner is not None and place.name in inner:
            section = inner.section(place.name)
            assert section is not None
            section.problem("kind", f"a place has the name `{place.kind}`", "Rename the place or the kind.")


def read_point(section: Section, key: str) -> Point | None:
    """Read ``[latitude, longitude]`` in degrees; a problem where it is none."""
    items = section.items_of(key)
    if len(items) == 2:
        latitude, longitude = _degrees(items[0], 90), _degrees(items[1], 180)
        if latitude is not None and longitude is not None:
            return Point(latitude, longitude)
    section.problem(key, "it takes a latitude and a longitude in degrees", "Write them as [50.0870, 14.4208].")
    return None


def _degrees(item: tuple[object, Where], most: int) -> int | None:
    try:
        degrees = Decimal(str(item[0]))
    except InvalidOperation:
        return None
    if not degrees.is_finite() or abs(degrees) > most:
        return None
    return int((degrees * UNITS_A_DEGREE).to_integral_value(ROUND_HALF_UP))


def points_of(section: Section, key: str, places: Mapping[str, Place]) -> tuple[Point, ...]:
    """Return the points that a list of names and kinds stands for; an unknown one, and none at all, is a problem."""
    found: dict[str, Point] = {}
    items = section.items_of(key)
    if not items:
        section.problem(key, "it names no place", "Name places or kinds of places, such as [branch].")
    for item, where in items:
        some = [one for one in places.values() if str(item) in (one.name, one.kind)]
        if not some:
            section.problems.add(
                f"`{key}`", f"`{item}` is no place and no kind of places", "Define it in places.yaml.", where
            )
        found |= {one.name: one.point for one in some}
    return tuple(found[name] for name in sorted(found))
