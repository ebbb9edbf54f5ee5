"""Plants faults: a copy of one of the engine's modules with a few words changed, put in the place of the real one.

Copies run interpreted, so that no fault waits for a compiler; the real modules stay as they are.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ENGINE = "onefold.features."
INTERPRETED = (
    "def njit(*given, **_):\n    return given[0] if given and callable(given[0]) else lambda function: function\n"
)
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    f"{ENGINE}kernel": ((f"{ENGINE}engine.kernel", ""), (f"{ENGINE}reduce.kernel", "")),
    f"{ENGINE}plan": (("tests.features.harness.build_plan", "build_plan"),),
    f"{ENGINE}reduce": ((f"{ENGINE}engine.Reducer", "Reducer"),),
    f"{ENGINE}wall": (
        (f"{ENGINE}aggregates.recurring.months_later", "months_later"),
        (f"{ENGINE}aggregates.recurring.walls_of", "walls_of"),
        (f"{ENGINE}aggregates.recurring.instants_of", "instants_of"),
        (f"{ENGINE}aggregates.hours.walls_of", "walls_of"),
    ),
    "onefold.profiles.timeline": (("tests.features.harness.read_person", "read_person"),),
}
"""Where each module's work is used: what stands there, and which name of the copy takes its place ("": all of it)."""


@dataclass(frozen=True)
class Fault:
    """A fault: in which module which words are replaced by which others. ``new`` may be the same, for a control."""

    name: str
    module: str
    old: str
    new: str


def plant(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    """Put a faulty copy in its place for the time of a test; fail where the module no longer has those words."""
    copy = faulty(fault)
    if fault.module.startswith(f"{ENGINE}aggregates."):
        _plant_reduction(fault, copy, patch)
        return
    for place, name in PLACES[fault.module]:
        patch.setattr(place, getattr(copy, name) if name else copy)


def faulty(fault: Fault) -> ModuleType:
    """Return a copy of a module with the fault in it."""
    module = importlib.import_module(fault.module)
    assert module.__file__ is not None
    text = Path(module.__file__).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1, (
        f"{fault.name}: these words stand {text.count(fault.old)} times in {fault.module}"
    )
    text = text.replace(fault.old, fault.new).replace("= register_reduction(", "= (")
    text = text.replace("from numba import njit\n", INTERPRETED)
    copy = ModuleType(module.__name__)
    exec(compile(text, f"<{fault.name}>", "exec"), copy.__dict__)
    return copy


def _plant_reduction(fault: Fault, copy: ModuleType, patch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module(fault.module)._reduce
    reduce = importlib.import_module(f"{ENGINE}reduce")
    compiled = reduce.compiled
    patch.setattr(reduce, "compiled", lambda one: copy._reduce if one is real else compiled(one))
