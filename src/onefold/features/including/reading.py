"""The key ``include:`` of features files: which families of the library, and what its names are called here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from onefold.core.document import Section
from onefold.core.errors import Place
from onefold.core.schema import Property, Schema
from onefold.features.definitions import BIRTH_DATE, Family
from onefold.features.including.library import TRAITS, Library, event_of
from onefold.features.sources import Sources, Takes

STANDARD = "standard"
INCLUDE = "include"


@dataclass(frozen=True, slots=True)
class Include:
    """What a workspace includes: families of the library, and the workspace's names for the library's.

    ``rename`` maps events, ``event.property`` and ``traits.x``.
    """

    families: frozenset[Family] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)

    def here(self, source: str) -> str:
        """Return what an event, property or trait of the library is called in this workspace.

        >>> Include(rename={"login": "logged_in"}).here("login.device")
        'logged_in.device'
        """
        if source in self.rename or source == event_of(source):
            return self.rename.get(source, source)
        event, _, prop = source.partition(".")
        return f"{self.rename.get(event, event)}.{prop}"


def read_include(files: Iterable[Section], library: Library | None, schema: Schema) -> Include:
    """Read the ``include:`` of every file: of several all families and names together. Problems go to the files."""
    reader = _Reader(library, Sources(schema))
    for file in files:
        for name, place, inner in _asked(file):
            reader.take(file, name, place, inner)
    return Include(frozenset(reader.families), reader.rename)


def _asked(file: Section) -> Iterator[tuple[str, Place, Section | None]]:
    """Yield the names of libraries with what is said of each: ``standard``, ``[standard]`` or ``{standard: ...}``."""
    if isinstance(file.raw(INCLUDE), Mapping):
        outer = file.section(INCLUDE)
        assert outer is not None
        for name in outer.keys():  # noqa: SIM118 - no dict
            yield name, outer.place_of_key(name), outer.section(name)
        return
    if INCLUDE in file and not file.items_of(INCLUDE):
        file.problem(INCLUDE, "it names no library", f"Write `include: {STANDARD}`, or remove the line.")
    for item, place in file.items_of(INCLUDE):
        yield str(item), place, None


@dataclass(slots=True)
class _Reader:
    library: Library | None
    sources: Sources
    families: set[Family] = field(default_factory=set)
    rename: dict[str, str] = field(default_factory=dict)

    def take(self, file: Section, name: str, place: Place, inner: Section | None) -> None:
        """Read what one file says of one library."""
        if name != STANDARD:
            near = difflib.get_close_matches(name, [STANDARD], 1, 0.5)
            remedy = f"Did you mean `{STANDARD}`?" if near else f"There is one library: write `include: {STANDARD}`."
            file.problems.add(f"`{INCLUDE}`", f"`{name}` is no library", remedy, place)
            return
        if self.library is None:
            why, remedy = "this set was published without its text", "Publish the files anew with `onefold apply`."
            file.problems.add(f"the library `{name}`", why, remedy, place)
            return
        if inner is None:
            self.families.update(Family)
            return
        inner.only("families", "rename")
        self.families.update(_families(inner) if "families" in inner else Family)
        names = inner.section("rename")
        theirs = names.keys() if names is not None else []
        for library_name in sorted(theirs, key=lambda one: "." in one):  # events before their properties
            assert names is not None
            self._named(self.library, names, library_name)

    def _named(self, library: Library, names: Section, theirs: str) -> None:
        ours, before = names.text(theirs), self.rename.get(theirs)
        found = _property(library.vocabulary, theirs)
        if found is None and library.vocabulary.source(theirs) is None:
            why = "the library reads no such event, property or trait"
            names.problems.add(f"`{theirs}`", why, _nearest(library, theirs), names.place_of_key(theirs))
        elif theirs == f"{TRAITS}{BIRTH_DATE}":
            why, remedy = "`age` is built in and reads this very trait", f"Call your trait `{BIRTH_DATE}`."
            names.problems.add(f"`{theirs}`", why, remedy, names.place_of_key(theirs))
        elif ours is None:
            names.problem(theirs, "it says no name", "Write what it is called in your events.yaml.")
        elif before not in (None, ours):
            names.problem(theirs, f"another file says that it is `{before}`", "Keep one of them.")
        elif self._fits(names, theirs, ours, found):
            self.rename[theirs] = ours

    def _fits(self, names: Section, theirs: str, ours: str, wanted: Property | None) -> bool:
        """Whether a name of the workspace can stand for one of the library; else a problem says why."""
        takes, types = (Takes.EVENT, None) if wanted is None else (Takes.PROPERTY, frozenset({wanted.type}))
        found = self.sources.named(names, theirs, ours, names.place_of(theirs), takes, types)
        if found is None:
            return False
        source, is_trait = found[0].name, found[0].name.startswith(TRAITS)
        if is_trait != theirs.startswith(TRAITS):
            what = "a trait" if is_trait else "no trait"
            names.problem(theirs, f"`{ours}` is {what}", "Name a trait for a trait, and an event for an event.")
            return False
        event = event_of(theirs)
        if wanted is None or is_trait or source == self.rename.get(event, event):
            return True
        there = self.rename.get(event, event)
        remedy = f"Name a property of `{there}`, or say `{event}: {source}` too."
        names.problem(theirs, f"`{ours}` is a property of `{source}`, not of `{there}`", remedy)
        return False


def _property(vocabulary: Schema, name: str) -> Property | None:
    """Return the property that ``event.property`` or ``traits.x`` names; None for an event and what is unknown."""
    source = vocabulary.source(event_of(name))
    if source is None or name == source.name:
        return source.properties[0] if source is not None and name.startswith(TRAITS) else None
    return source.property(name.partition(".")[2])


def _nearest(library: Library, name: str) -> str:
    events = library.vocabulary.sources()
    names = [event.name for event in events] + [
        f"{event.name}.{one.name}" for event in events for one in event.properties
    ]
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else "Name one of its vocabulary; docs/library.md lists it."


def _families(inner: Section) -> set[Family]:
    found, items = set(), inner.items_of("families")
    for item, place in items:
        if str(item) in set(Family):
            found.add(Family(str(item)))
        else:
            near = difflib.get_close_matches(str(item), list(Family), n=1)
            hint = f"Did you mean `{near[0]}`?" if near else f"Use some of: {', '.join(Family)}."
            inner.problems.add("`families`", f"`{item}` is no family", hint, place)
    if not items:
        inner.problem("families", "it names none", "Name some, or remove the line for all.")
    return found
