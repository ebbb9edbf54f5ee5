"""All definitions of a workspace, read from their files with every problem of every file at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from onefold.core.document import Section, parse_yaml
from onefold.core.errors import Place, Problems
from onefold.core.schema import Schema
from onefold.decisions.definitions import Catalogue
from onefold.decisions.reading import read_catalogue
from onefold.features.definitions import FeatureSet
from onefold.features.including.choosing import Missing
from onefold.features.models import parse_model, read_models
from onefold.features.places import read_places
from onefold.features.reading import read_features
from onefold.segments.definitions import SegmentSet
from onefold.segments.reading import read_segments
from onefold.sources.mapping import Mapping as SourceMapping
from onefold.sources.mapping_reader import read_mapping
from onefold.sources.schema import read_schema
from onefold.workspace.config import Config, read_config
from onefold.workspace.files import ROOT, digest_of
from onefold.workspace.library import FOLDER as LIBRARY
from onefold.workspace.library import read_included

EVENTS = "events.yaml"
PLACEMENTS, POLICIES, PLACES, MODELS = "placements.yaml", "policies.yaml", "places.yaml", "models/"
_FOLDERS = ("sources/", "features/", "segments/", "offers/")
_READ = (ROOT, EVENTS, PLACEMENTS, POLICIES, PLACES, MODELS, LIBRARY, *_FOLDERS)


@dataclass(frozen=True, slots=True)
class Definitions:
    """A checked set of definitions; ``digest`` is its content hash, ``unread`` files that this release does not use.

    ``missing`` are the features of an included library whose inputs are not declared, by family.
    """

    digest: str
    config: Config
    schema: Schema
    features: FeatureSet
    mappings: tuple[SourceMapping, ...]
    segments: SegmentSet
    catalogue: Catalogue
    unread: tuple[str, ...]
    missing: Missing = field(default_factory=dict)


def read_definitions(contents: Mapping[str, str]) -> Definitions:
    """Read a set of files (path -> text); raise :class:`UserError` with all of their problems."""
    problems = Problems()
    root, events, places = (_parse(contents, name, problems) for name in (ROOT, EVENTS, PLACES))
    models = [parse_model(text, name, problems) for name, text in contents.items() if name.startswith(MODELS)]
    stand_on_sand = bool(problems.found)  # without events every feature and source would seem at fault
    files = {name: _parse(contents, name, problems) for name in contents if name.startswith(_FOLDERS)}
    if stand_on_sand:
        problems.raise_if_any()

    def of(folder: str) -> list[Section]:
        return [section for name, section in files.items() if name.startswith(folder)]

    config = read_config(root)
    schema = replace(read_schema(events, currency=config.currency), calendar=config.calendar)
    included = read_included(contents, of("features/"), schema)
    features = read_features(
        of("features/"),
        schema,
        retention=config.retention,
        places=read_places([places]),
        models=read_models(model for model in models if model is not None),
        included=included.sections,
    )
    mappings = [read_mapping(section, schema=schema) for section in of("sources/")]
    sound = not problems.found  # what builds on a feature that is at fault would seem at fault too
    segments = read_segments(of("segments/"), features) if sound else SegmentSet()
    catalogue = _catalogue(contents, of("offers/"), problems, config, features, segments) if sound else Catalogue()
    for source in config.retention:
        if schema.source(source) is None and source != "traits":
            problems.add(
                f"retention of `{source}`",
                "it is not declared in events.yaml",
                "Declare or remove it.",
                Place(ROOT),
            )
    _once(mappings, problems)
    problems.raise_if_any()
    unread = tuple(name for name in contents if not name.startswith(_READ))
    return Definitions(
        digest_of(contents),
        config,
        schema,
        features,
        tuple(mappings),
        segments,
        catalogue,
        unread,
        included.missing(features),
    )


def _catalogue(
    contents: Mapping[str, str],
    offers: list[Section],
    problems: Problems,
    config: Config,
    features: FeatureSet,
    segments: SegmentSet,
) -> Catalogue:
    placements, policies = (
        _parse(contents, name, problems) if name in contents else None for name in (PLACEMENTS, POLICIES)
    )
    return read_catalogue(
        offers,
        placements,
        policies,
        features=features,
        segments=segments,
        zone=config.zone,
        own_consent=config.own_consent,
        context=config.context,
    )


def _once(mappings: list[SourceMapping], problems: Problems) -> None:
    seen: set[str] = set()
    for mapping in mappings:
        if mapping.source in seen:
            problems.add(
                f"the source `{mapping.source}`",
                "two files have this name",
                "Rename one.",
                mapping.files.place,
            )
        seen.add(mapping.source)


def _parse(contents: Mapping[str, str], name: str, problems: Problems) -> Section:
    """Parse one file; where it is no YAML the problem is noted, and an empty file stands for it."""
    section = parse_yaml(contents.get(name, ""), name, problems)
    if section is not None:
        return section
    empty = parse_yaml("", name, problems)
    assert empty is not None
    return empty
