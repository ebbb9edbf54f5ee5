"""Everybody's values at a midnight, one customer after another: what ranks compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from onefold.features.definitions import FeatureSet, Ranked
from onefold.oracle.genome import Oracle, events_of
from onefold.oracle.people import Person

KEPT = 16
"""Midnights that are kept."""


class Everybody:
    """The population of a bank. ``people_of(known)`` are those of whom anything had arrived by then, visitors too."""

    def __init__(self, features: FeatureSet, zone: str, people_of: Callable[[int], Mapping[str, Person]]) -> None:
        self._names = {one.body.of for one in features.features.values() if isinstance(one.body, Ranked)}
        self._oracle = Oracle(_below(features, self._names), zone)
        self._people_of = people_of
        self._kept: dict[tuple[int, int], dict[str, list[float]]] = {}

    def __call__(self, name: str, midnight: int, known: int) -> list[float]:
        """Return the values of a feature that are not NULL, of all known customers who exist at a midnight."""
        if (midnight, known) not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[midnight, known] = self._read(midnight, known)
        return self._kept[midnight, known][name]

    def _read(self, midnight: int, known: int) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {name: [] for name in self._names}
        for person in self._people_of(known).values():
            if not person.known or not self._oracle.exists(person, now=midnight):
                continue
            events = events_of(person, self._oracle.features)
            row = self._oracle.genome(events, now=midnight, known=known).row
            for name, values in found.items():
                value = row[name]
                if value is not None:
                    assert isinstance(value, float)
                    values.append(value)
        return found


def _below(features: FeatureSet, names: Iterable[str]) -> FeatureSet:
    """Return some features with all that they are built on."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name in features.features and name not in found:
            found.add(name)
            waiting += features.features[name].body.names
    return replace(features, features={name: one for name, one in features.features.items() if name in found})
