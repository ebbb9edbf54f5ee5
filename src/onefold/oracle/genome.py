"""The genome of one customer under a workspace's definitions, feature by feature, with what expressions see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from onefold.core.instant import SECOND, date_of, format_instant
from onefold.core.types import ValueType
from onefold.features.aggregates import Result
from onefold.features.definitions import Aggregated, Collected, Derived, FeatureSet, Ranked, Scored
from onefold.features.scope import states_birth_date
from onefold.language.ast import Node
from onefold.language.values import Value as SeenValue
from onefold.oracle.calendar import (
    age,
    days,
    local_date,
    next_birthday,
    next_date_change,
    next_start_of,
    start_of,
    zone_named,
)
from onefold.oracle.definitions import (
    AGE,
    BIRTH_DATE,
    asks_for_today,
    compiled,
    names_in,
    oracle_feature,
    seen,
)
from onefold.oracle.events import OracleEvent, Value
from onefold.oracle.features import OracleFeature
from onefold.oracle.lines import lines_of
from onefold.oracle.people import Line, Person
from onefold.oracle.ranks import rank
from onefold.oracle.reading import oracle_genome
from onefold.oracle.scores import score
from onefold.oracle.windows import before, retention_of

DAYS_KEPT = 1_000
Plain = int | float | Decimal | str | bool | date | None
Population = Callable[[str, int, int], Sequence[float]]
"""``population(name, midnight, known)``: the values of a feature that is not NULL, of all known customers there are."""


def nobody(*_: object) -> Sequence[float]:
    """Return the population of a bank without customers."""
    return ()


@dataclass(frozen=True, slots=True)
class Moment:
    """What is asked: the instant, what had arrived by then, and the workspace's zone."""

    now: int
    known: int
    zone: str

    @property
    def today(self) -> int:
        """Return the local date, as days since 1970-01-01."""
        return days(local_date(self.now, zone_named(self.zone)))


class Row(Mapping[str, SeenValue]):
    """A genome as expressions see it: features, else traits (their ``last``), and ``age``; ``more`` go first."""

    def __init__(
        self,
        features: FeatureSet,
        events: Sequence[OracleEvent],
        moment: Moment,
        values: Mapping[str, Value],
        more: Mapping[str, SeenValue] | None = None,
        population: Population = nobody,
    ) -> None:
        self._features, self._events, self.moment, self._exact = features, events, moment, values
        self._population = population
        self._more = dict(more or {})
        self._known: dict[str, SeenValue] = {}

    def __getitem__(self, name: str) -> SeenValue:
        if name in self._more:
            return self._more[name]
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._features.features, **dict.fromkeys(self._more)})

    def __len__(self) -> int:
        return len({**self._features.features, **self._more})

    def with_more(self, more: Mapping[str, SeenValue]) -> Row:
        """Return a row with further names, such as ``segment.x`` or ``context.page``."""
        more = {**self._more, **more}
        return Row(self._features, self._events, self.moment, self._exact, more, self._population)

    def _work_out(self, name: str) -> SeenValue:
        if name == AGE and states_birth_date(self._features.schema):  # a feature of that name is that value itself
            return self._age()
        feature = self._features.features.get(name)
        if feature is None:
            return seen(self.trait(name))
        match feature.body:
            case Derived(expression):
                return compiled(expression)(self, self.moment.today)
            case Ranked(ranking, of):
                return self._ranked(ranking.name, of)
            case Scored(model):
                return score(model.form, [self[one] for one in model.inputs])
        return seen(self._exact[name])

    def _ranked(self, ranking: str, of: str) -> SeenValue:
        midnight = start_of("day", self.moment.now, zone_named(self.moment.zone))
        value = self[of]
        assert value is None or isinstance(value, float)
        return rank(ranking, value, self._population(of, midnight, self.moment.known))

    def trait(self, name: str) -> Value:
        """Return the exact ``last`` of a trait; raise ``KeyError`` where none of that name is declared."""
        if f"traits.{name}" in self._exact:
            return self._exact[f"traits.{name}"]
        if name not in self._features.schema.traits:
            raise KeyError(name)
        last = oracle_feature(name, self._features.trait(name), today=self.moment.today)
        retention = self._features.retention
        found, _ = oracle_genome(
            self._events,
            [last],
            now=self.moment.now,
            known=self.moment.known,
            zone=self.moment.zone,
            retention=retention,
        )
        return found[name]

    def _age(self) -> SeenValue:
        born = self.trait(BIRTH_DATE)
        years = age(date_of(born), date_of(self.moment.today)) if isinstance(born, int) else None
        return seen(years)


@dataclass(frozen=True, slots=True)
class OracleGenome:
    """One customer at a moment: plain values in the order of the features' names, the row, the next change."""

    values: Mapping[str, Plain]
    row: Row
    next_change: int | None


