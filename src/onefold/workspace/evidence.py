"""What ``verify`` goes by: the log as the oracle reads it, whom to look at, and the count of what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import isclose
from random import Random

from onefold.features.definitions import FeatureSet
from onefold.governance.records import Kind
from onefold.language.ast import Node
from onefold.oracle.events import OracleEvent
from onefold.oracle.genome import Oracle, events_of
from onefold.oracle.lines import LoggedEvent
from onefold.oracle.people import Person, people
from onefold.oracle.population import Everybody
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.population import rests_on_rank
from onefold.workspace.reader import Reader

SHOWN = 20
"""The most mismatches that are kept to be shown; all are counted."""
SHOWN_OF_ONE = 5
"""The most of them that are of one feature, so that one fault does not hide another."""

Value = int | float | Decimal | str | bool | date | None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One value that is served otherwise than the log has it. ``at`` and ``known`` are instants in microseconds."""

    customer: str
    what: str
    at: int
    known: int
    served: Value
    recomputed: Value


@dataclass(slots=True)
class Tally:
    """Compares and counts."""

    values: int = 0
    mismatches: Counter[str] = field(default_factory=Counter)
    examples: list[Mismatch] = field(default_factory=list)
    customers: set[str] = field(default_factory=set)
    moments: int = 0

    def looked(self, customer: str) -> None:
        """Count one reading of one customer at one moment."""
        self.customers.add(customer)
        self.moments += 1

    def compare(self, found: Mismatch) -> None:
        """Count a value, and a mismatch where what is served is not what was recomputed."""
        self.values += 1
        if same(found.served, found.recomputed):
            return
        self.mismatches[found.what] += 1
        if len(self.examples) < SHOWN and self.mismatches[found.what] <= SHOWN_OF_ONE:
            self.examples.append(found)


def same(served: Value, recomputed: Value) -> bool:
    """Whether two values agree: floats to nine digits, all else exactly.

    >>> same(0.1 + 0.2, 0.3), same(1, True), same(Decimal("1.5"), Decimal("1.50")), same(None, 0)
    (True, False, True, False)
    """
    if isinstance(served, float) and isinstance(recomputed, float):
        return isclose(served, recomputed, rel_tol=1e-9, abs_tol=1e-12)
    return type(served) is type(recomputed) and served == recomputed


class Evidence:
    """The log of a workspace up to what its timelines hold, and who of it is looked at.

    ``sample`` is how many customers are looked at (None: all), drawn by ``seed``; ``at`` and ``known`` are the moment
    asked about. It keeps every event of the log in memory, some 2 KB each.
    """

    def __init__(
        self, reader: Reader, *, at: int, known: int, sample: int | None, seed: int = 0, progress: Progress = silent
    ) -> None:
        self.reader, self.at, self.known, self.seed, self.progress = reader, at, known, seed, progress
        self._people: tuple[int, dict[str, Person]] | None = None
        plan = reader.engine().plan
        self.oracle = self.oracle_of(plan.features, reader.definitions.config.zone.name, plan.above)
        self.ranked = frozenset(name for name in plan.features.features if rests_on_rank(plan.features, name))
        self.sample = sample

    def oracle_of(self, features: FeatureSet, zone: str, above: Iterable[Node]) -> Oracle:
        """Return an oracle of definitions that knows the population by reading everybody of the log."""
        return Oracle(features, zone, above, Everybody(features, zone, self.people_of))

    @cached_property
    def records(self) -> list[LoggedEvent]:
        """Every event of the log."""
        return list(self._read())

    def _read(self) -> Iterator[LoggedEvent]:
        stores, last = self.reader.stores, self.reader.timelines.state()[0]
        for seq, payload in stores.log.records(0):
            if seq > last:  # a process beside us goes on loading
                break
            if seq % 1_000 == 0 or seq == last:
                self.progress("Reading the log", seq, last)
            record = stores.codec.decode(payload)
            if record.kind is Kind.EVENT and record.event is not None:
                yield LoggedEvent(record.event, record.known_at, stores.codec.body_digest(record.event))

    @cached_property
    def people(self) -> dict[str, Person]:
        """Everybody as of ``known``, by name."""
        return self.people_of(self.known)

    def people_of(self, known: int) -> dict[str, Person]:
        """Return everybody of whom anything had arrived by an instant, by name; the answer of last time is kept."""
        if self._people is None or self._people[0] != known:
            self._people = known, people(self.records, known, self.reader.stores.codec.node)
        return self._people[1]

    @cached_property
    def customers(self) -> tuple[str, ...]:
        """Whom to look at, sorted."""
        known = [name for name, person in self.people.items() if person.known]
        if self.sample is None or self.sample >= len(known):
            return tuple(known)
        return tuple(sorted(Random(self.seed).sample(known, self.sample)))  # noqa: S311 - it draws a sample, no secret

    def events(self, person: Person | None) -> list[OracleEvent]:
        """Return what features see of a person's events; nothing of no one."""
        return [] if person is None else events_of(person, self.oracle.features)

    def dice(self, customer: str) -> Random:
        """Return dice that fall the same for a customer whoever else is looked at."""
        return Random(f"{self.seed} {customer}")  # noqa: S311 - it draws moments, no secret


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared: so many customers at so many moments (summed over the customers), so many values.

    ``mismatches`` counts all that differ, ``by_name`` by what differs (a feature, ``next_change``, ``customer``);
    ``examples`` are at most 20 of them.
    """

    customers: int
    moments: int
    values: int
    mismatches: int
    by_name: Mapping[str, int]
    examples: tuple[Mismatch, ...]
    definitions: str
    at: int
    known: int
    seed: int
