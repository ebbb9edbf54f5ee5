"""Mappings: how the rows of a file become events. Frozen values; :mod:`.mapping_reader` reads them from
YAML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from onefold.core.errors import Place
from onefold.core.event import IDENTIFY, LINKED
from onefold.core.schema import Property
from onefold.language.ast import Kind, Node
from onefold.language.lineage import names_of
from onefold.sources.templates import Template


class FileType(StrEnum):
    """The kinds of file that are read."""

    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written. ``names`` gives the columns names of our own, in the order of the file.

    ``quote`` is None where quotes have no meaning; ``encoding`` is any text encoding that Python knows.
    """

    type: FileType = FileType.CSV
    separator: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    header: bool = True
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column. ``formats`` are strptime formats, tried in turn; none means ISO 8601.

    ``decimal`` is the sign before the decimals, ``group`` what may stand between groups of digits ("" for
    nothing); ``yes`` and ``no`` are the words of a boolean, in any capitals.
    """

    name: str
    kind: Kind
    formats: tuple[str, ...] = ()
    decimal: str = "."
    group: str = ""
    yes: tuple[str, ...] = ("true",)
    no: tuple[str, ...] = ("false",)


@dataclass(frozen=True, slots=True)
class Files:
    """Where rows stand: patterns with ``${variables}``, their format, and the columns that are not plain
    text.
    """

    patterns: tuple[str, ...]
    format: Format
    columns: tuple[Column, ...]
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A second file, of which the row whose ``key`` equals this row's ``on`` lends its columns."""

    name: str
    files: Files
    key: str
    on: str
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """What a property or trait is given: an expression, or two for a place (latitude, longitude)."""

    property: Property
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One event a row: a declared one, the traits that it states, or a link between two names of a
    customer.
    """

    name: str
    event: str
    customer: Template
    time: Node
    values: tuple[Value, ...] = ()
    link: Template | None = None
    id: tuple[str, ...] = ()
    order: Node | None = None
    when: Node | None = None

    @property
    def states_traits(self) -> bool:
        """Whether this record is an ``identify``."""
        return self.event == IDENTIFY

    @property
    def links(self) -> bool:
        """Whether this record links two names of a customer."""
        return self.event == LINKED

    def nodes(self) -> Iterator[Node]:
        """Yield every expression of the record."""
        yield self.time
        for node in (self.order, self.when):
            if node is not None:
                yield node
        for value in self.values:
            yield from value.nodes

    def names(self) -> frozenset[str]:
        """Return every column, of this file or of a lookup, that the record reads."""
        found = set(self.customer.names()) | set(self.id)
        if self.link is not None:
            found |= self.link.names()
        for node in self.nodes():
            found |= names_of(node)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A source: its files, the lookups in the order in which they are matched, and the records of a row."""

    source: str
    files: Files
    lookups: tuple[Lookup, ...]
    records: tuple[Record, ...]

    def names(self) -> frozenset[str]:
        """Return every column that anything in the mapping reads; those of lookups are ``lookup.column``."""
        found = {column.name for column in self.files.columns}
        for record in self.records:
            found |= record.names()
        for lookup in self.lookups:
            found.add(lookup.on)
        return frozenset(found)

    def lookup_columns(self, lookup: Lookup) -> frozenset[str]:
        """Return the columns of a lookup's file that the mapping reads, the key included."""
        prefix = f"{lookup.name}."
        found = {name.removeprefix(prefix) for name in self.names() if name.startswith(prefix)}
        found |= {lookup.key} | {column.name for column in lookup.files.columns}
        return frozenset(found | (names_of(lookup.where) if lookup.where is not None else set()))

    @property
    def needs_hash(self) -> bool:
        """Whether a record has no ``id``, so that the whole row is its identity."""
        return any(not record.id for record in self.records)