class Oracle:
    """The definitions of a workspace, ready to be read for one customer after another.

    ``above`` are expressions that others evaluate over the genome (segments, offers): ``age`` and CURRENT_DATE in
    them make genomes change too. ``population`` knows everybody's values, where features rank.
    """

    def __init__(
        self, features: FeatureSet, zone: str, above: Iterable[Node] = (), population: Population = nobody
    ) -> None:
        self.features, self.zone, self.population = features, zone, population
        above = tuple(above)
        read = names_in(features, above)
        self._age = AGE in read and states_birth_date(features.schema)
        self._midnight = asks_for_today(features, above)
        traits = sorted(name for name in read & features.schema.traits.keys() if name not in features.features)
        self._ranks = any(isinstance(one.body, Ranked) for one in features.features.values())
        bodies = {
            name: one.body for name, one in features.features.items() if isinstance(one.body, Aggregated | Collected)
        }
        self._bodies = {**bodies, **{f"traits.{name}": features.trait(name) for name in traits}}
        self._of_day: dict[int, list[OracleFeature]] = {}

    def genome(self, events: Sequence[OracleEvent], *, now: int, known: int) -> OracleGenome:
        """Return a customer's genome off their events.

        Values are as :meth:`onefold.features.genomes.Genomes.values` gives them: money in major units as ``Decimal``
        (``float`` for means and expressions), dates as ``date``, instants as ISO 8601, durations in seconds.
        """
        features, moment = self.features, Moment(now, known, self.zone)
        asked = self._asked(moment.today)
        exact, change = oracle_genome(events, asked, now=now, known=known, zone=self.zone, retention=features.retention)
        row = Row(features, events, moment, exact, population=self.population)
        changes = [] if change is None else [change]
        values = {
            name: plain(exact[name] if name in exact else row[name], one.body.result)
            for name, one in features.features.items()
        }
        return OracleGenome(values, row, min([*changes, *self._calendar(row)], default=None))

    def _asked(self, today: int) -> list[OracleFeature]:
        """Return the aggregates, kept for the days that come up again and again."""
        if today not in self._of_day:
            if len(self._of_day) == DAYS_KEPT:
                self._of_day.clear()
            self._of_day[today] = [oracle_feature(name, body, today=today) for name, body in self._bodies.items()]
        return self._of_day[today]

    def _calendar(self, row: Row) -> Iterator[int]:
        """Yield the next midnight and the next birthday, where expressions and ranks use them."""
        now, zone = row.moment.now, zone_named(self.zone)
        if self._ranks:
            yield next_start_of("day", now, zone)
        if self._midnight:
            yield next_date_change(now, zone)
        born = row.trait(BIRTH_DATE) if self._age else None
        if isinstance(born, int):
            yield next_birthday(date_of(born), now, zone)

    def exists(self, person: Person, *, now: int) -> bool:
        """Whether a person exists: any event of theirs, or a link of their name, has a time <= now and is retained."""
        return any(line.logged.event.time <= now and self._stands(line, now) for line in person.lines)

    def _stands(self, line: Line, now: int) -> bool:
        seen_of_it = [] if line.link else lines_of(line.logged, self.features.schema)
        spans = [retention_of(self.features.retention, one.source) for one in seen_of_it]
        time = line.logged.event.time
        return not spans or any(span is None or before(now, span, self.zone) <= time for span in spans)


def row_of(found: OracleGenome, more: Mapping[str, SeenValue] | None = None) -> Row:
    """Return what expressions see of a genome; ``more`` are names beside features, traits and ``age``."""
    return found.row.with_more(more or {})


def truth(predicate: Node, row: Row) -> bool:
    """Whether a predicate is true (not unknown) of a row."""
    return compiled(predicate)(row, row.moment.today) is True


def plain(value: Value, result: Result) -> Plain:
    """Return a value as people read it.

    >>> plain(1250, Result(ValueType.MONEY, 2)), plain(3, Result(ValueType.DATE))
    (Decimal('12.50'), datetime.date(1970, 1, 4))
    """
    if value is None or isinstance(value, bool | str):
        return value
    assert not isinstance(value, tuple), "no feature is a place"
    if result.type is ValueType.MONEY and result.scale:
        return Decimal(int(value)).scaleb(-result.scale) if result.exact else float(value) / 10**result.scale
    if result.type in (ValueType.MONEY, ValueType.NUMBER):
        return _number(value, result)
    if result.type is ValueType.DATE:
        return date_of(int(value))
    if result.type is ValueType.INSTANT:
        return format_instant(int(value))
    return float(value) / SECOND if result.type is ValueType.DURATION else int(value)


def _number(value: int | float | Fraction, result: Result) -> Plain:
    if not result.exact:
        return float(value)
    whole = Fraction(value) * 10**result.scale
    assert whole.denominator == 1, "a number finer than its scale"
    return Decimal(int(whole)).scaleb(-result.scale) if result.scale else int(whole)


def events_of(person: Person, features: FeatureSet) -> list[OracleEvent]:
    """Return what features see of a person's events."""
    return [line for one in person.events for line in lines_of(one, features.schema)]
