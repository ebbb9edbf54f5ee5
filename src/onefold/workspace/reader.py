"""Reads genomes out of the open stores of a workspace, under one set of definitions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from onefold.core.errors import Problem, UserError
from onefold.core.ids import Identifier
from onefold.core.instant import format_instant
from onefold.core.types import ValueType
from onefold.features.definitions import AGE, FeatureSet
from onefold.features.engine import FOREVER, Engine
from onefold.features.genomes import Genomes
from onefold.features.markers import Marker, eligible
from onefold.features.markers import markers as markers_of
from onefold.features.plan import build_plan
from onefold.features.scope import states_birth_date
from onefold.features.sources import kinds_of
from onefold.language.ast import Name, Node
from onefold.language.scope import kind_of
from onefold.profiles.identity import root
from onefold.profiles.layout import Layout
from onefold.profiles.store import KNOWN, TimelineStore
from onefold.profiles.timeline import read_people, read_person
from onefold.profiles.words import Rows, codes_of, known_of, times_of
from onefold.segments.kept import midnight
from onefold.segments.membership import Members
from onefold.workspace.arrivals import Arrivals
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.definitions import Definitions
from onefold.workspace.genome import About, Genome, completeness, sources_of
from onefold.workspace.names import name_of
from onefold.workspace.population import Population, built_on
from onefold.workspace.results import Results
from onefold.workspace.stores import COLUMNS, Stores

SAMPLED = 10_000
"""Values of each feature that markers compare with: their percentiles are right to a hundredth of a percent."""
CHUNKS_A_READ = 16
"""Chunks of a thousand people that one call of the engine takes, so that all cores have work."""


class Reader:
    """Answers from timelines that are caught up with the log (or, beside a load, with most of it)."""

    def __init__(self, stores: Stores, timelines: TimelineStore, definitions: Definitions) -> None:
        self.stores, self.timelines, self.definitions = stores, timelines, definitions
        self.layout = Layout(definitions.schema)
        plan = build_plan(definitions.features, self.layout)
        self._engine = Engine(plan, definitions.config.zone, population=self.everyone)
        self._results = Results(definitions, self.layout, population=self.everyone)

    @cached_property
    def identity(self) -> str:
        """What files computed under these definitions are known by: others are not used."""
        return f"{self.definitions.digest} {self.layout.fingerprint}"

    @cached_property
    def everyone(self) -> Population:
        """The values of features for all known customers at a local midnight."""
        return Population(self, self.definitions.features, folder=self.stores.folder / COLUMNS, identity=self.identity)

    def engine(self) -> Engine:
        """Return the engine of genomes, with every category text that the timelines hold by now."""
        return self.with_texts(self._engine)

    def results(self, also: Sequence[Node] = ()) -> Results:
        """Return what reads segments and decisions; ``also`` are further expressions over the genome."""
        results = Results(self.definitions, self.layout, also, population=self.everyone) if also else self._results
        self.with_texts(results.engine)
        return results

    @cached_property
    def wide(self) -> Results:
        """What reads results, with every trait that an expression may name: for columns that are kept."""
        traits = kinds_of(self.definitions.schema.traits.values())
        names = [Name(name, kind) for name, kind in traits.items() if name not in self.definitions.features.features]
        age = [self._name(AGE)] if states_birth_date(self.definitions.schema) else []
        return Results(self.definitions, self.layout, [*names, *age], population=self.everyone)

    def engine_of(self, names: Collection[str]) -> Engine:
        """Return an engine of some features and traits, and of what they are built on, for these columns alone."""
        every, needed = self.definitions.features, built_on(self.definitions.features, names)
        some = {name: feature for name, feature in every.features.items() if name in needed}
        kept = FeatureSet(every.schema, some, every.retention)
        above = [self._name(name) for name in sorted(needed) if name not in some]
        plan = build_plan(kept, self.layout, above=above)
        return self.with_texts(Engine(plan, self.definitions.config.zone, population=self.everyone))

    def _name(self, name: str) -> Name:
        trait = self.definitions.schema.traits.get(name)
        return Name(name, kind_of(trait.type if trait is not None else ValueType.NUMBER))  # `age` is a number

    def position(self) -> int:
        """Return the number of the last record of the log that is on the timelines."""
        return self.timelines.state()[0]

    def earliest(self, after: int, until: int, known: int = FOREVER) -> int:
        """Return the earliest instant at which answers may differ for records of the log that came after one."""
        return Arrivals(self.stores).earliest(after, until, known)

    def with_texts(self, engine: Engine) -> Engine:
        """Return an engine that knows every category text that the timelines hold by now."""
        engine.texts.add(self.timelines.texts(after=len(engine.texts)))
        return engine

    def person(self, customer: str, *, known: int = FOREVER) -> tuple[bytes, Rows]:
        """Return whose customer a name is and their records; of a name that never occurred, none."""
        node = self.stores.codec.node(str(identifier(customer)))
        if self.timelines.node(node) is None:
            return node, self.no_rows()
        who = root(self.timelines, node, known=known)
        return who, read_person(self.timelines, who, known=known)

    def no_rows(self) -> Rows:
        """Return the records of an empty timeline."""
        return np.empty((0, self.layout.width), np.uint64)

    def find(self, customer: str, *, known: int = FOREVER) -> bytes:
        """Return whose customer a name is; raise :class:`UserError` for a name that never occurred."""
        name = identifier(customer)
        node = self.stores.codec.node(str(name))
        if self.timelines.node(node) is None:
            raise UserError(
                Problem(
                    f"the customer {name}",
                    "no event of that name was ever loaded",
                    "Write namespace:id as the data has it; a bare id means user:id.",
                )
            )
        return root(self.timelines, node, known=known)

    def genome(
        self,
        customer: str,
        *,
        now: int,
        known: int = FOREVER,
        long: bool = False,
        markers: bool = False,
        progress: Progress = silent,
    ) -> Genome:
        """Return the genome of one customer; ``markers`` compare it with the population at the latest midnight."""
        who = self.find(customer, known=known)
        rows = read_person(self.timelines, who, known=known)
        found = self.engine().read(rows, one_person(rows), now=now, known=known)
        values, features = found.values(0), self.definitions.features
        members = self.results().membership.read(rows, one_person(rows), now=now, known=known)
        change = found.next_change(0)
        return Genome(
            customer=name_of(self.timelines, self.stores.vault, who) or who.hex(),
            at=format_instant(now),
            known=None if known == FOREVER else format_instant(known),
            definitions=self.definitions.digest,
            features=values,
            completeness=completeness(features, values),
            next_change=None if change is None else format_instant(change),
            segments=members.names(0),
            markers=self._markers(found, known, progress) if markers else (),
            about=tuple(self._about(found, rows, known)) if long else (),
            missing=self.definitions.missing,
        )

    @cached_property
    def _tellable(self) -> tuple[str, ...]:
        """The features that may be markers."""
        return eligible(self.definitions.features)

    def _markers(self, found: Genomes, known: int, progress: Progress) -> tuple[Marker, ...]:
        began = midnight(self.definitions.config.zone, found.now)
        sample = self.everyone.sample(self._tellable, began, known, most=SAMPLED, progress=progress)
        return markers_of(found, 0, sample.columns, sample.size)

    def _about(self, found: Genomes, rows: Rows, known: int) -> Iterator[About]:
        newest = self._newest(rows, found.now, known)
        for name, feature in self.definitions.features.features.items():
            sources = sorted(sources_of(self.definitions.features, name))
            times = [newest[source] for source in sources if source in newest]
            as_of = format_instant(max(times)) if times else None
            yield About(name, found.value(name, 0), feature.layer, feature.family, tuple(sources), as_of)

    def _newest(self, rows: Rows, now: int, known: int) -> dict[str, int]:
        """Return the time of the newest event of each source up to now."""
        times, codes = times_of(rows), codes_of(rows)
        visible = (times <= now) & (known_of(rows) <= known)
        by_code = {self.layout.code(source.name): source.name for source in self.definitions.schema.sources()}
        newest = dict(zip(codes[visible].tolist(), times[visible].tolist(), strict=True))  # sorted: the last wins
        return {by_code[code]: time for code, time in newest.items() if code in by_code}

    def everybody(
        self, *, now: int, known: int = FOREVER, visitors: bool = False
    ) -> Iterator[tuple[list[bytes], Genomes]]:
        """Yield the genomes of all customers (and visitors, if asked) in chunks, with their pseudonyms."""
        for roots, rows, people in self.people(known=known, visitors=visitors):
            yield roots, self.engine().read(rows, people, now=now, known=known)

    def members(
        self, *, now: int, known: int = FOREVER, visitors: bool = False, results: Results | None = None
    ) -> Iterator[tuple[list[bytes], Members]]:
        """Yield the memberships of all customers in chunks, with their pseudonyms."""
        membership = (results or self.results()).membership
        for roots, rows, people in self.people(known=known, visitors=visitors):
            yield roots, membership.read(rows, people, now=now, known=known)

    def people(
        self, *, known: int = FOREVER, visitors: bool = False
    ) -> Iterator[tuple[list[bytes], Rows, NDArray[np.int64]]]:
        """Yield pseudonyms, records one after another, and the offsets where each person's begin."""
        chunks = read_people(self.timelines, known=known, visitors=visitors)
        while some := list(islice(chunks, CHUNKS_A_READ)):
            roots = [root for roots, _, _ in some for root in roots]
            rows = np.concatenate([rows for _, rows, _ in some])
            lengths = np.concatenate([np.diff(people) for _, _, people in some])
            yield roots, rows, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])

    def nobody(self, now: int) -> Genomes:
        """Return the genomes of no one, for a table without rows."""
        return self.engine().read(self.no_rows(), np.zeros(1, np.int64), now=now)

    def names(self, nodes: list[bytes]) -> list[str]:
        """Return the names behind pseudonyms; the pseudonym itself where the name was erased."""
        return [name_of(self.timelines, self.stores.vault, node) or node.hex() for node in nodes]

    def population(self) -> tuple[int, int]:
        """Return how many customers and how many mere visitors the timelines hold."""
        customers = visitors = 0
        for node, info in self.timelines.nodes():
            if root(self.timelines, node, known=FOREVER) == node:
                customers, visitors = (
                    customers + bool(info.flags & KNOWN),
                    visitors + (not info.flags & KNOWN),
                )
        return customers, visitors


def identifier(customer: str) -> Identifier:
    """Read a customer's name; raise :class:`UserError` where it can be no one's."""
    try:
        return Identifier.parse(customer)
    except ValueError as error:
        raise UserError(Problem(f"the customer {customer!r}", str(error), "Write namespace:id.")) from error


def one_person(rows: Rows) -> NDArray[np.int64]:
    """Return the offsets of the records of one person alone."""
    return np.array([0, len(rows)], np.int64)
