"""From ``models/*.yaml`` and ``models/*.json`` to registered models, with every problem of every file at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section, parse_yaml
from onefold.core.errors import Place, Problems
from onefold.features.models.base import FORMS, Model
from onefold.features.models.linear import Linear

MAX_MODELS, MAX_INPUTS = 1_000, 1_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_COMMON = ("model", "form", "inputs", "title", "owner")
_UNKNOWN = Linear(0.0, (), ())
"""Stands for a form at fault, so that features that name the model are not at fault, too."""


def read_models(files: Iterable[Section]) -> Mapping[str, Model]:
    """Read a model from each file, noting problems; one at fault is registered as far as it is understood."""
    found: dict[str, Model] = {}
    for section in files:
        name = section.required("model")
        if name is None:
            continue
        if not _NAME.fullmatch(name):
            section.problem("model", "its name is not snake case", "Use a-z, 0-9 and _.")
        elif name in found:
            section.problem("model", f"`{name}` is registered twice", "Remove or rename one.")
        elif len(found) == MAX_MODELS:
            section.problem("model", f"there are more than {MAX_MODELS:,}", "Remove some.")
        else:
            found[name] = _model(name, section)
    return found


def _model(name: str, section: Section) -> Model:
    inputs = _inputs(section)
    reader = FORMS.get(section.required("form") or "")
    if reader is None:
        if section.text("form") is not None:
            section.problem("form", "no such form is known", f"Use one of: {', '.join(sorted(FORMS))}.")
        return Model(name, inputs, _UNKNOWN)
    section.only(*_COMMON, *reader.keys)
    form = reader.read(section, inputs) if inputs else None
    return Model(name, inputs, form or _UNKNOWN)


def _inputs(section: Section) -> tuple[str, ...]:
    """Return the names of the features that a model reads; () and a problem where they are none."""
    items = section.raw("inputs")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_INPUTS:
        why = "it is missing" if items is None else f"it takes a list of 1 to {MAX_INPUTS:,} features"
        section.problem("inputs", why, "Write the names of features: [spend_30d, age].")
        return ()
    names = [str(item) for item in items]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        section.problem("inputs", f"it names {', '.join(twice)} twice", "Keep one of each.")
        return ()
    return tuple(names)


def parse_model(text: str, file: str, problems: Problems) -> Section | None:
    """Parse a model's file, YAML or (by its name) JSON; None, and a problem, where it is neither."""
    if not file.endswith(".json"):
        return parse_yaml(text, file, problems)
    try:
        loaded = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        problems.add("this is not JSON", why, "Mend it, or write the model anew.", Place(file))
        return None
    if not isinstance(loaded, dict):
        problems.add("the file", "its top is not a mapping", 'Begin with {"model": ...}.', Place(file, 1, 1))
        return None
    return Section(CommentedMap(loaded), Place(file, 1, 1), problems)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return found


def _refused(text: str) -> float:
    raise ValueError(f"{text} is no number")
