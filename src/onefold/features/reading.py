"""From ``features/*.yaml`` to :class:`FeatureSet`, with every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from onefold.core.document import Section
from onefold.core.errors import UserError
from onefold.core.instant import SECOND, Span
from onefold.core.schema import Schema
from onefold.core.types import ValueType
from onefold.features.aggregates import REGISTRY, Aggregate, Reduction, Result
from onefold.features.definitions import (
    AGE,
    BIRTH_DATE,
    Aggregated,
    Body,
    Collected,
    Derived,
    Family,
    Feature,
    FeatureSet,
    Layer,
    Ranked,
    Scored,
)
from onefold.features.models import InUnits, Model
from onefold.features.places import Place as NamedPlace
from onefold.features.rankings import RANKINGS, Ranking
from onefold.features.scope import expression_scope, states_birth_date
from onefold.features.sources import Sources, kinds_of, nearest_remedy
from onefold.features.windows import ALL_TIME, Unit, read_window
from onefold.language.ast import Kind
from onefold.language.lineage import names_of
from onefold.language.parse import parse
from onefold.language.scope import Scope, kind_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ABOUT = ("title", "family", "layer", "unit")
_WINDOW = ("within", "between", "since")
_LATER = ("expr", "model", *RANKINGS)
_MEASURES = (Kind.NUMBER, Kind.MONEY, Kind.DURATION)
_INPUTS = (*_MEASURES, Kind.BOOLEAN)
_SHARE_OF_HOURS = {"share", "hours"}
"""Two keys that are one aggregate."""
_UNITS = {"day": Unit.DAY, "week": Unit.WEEK, "month": Unit.MONTH}
_EXPRESSION_TYPES = {
    Kind.NUMBER: ValueType.NUMBER,
    Kind.MONEY: ValueType.MONEY,
    Kind.CATEGORY: ValueType.CATEGORY,
    Kind.BOOLEAN: ValueType.BOOLEAN,
    Kind.DATE: ValueType.DATE,
    Kind.INSTANT: ValueType.INSTANT,
    Kind.DURATION: ValueType.DURATION,
}


def read_features(
    files: Iterable[Section],
    schema: Schema,
    *,
    retention: Mapping[str, Span] | None = None,
    places: Mapping[str, NamedPlace] | None = None,
    models: Mapping[str, Model] | None = None,
    included: Mapping[str, Section] | None = None,
) -> FeatureSet:
    """Read the ``features:`` of every file; problems go to each file's collector.

    The caller raises what was collected; a set returned beside problems lacks the features at fault. ``places`` and
    ``models`` are what features may name of the workspace's. ``included`` are definitions of a library that are read
    beside the files'; their problems are their own sections'.
    """
    reader = _Reader(schema, Sources(schema, places or {}), models or {})
    for file in files:
        file.only("features", "include")
        features = file.section("features")
        for name, section in features.sections() if features else ():
            reader.take(name, section)
    for name, section in (included or {}).items():
        reader.take(name, section)
    for name in sorted(reader.later):
        reader.derive(name)
    ordered = {name: reader.features[name] for name in sorted(reader.features)}
    return FeatureSet(schema, ordered, retention or {})


@dataclass(slots=True)
class _Reader:
    schema: Schema
    sources: Sources
    models: Mapping[str, Model]
    features: dict[str, Feature] = field(default_factory=dict)
    later: dict[str, Section] = field(default_factory=dict)
    underway: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def take(self, name: str, section: Section) -> None:
        """Read what reads events at once, and keep what reads other features until all names are known."""
        if not _NAME.fullmatch(name):
            section.problems.add(
                f"the feature {name!r}", "its name is not snake case", "Use a-z, 0-9 and _.", section.place
            )
            return
        if name in self.taken:
            section.problems.add(f"the feature `{name}`", "it is defined twice", "Remove or rename one.", section.place)
            return
        self.taken.add(name)
        kinds = [key for key in section.keys() if key in REGISTRY or key in _LATER]  # noqa: SIM118 - no dict
        if set(kinds) == _SHARE_OF_HOURS:
            kinds = ["hours"]
        if len(kinds) != 1:
            self._no_aggregate(name, section, kinds)
        elif kinds[0] in _LATER:
            section.only(kinds[0], *_ABOUT)
            self.later[name] = section
        else:
            body = self._of_events(REGISTRY[kinds[0]], section)
            if body is not None and self._free(name, body, section):
                self.features[name] = _feature(name, body, section)

    def _of_events(self, aggregate: Aggregate | Reduction, section: Section) -> Body | None:
        if isinstance(aggregate, Reduction):
            return self._collected(aggregate, section)
        return self._aggregated(aggregate, section)

    def _no_aggregate(self, name: str, section: Section, kinds: list[str]) -> None:
        known = ", ".join(sorted([*REGISTRY, *_LATER]))
        why = f"it has several: {', '.join(kinds)}" if kinds else "it says no aggregate"
        section.problems.add(f"the feature `{name}`", why, f"Give it exactly one of: {known}.", section.place)

    def _free(self, name: str, body: Body, section: Section) -> bool:
        """Whether a feature may have its name: a trait's name only if it is that trait's ``last``."""
        builtin = isinstance(body, Derived) and names_of(body.expression) == {name}
        is_trait = name in self.schema.traits and body == FeatureSet(self.schema).trait(name)
        if (name == AGE and not builtin) or (name in self.schema.traits and not is_trait):
            section.problems.add(
                f"the feature `{name}`",
                "a trait or built-in value has this name",
                "Rename it, or let it be exactly that value.",
                section.place,
            )
            return False
        return True

    def _aggregated(self, aggregate: Aggregate, section: Section) -> Aggregated | None:
        section.only(aggregate.name, "where", *_WINDOW, "by", *_ABOUT)
        before = len(section.problems.found)
        stream = self.sources.stream(section, aggregate.name, aggregate.takes, aggregate.types)
        window, unit = read_window(section), self._unit(aggregate, section)
        if stream is None or len(section.problems.found) > before:
            return None
        return Aggregated(aggregate, stream.source, stream.prop, window, stream.where, unit)

    def _collected(self, reduction: Reduction, section: Section) -> Collected | None:
        section.only(reduction.name, *reduction.options, "where", *_WINDOW, *_ABOUT)
        before = len(section.problems.found)
        asked, window = reduction.read(section, self.sources), read_window(section)
        if asked is None or len(section.problems.found) > before:
            return None
        return Collected(reduction, asked, window)

    def _unit(self, aggregate: Aggregate, section: Section) -> Unit | None:
        if not aggregate.by_unit:
            if "by" in section:
                section.problem("by", f"`{aggregate.name}` counts no calendar units", "Remove it.")
            return None
        unit = _UNITS.get(section.text("by") or "")
        if unit is None:
            section.problem("by", f"`{aggregate.name}` counts days, weeks or months", "Write `by: month`.")
        return unit

    def derive(self, name: str) -> None:
        """Read a feature over others after all those that it names; a circle is refused by name."""
        if name in self.features or name not in self.later:
            return
        section = self.later[name]
        key = next(key for key in section.keys() if key in _LATER)  # noqa: SIM118 - no dict
        if name in self.underway:
            circle = " -> ".join([*self.underway[self.underway.index(name) :], name])
            section.problem(key, f"it depends on itself: {circle}", "Break the circle.")
            del self.later[name]
            return
        self.underway.append(name)
        for word in sorted(self._named_by(key, section) - {name}):
            self.derive(word)
        self.underway.pop()
        if name not in self.later:
            return
        body = self._over_others(key, name, section)
        if body is None:
            del self.later[name]
        elif self._free(name, body, section):
            self.features[name] = _feature(name, body, section)

    def _named_by(self, key: str, section: Section) -> set[str]:
        """Return the names that a feature over others may read, and perhaps more."""
        if key == "model":
            model = self.models.get(section.text(key) or "")
            return set(model.inputs) if model else set()
        return set(re.findall(r"[a-z][a-z0-9_]*", section.text(key) or ""))

    def _over_others(self, key: str, name: str, section: Section) -> Body | None:
        if key == "expr":
            return self._expression(name, section)
        return self._scored(section) if key == "model" else self._ranked(RANKINGS[key], section)

    def _expression(self, name: str, section: Section) -> Derived | None:
        try:
            node = parse(section.text("expr") or "", self._scope(name), place=section.place_of("expr"))
        except UserError as error:
            section.problems.extend(error)
            return None
        if node.kind not in _EXPRESSION_TYPES:
            section.problem("expr", "its value is always NULL", "Let it name a feature.")
            return None
        return Derived(node, Result(_EXPRESSION_TYPES[node.kind], self._scale(node.kind), exact=False))

    def _ranked(self, ranking: Ranking, section: Section) -> Ranked | None:
        """Read a rank of a feature: a number that itself rests on no rank, so that one reading of all settles it."""
        of = section.text(ranking.name) or ""
        feature = self.features.get(of)
        if feature is None or kind_of(feature.body.result.type) not in _MEASURES:
            names = [one.name for one in self.features.values() if kind_of(one.body.result.type) in _MEASURES]
            section.problem(ranking.name, f"`{of}` is no feature with a number", nearest_remedy(of, names))
            return None
        if self._rests_on_rank(of):
            section.problem(ranking.name, f"`{of}` rests on a rank itself", "Rank what it is made of.")
            return None
        return Ranked(ranking, of)

    def _rests_on_rank(self, name: str) -> bool:
        body = self.features[name].body if name in self.features else None
        inner = (body.names if body else frozenset[str]()) - {name}
        return isinstance(body, Ranked) or any(self._rests_on_rank(one) for one in inner)

    def _scored(self, section: Section) -> Scored | None:
        name = section.text("model") or ""
        model = self.models.get(name)
        if model is None:
            section.problem("model", f"`{name}` is no registered model", nearest_remedy(name, sorted(self.models)))
            return None
        kinds = self._scope("").names
        missing = [one for one in model.inputs if kinds.get(one) not in _INPUTS]
        if missing:
            listed = ", ".join(f"`{one}`" for one in missing)
            section.problem("model", f"it reads {listed}, which is no number here", "Define it, or train anew.")
            return None
        units = tuple(self._units(kinds[one]) for one in model.inputs)
        return Scored(replace(model, form=InUnits(model.form, units)) if any(one > 1 for one in units) else model)

    def _units(self, kind: Kind) -> int:
        """Return by what a column is divided to be what a genome shows: major units of money, seconds."""
        if kind is Kind.MONEY:
            return int(10**self.schema.money_scale)
        return SECOND if kind is Kind.DURATION else 1

    def _scale(self, kind: Kind) -> int:
        return self.schema.money_scale if kind is Kind.MONEY else 0

    def _scope(self, name: str) -> Scope:
        kinds = kinds_of(self.schema.traits.values())
        if states_birth_date(self.schema):
            kinds[AGE] = Kind.NUMBER
        for feature in self.features.values():
            if feature.name != name:
                kinds[feature.name] = kind_of(feature.body.result.type)
        return expression_scope(self.schema, kinds)


_Enum = TypeVar("_Enum", bound=StrEnum)


def _feature(name: str, body: Body, section: Section) -> Feature:
    return Feature(
        name,
        body,
        title=section.text("title"),
        family=_choice(section, "family", Family),
        layer=_choice(section, "layer", Layer),
        unit=section.text("unit"),
        place=section.place,
    )


def _choice(section: Section, key: str, choices: type[_Enum]) -> _Enum | None:
    text = section.text(key)
    if text is None:
        return None
    if text not in set(choices):
        section.problem(key, f"{text!r} is not known", f"Use one of: {', '.join(choices)}.")
        return None
    return choices(text)


__all__ = ["AGE", "ALL_TIME", "BIRTH_DATE", "read_features"]
