"""A small workspace for the tests of sources: its events, and mappings given as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from onefold.adapters.duckdb.rows import Reading, read_source
from onefold.core.document import read_yaml
from onefold.core.errors import Problem
from onefold.core.schema import Schema
from onefold.core.zone import Zone, zone
from onefold.sources.candidate import Candidate
from onefold.sources.mapping import Mapping
from onefold.sources.mapping_reader import read_mapping
from onefold.sources.schema import read_schema

PRAGUE: Zone = zone("Europe/Prague")

EVENTS = """
events:
  payment:
    amount: {type: money}
    score: {type: number, scale: 2}
    kind: {type: category}
    urgent: {type: boolean}
    due_on: {type: date}
    seen_at: {type: instant}
    took: {type: duration}
    shop: {type: place}
    note: {type: text}
    lines: {type: list, of: {sku: {type: category}, price: {type: money}}}
  page_viewed:
    path: {type: category}
  converted:
    amount: {type: money, currency_from: currency}
    currency: {type: category}
traits:
  region: {type: category}
  income: {type: money}
  email: {type: text, sensitivity: identifier}
"""


def schema_of(text: str = EVENTS, currency: str = "CZK") -> Schema:
    """Return a schema that must be sound."""
    section = read_yaml(text, "events.yaml")
    schema = read_schema(section, currency=currency)
    section.problems.raise_if_any()
    return schema


def schema_problems(text: str, currency: str = "CZK") -> list[Problem]:
    """Return what is wrong with an events.yaml."""
    section = read_yaml(text, "events.yaml")
    read_schema(section, currency=currency)
    return section.problems.found


def mapping_of(text: str, schema: Schema | None = None) -> Mapping:
    """Return a mapping that must be sound."""
    section = read_yaml(text, "sources/test.yaml")
    mapping = read_mapping(section, schema=schema or schema_of())
    section.problems.raise_if_any()
    return mapping


def mapping_problems(text: str) -> list[Problem]:
    """Return what is wrong with a mapping."""
    section = read_yaml(text, "sources/test.yaml")
    read_mapping(section, schema=schema_of())
    return section.problems.found


def reading(text: str, folder: Path, schema: Schema | None = None) -> Reading:
    """Return the reading of a mapping whose ``${data}`` is a folder."""
    known = schema or schema_of()
    variables = {"data": str(folder)}
    return read_source(mapping_of(text, known), variables=variables, base=folder, schema=known, zone=PRAGUE)


def candidates(text: str, folder: Path) -> list[Candidate]:
    """Return the candidates of a mapping, having checked that none was lost."""
    run = reading(text, folder)
    found = list(run)
    counts = run.counts
    assert counts.rows == counts.used + counts.skipped
    assert len(found) == counts.events + counts.rejections
    assert all((each.event is None) != (each.rejection is None) for each in found)
    return found


def codes(found: Sequence[Candidate]) -> list[str]:
    """Return the code of each candidate, "" for events."""
    return [each.rejection.code if each.rejection else "" for each in found]
