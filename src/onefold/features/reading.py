"""From ``features/*.yaml`` to :class:`FeatureSet`, with every problem of every file at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from onefold.core.document import Section
from onefold.core.errors import UserError
from onefold.core.instant import Span
from onefold.core.schema import EventType, Property, Schema
from onefold.core.types import ValueType
from onefold.features.aggregates import REGISTRY, Aggregate, Result, Takes
from onefold.features.definitions import AGE, BIRTH_DATE, Aggregated, Derived, Family, Feature, FeatureSet, Layer
from onefold.features.scope import kinds_of, states_birth_date
from onefold.features.windows import ALL_TIME, Unit, read_window
from onefold.language.ast import Kind
from onefold.language.lineage import names_of
from onefold.language.parse import parse, parse_predicate
from onefold.language.scope import Scope, kind_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ABOUT = ("title", "family", "layer", "unit")
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
    files: Iterable[Section], schema: Schema, *, retention: Mapping[str, Span] | None = None
) -> FeatureSet:
    """Read the ``features:`` of every file; problems go to each file's collector.

    The caller raises what was collected; a set returned beside problems lacks the features at fault.
    """
    reader = _Reader(schema)
    for file in files:
        file.only("features")
        features = file.section("features")
        for name, section in features.sections() if features else ():
            reader.take(name, section)
    for name in sorted(reader.expressions):
        reader.derive(name)
    ordered = {name: reader.features[name] for name in sorted(reader.features)}
    return FeatureSet(schema, ordered, retention or {})


@dataclass(slots=True)
class _Reader:
    schema: Schema
    features: dict[str, Feature] = field(default_factory=dict)
    expressions: dict[str, Section] = field(default_factory=dict)
    underway: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def take(self, name: str, section: Section) -> None:
        """Read an aggregate at once, and keep an expression until all names are known."""
        if not _NAME.fullmatch(name):
            section.problems.add(
                f"the feature {name!r}", "its name is not snake case", "Use a-z, 0-9 and _.", section.place
            )
            return
        if name in self.taken:
            section.problems.add(f"the feature `{name}`", "it is defined twice", "Remove or rename one.", section.place)
            return
        self.taken.add(name)
        kinds = [key for key in section.keys() if key in REGISTRY or key == "expr"]  # noqa: SIM118 - no dict
        if len(kinds) != 1:
            self._no_aggregate(name, section, kinds)
        elif kinds[0] == "expr":
            section.only("expr", *_ABOUT)
            self.expressions[name] = section
        else:
            body = self._aggregated(REGISTRY[kinds[0]], section)
            if body is not None and self._free(name, body, section):
                self.features[name] = _feature(name, body, section)

    def _no_aggregate(self, name: str, section: Section, kinds: list[str]) -> None:
        known = ", ".join(sorted([*REGISTRY, "expr"]))
        why = f"it has several: {', '.join(kinds)}" if kinds else "it says no aggregate"
        section.problems.add(f"the feature `{name}`", why, f"Give it exactly one of: {known}.", section.place)

    def _free(self, name: str, body: Aggregated | Derived, section: Section) -> bool:
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
        section.only(aggregate.name, "where", "within", "between", "since", "by", *_ABOUT)
        before = len(section.problems.found)
        source, known = self._reads(aggregate, section)
        window = read_window(section)
        where = None
        if source is not None and "where" in section:
            scope = Scope(kinds_of(source.properties), self.schema.money_scale)
            try:
                where = parse_predicate(section.text("where") or "", scope, place=section.place_of("where"))
            except UserError as error:
                section.problems.extend(error)
        unit = self._unit(aggregate, section)
        if source is None or len(section.problems.found) > before:
            return None
        return Aggregated(aggregate, source.name, known, window, where, unit)

    def _unit(self, aggregate: Aggregate, section: Section) -> Unit | None:
        if not aggregate.by_unit:
            if "by" in section:
                section.problem("by", f"`{aggregate.name}` counts no calendar units", "Remove it.")
            return None
        unit = _UNITS.get(section.text("by") or "")
        if unit is None:
            section.problem("by", f"`{aggregate.name}` counts days, weeks or months", "Write `by: month`.")
        return unit

    def _reads(self, aggregate: Aggregate, section: Section) -> tuple[EventType | None, Property | None]:
        """Resolve ``event``, ``event.property``, ``event.list.property`` or ``traits.x``."""
        text = section.text(aggregate.name) or ""
        source = self.schema.source(text)
        if source is not None:
            known = source.properties[0] if text.startswith("traits.") else None
            return self._fits(aggregate, section, source, known)
        parent, _, name = text.rpartition(".")
        source = self.schema.source(parent)
        known = source.property(name) if source else None
        if source is not None and known is not None:
            return self._fits(aggregate, section, source, known)
        names = [f"{parent}.{one.name}" for one in source.properties] if source else []
        names = names or [event.name for event in self.schema.sources()]
        section.problem(aggregate.name, f"`{text}` is not declared in events.yaml", _nearest(text, names))
        return None, None

    def _fits(
        self, aggregate: Aggregate, section: Section, source: EventType, known: Property | None
    ) -> tuple[EventType | None, Property | None]:
        takes = aggregate.takes
        if takes is Takes.EVENT and source.name.startswith("traits."):
            known = None
        if (takes is Takes.PROPERTY and known is None) or (takes is Takes.EVENT and known is not None):
            section.problem(aggregate.name, f"`{aggregate.name}` takes {takes.value}", "Name one as event.property.")
            return None, None
        if known is not None and (known.type not in aggregate.types or not known.on_timeline):
            kept = "it stays in the vault" if not known.on_timeline else f"its type is {known.type.value}"
            section.problem(
                aggregate.name,
                f"`{aggregate.name}` cannot read `{known.name}`: {kept}",
                f"Name a property of type {', '.join(sorted(aggregate.types))}.",
            )
            return None, None
        return source, known

    def derive(self, name: str) -> None:
        """Read an expression after all the expressions that it names; a circle is refused by name."""
        if name in self.features or name not in self.expressions:
            return
        section = self.expressions[name]
        if name in self.underway:
            circle = " -> ".join([*self.underway[self.underway.index(name) :], name])
            section.problem("expr", f"it depends on itself: {circle}", "Break the circle.")
            del self.expressions[name]
            return
        self.underway.append(name)
        text = section.text("expr") or ""
        for word in sorted(set(re.findall(r"[a-z][a-z0-9_]*", text)) - {name}):
            self.derive(word)
        self.underway.pop()
        if name not in self.expressions:
            return
        try:
            node = parse(text, self._scope(name), place=section.place_of("expr"))
        except UserError as error:
            section.problems.extend(error)
            del self.expressions[name]
            return
        if node.kind not in _EXPRESSION_TYPES:
            section.problem("expr", "its value is always NULL", "Let it name a feature.")
            return
        body = Derived(node, Result(_EXPRESSION_TYPES[node.kind], self._scale(node.kind), exact=False))
        if self._free(name, body, section):
            self.features[name] = _feature(name, body, section)

    def _scale(self, kind: Kind) -> int:
        return self.schema.money_scale if kind is Kind.MONEY else 0

    def _scope(self, name: str) -> Scope:
        kinds = kinds_of(self.schema.traits.values())
        if states_birth_date(self.schema):
            kinds[AGE] = Kind.NUMBER
        for feature in self.features.values():
            if feature.name != name:
                kinds[feature.name] = kind_of(feature.body.result.type)
        return Scope(kinds, self.schema.money_scale)


_Enum = TypeVar("_Enum", bound=StrEnum)


def _feature(name: str, body: Aggregated | Derived, section: Section) -> Feature:
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


def _nearest(text: str, names: list[str]) -> str:
    near = difflib.get_close_matches(text, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else "Declare it there, or name what is declared."


__all__ = ["AGE", "ALL_TIME", "BIRTH_DATE", "read_features"]
