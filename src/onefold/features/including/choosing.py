"""Which features of a library a workspace can have: those whose inputs it declares; of the rest, what is lacking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from onefold.core.document import Section
from onefold.core.errors import Place
from onefold.core.schema import Property, Schema
from onefold.features.definitions import AGE, BIRTH_DATE, FeatureSet
from onefold.features.including.library import TRAITS, Body, Library, Rewrite, as_section, event_of, rewritten
from onefold.features.including.reading import Include

Missing = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Of each family the features that a workspace cannot have, each with the inputs that it lacks."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a definition reads, by the library's names: events, ``event.property`` and ``traits.x``, other features."""

    sources: frozenset[str]
    features: frozenset[str]


def inputs_of(body: Body) -> Inputs:
    """Return what a definition reads; ``age`` reads the trait ``birth_date``.

    >>> sorted(inputs_of({"sum": "trade.amount", "where": "side = 'buy'", "within": "30d"}).sources)
    ['trade.amount', 'trade.side']
    """
    sources: set[str] = set()
    names: set[str] = set()
    rewritten(body, _noting(sources), _noting(names))
    if AGE in names:
        sources.add(f"{TRAITS}{BIRTH_DATE}")
    return Inputs(frozenset(sources), frozenset(names - {AGE}))


def _noting(found: set[str]) -> Rewrite:
    def note(word: str) -> str:
        found.add(word)
        return word

    return note


@dataclass(frozen=True, slots=True)
class Included:
    """The definitions to be read beside the workspace's own, and what is lacking for the others."""

    library: Library | None = None
    sections: Mapping[str, Section] = field(default_factory=dict)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def missing(self, features: FeatureSet) -> Missing:
        """Return what is missing once all features are read.

        A definition that is at fault here after all rests on a feature that the workspace defines otherwise.
        """
        late = {name: self._otherwise(name) for name in self.sections if name not in features.features}
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for name, inputs in sorted({**self.lacking, **late}.items()):
            assert self.library is not None
            found.setdefault(self.library.features[name]["family"], {})[name] = inputs
        return dict(sorted(found.items()))

    def _otherwise(self, name: str) -> tuple[str, ...]:
        assert self.library is not None
        own, todo, seen = set(), [name], set()
        while todo:
            one = todo.pop()
            if one in self.own:
                own.add(one)
            elif one not in seen:
                seen.add(one)
                todo += inputs_of(self.library.features[one]).features
        return tuple(f"{one} as the library defines it" for one in sorted(own))


def choose(library: Library, include: Include, schema: Schema, own: frozenset[str]) -> Included:
    """Choose what a workspace with its ``own`` features can have; a feature of its own wins over the library's."""
    chooser = _Chooser(library, include, schema, own)
    wanted = [name for name, body in library.features.items() if body["family"] in include.families and name not in own]
    lacking = {name: chooser.lacks(name) for name in wanted}
    sections = {
        name: as_section(rewritten(library.features[name], include.here, str), Place(library.file))
        for name in wanted
        if not lacking[name]
    }
    return Included(library, sections, {name: inputs for name, inputs in lacking.items() if inputs}, own)


@dataclass(frozen=True, slots=True)
class _Chooser:
    library: Library
    include: Include
    schema: Schema
    own: frozenset[str]
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lacks(self, name: str) -> tuple[str, ...]:
        """Return what a feature lacks here, itself or through the features that it reads, sorted."""
        if name not in self.known:
            self.known[name] = tuple(sorted(set(self._lacks(name))))
        return self.known[name]

    def _lacks(self, name: str) -> Iterator[str]:
        body = self.library.features[name]
        inputs = inputs_of(body)
        for source in inputs.sources:
            yield from self._source(source)
        for other in inputs.features - self.own:
            yield from self.lacks(other) if self._asked(other) else (other,)
        if name in self.schema.traits and self.include.here(body.get("last", "")) != f"{TRAITS}{name}":
            yield f"another name for {TRAITS}{name}"

    def _asked(self, name: str) -> bool:
        return self.library.features[name]["family"] in self.include.families

    def _source(self, source: str) -> Iterator[str]:
        """Yield the name of what is not declared as the library needs it: the event, or the property with its type."""
        event, here = event_of(source), self.include.here(source)
        there = self.schema.source(self.include.here(event))
        if there is None:
            yield self.include.here(event)
        elif source != event or source.startswith(TRAITS):
            wanted = _property(self.library.vocabulary, source)
            found = there.property("value" if source.startswith(TRAITS) else here.rpartition(".")[2])
            if found is None:
                yield here
            elif found.type is not wanted.type or not found.on_timeline:
                yield f"{here} as {wanted.type}"


def _property(vocabulary: Schema, source: str) -> Property:
    """Return the property of the vocabulary that ``event.property`` or ``traits.x`` names."""
    event = vocabulary.source(event_of(source))
    assert event is not None
    found = event.properties[0] if source.startswith(TRAITS) else event.property(source.partition(".")[2])
    assert found is not None
    return found
