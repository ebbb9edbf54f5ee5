"""The functions of the language, a file each (or a tight family); importing the package registers all."""

from __future__ import annotations

from onefold.language.functions import (
    absolute,
    anniversary,
    choices,
    days_to,
    extremes,
    holiday,
    make_date,
    moments,
    months,
    numbers,
    pieces,
    remainder,
    rounding,
    texts,
)
from onefold.language.functions.base import REGISTRY, Reach

__all__ = ["GENOME", "MAPPING", "REGISTRY", "STANDARD"]

_FAMILIES = (
    absolute,
    anniversary,
    choices,
    days_to,
    extremes,
    holiday,
    make_date,
    moments,
    months,
    numbers,
    pieces,
    remainder,
    rounding,
    texts,
)

STANDARD = frozenset(name for name, function in REGISTRY.items() if function.reach is Reach.STANDARD)
GENOME = STANDARD | {name for name, function in REGISTRY.items() if function.reach is Reach.GENOME}
MAPPING = STANDARD | {name for name, function in REGISTRY.items() if function.reach is Reach.MAPPING}
