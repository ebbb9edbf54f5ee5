"""``stddev``, ``trend`` and ``top``: what a property's values say together, by the textbook and in exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

from onefold.core.instant import DAY
from onefold.oracle.events import Value
from onefold.oracle.features import Reading, exact_number


def stddev(reading: Reading) -> float | None:
    """Return the standard deviation of a sample (n - 1); None below two values."""
    found = [exact_number(value) for value in reading.values_seen()]
    if len(found) < 2:
        return None
    mean = Fraction(sum(found)) / len(found)
    return math.sqrt(sum((value - mean) ** 2 for value in found) / (len(found) - 1))


def trend(reading: Reading) -> float | None:
    """Return the slope a day of the line with the least squared distances; None below two different times."""
    points = [(Fraction(event.time, DAY), exact_number(reading.value_of(event))) for event in reading.seen()]
    if len({time for time, _ in points}) < 2:
        return None
    middle = sum(time for time, _ in points) / len(points)
    mean = Fraction(sum(value for _, value in points)) / len(points)
    rise = sum(((time - middle) * (value - mean) for time, value in points), Fraction(0))
    return float(rise / sum((time - middle) ** 2 for time, _ in points))


def top(reading: Reading) -> Value:
    """Return the most frequent value, of several the one that was seen last; None where there is none."""
    found = reading.values_seen()
    often = Counter(found)
    return next((value for value in reversed(found) if often[value] == max(often.values())), None)
