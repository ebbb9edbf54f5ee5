"""The standard genome as part of a set of definitions, so that a later release changes nothing published.

A set whose features files say ``include:`` holds the library's text as it was: ``library/standard.json``. It is JSON
because every command reads it, and YAML takes a hundred times as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from onefold.core.document import Section, parse_yaml
from onefold.core.errors import Place, Problems
from onefold.core.schema import Schema
from onefold.features.including.choosing import Included, choose
from onefold.features.including.library import Library, as_section
from onefold.features.including.reading import INCLUDE, STANDARD, read_include
from onefold.sources.schema import read_schema

FOLDER = "library/"
_FILE = f"{FOLDER}{STANDARD}.json"


def with_library(contents: Mapping[str, str]) -> dict[str, str]:
    """Return a set of files with the library's text where one of its features files includes it."""
    asked = any(_includes(text, name) for name, text in contents.items() if name.startswith("features/"))
    return {**contents, _FILE: library_text()} if asked else dict(contents)


def library_text() -> str:
    """Return the library of this release: ``{"vocabulary": events.yaml, "features": {name: definition}}`` as JSON."""
    return (files("onefold.library") / f"{STANDARD}.json").read_text(encoding="utf-8")


def _includes(text: str, name: str) -> bool:
    if INCLUDE not in text:
        return False
    section = parse_yaml(text, name, Problems())  # where it is at fault nothing is published
    return section is not None and INCLUDE in section


def read_included(contents: Mapping[str, str], features: Sequence[Section], schema: Schema) -> Included:
    """Read the ``include:`` of the features files; return what they add. Problems go to the files."""
    library = _library(contents[_FILE], schema.currency) if _FILE in contents else None
    include = read_include(features, library, schema)
    if library is None or not include.families:
        return Included()
    return choose(library, include, schema, frozenset(_names(features)))


def _names(features: Iterable[Section]) -> set[str]:
    """Return the names of a workspace's own features."""
    raw = [file.raw("features") for file in features]
    return {name for one in raw if isinstance(one, Mapping) for name in one if isinstance(name, str)}


def _library(text: str, currency: str) -> Library:
    read = json.loads(text)
    vocabulary = read_schema(as_section(read["vocabulary"], Place(_FILE)), currency=currency)
    return Library(vocabulary, read["features"], _FILE)
