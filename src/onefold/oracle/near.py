"""``near``: events about some points on the globe, or how far off the last one was."""

from __future__ import annotations

from fractions import Fraction
from math import asin, cos, radians, sin, sqrt

from onefold.oracle.events import Value
from onefold.oracle.features import Reading

EARTH_KM = 6371.0088
UNITS = 10**7
"""Places are latitude and longitude in units of 1e-7 degrees."""
Place = tuple[int, int]


def near(reading: Reading) -> Value:
    """Return how many events were at most the radius away, or the km from the last place to the nearest point."""
    far = [_nearest(reading, value) for value in reading.values_seen()]
    if reading.feature.word("stat") == "distance":
        return far[-1] if far else None
    radius = dict(reading.feature.options)["radius"]
    assert isinstance(radius, int | Fraction)
    return sum(km * 1000 <= radius for km in far)


def _nearest(reading: Reading, value: Value) -> float:
    points = dict(reading.feature.options)["points"]
    assert isinstance(points, tuple)
    assert isinstance(value, tuple)
    return min(kilometres(value, point) for point in points)


def kilometres(one: Place, other: Place) -> float:
    """Return the great-circle distance by the haversine formula.

    >>> round(kilometres((0, 0), (0, 90 * UNITS)), 3) == round(EARTH_KM * 3.141592653589793 / 2, 3)
    True
    """
    north, east, north_too, east_too = (radians(units / UNITS) for units in (*one, *other))
    chord = sin((north - north_too) / 2) ** 2 + cos(north) * cos(north_too) * sin((east - east_too) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, chord)))
