"""What publishing the files would change: which definitions, and who would enter and leave which segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from onefold.core.errors import Place
from onefold.workspace.catch_up import Progress, silent
from onefold.workspace.definitions import Definitions
from onefold.workspace.reader import Reader

ADDED, CHANGED, REMOVED, SAME = "added", "changed", "removed", "same"


@dataclass(slots=True)
class SegmentPlan:
    """One segment: how its definition changes, its members before and after, and who of them is new or gone."""

    name: str
    change: str
    before: int = 0
    after: int = 0
    enters: int = 0
    leaves: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``apply`` would do.

    ``published`` and ``definitions`` are the content hashes in force and of the files; ``changes`` maps what
    (files, features, segments, offers, placements, policies ...) to names by added, changed and removed.
    ``rebuilds`` says that the timelines have to be built anew, which happens when they are next read.
    """

    published: str | None
    definitions: str
    changes: Mapping[str, Mapping[str, list[str]]]
    segments: list[SegmentPlan] = field(default_factory=list)
    at: str | None = None
    population: int = 0
    rebuilds: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to publish."""
        return self.published == self.definitions


def differences(
    before: Definitions | None, after: Definitions, files_before: Mapping[str, str], files_after: Mapping[str, str]
) -> dict[str, dict[str, list[str]]]:
    """Return what differs, by kind: files, and the definitions in them; kinds without difference are left out."""
    found = {"files": _compared(files_before, files_after)}
    ours, theirs = _parts(before), _parts(after)
    for kind, values in theirs.items():
        found[kind] = _compared(ours.get(kind, {}), values)
    return {kind: changed for kind, changed in found.items() if changed}


def _parts(definitions: Definitions | None) -> dict[str, dict[str, object]]:
    """Return every definition by its kind and name, without the place where it stands."""
    if definitions is None:
        return {}
    schema, catalogue = definitions.schema, definitions.catalogue
    return {
        "events": {name: event for name, event in schema.events.items() if not event.reserved},
        "traits": dict(schema.traits),
        "sources": {mapping.source: mapping for mapping in definitions.mappings},
        "features": {name: replace(one, place=Place()) for name, one in definitions.features.features.items()},
        "segments": {name: replace(one, place=Place()) for name, one in definitions.segments.segments.items()},
        "offers": {name: replace(one, place=Place()) for name, one in catalogue.offers.items()},
        "placements": dict(catalogue.placements),
        "policies": {"contact": (catalogue.contact, catalogue.reserve)},
    }


def _compared(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[str]]:
    lists = {
        ADDED: sorted(after.keys() - before.keys()),
        CHANGED: sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
        REMOVED: sorted(before.keys() - after.keys()),
    }
    return {kind: names for kind, names in lists.items() if names}


def segment_plans(
    before: Reader | None, after: Reader, *, now: int, progress: Progress = silent
) -> tuple[list[SegmentPlan], int]:
    """Return who would enter and leave each segment at an instant, and how many customers there are then."""
    plans = _listed(before, after)
    population = done = 0
    for roots, inside_before, inside_after, present in _side_by_side(before, after, now):
        population, done = population + int(present.sum()), done + len(roots)
        nobody = np.zeros(len(roots), bool)
        for plan in plans:
            was, will = inside_before.get(plan.name, nobody), inside_after.get(plan.name, nobody)
            plan.before += int(was.sum())
            plan.after += int(will.sum())
            plan.enters += int((will & ~was).sum())
            plan.leaves += int((was & ~will).sum())
        progress("Comparing segments", done, None)
    return plans, population


def _listed(before: Reader | None, after: Reader) -> list[SegmentPlan]:
    ours = _parts(before.definitions if before else None).get("segments", {})
    theirs = _parts(after.definitions)["segments"]
    plans = []
    for name in [*theirs, *(name for name in ours if name not in theirs)]:
        change = ADDED if name not in ours else REMOVED if name not in theirs else SAME
        if change is SAME and ours[name] != theirs[name]:
            change = CHANGED
        plans.append(SegmentPlan(name, change))
    return plans


_Inside = Mapping[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def _side_by_side(
    before: Reader | None, after: Reader, now: int
) -> Iterator[tuple[list[bytes], _Inside, _Inside, np.ndarray[tuple[int], np.dtype[np.bool_]]]]:
    """Yield the memberships of the same people under both sets; both read the same log, so they come alike."""
    if before is None:
        for roots, members in after.members(now=now):
            yield roots, {}, members.inside, members.genomes.present
        return
    for (roots, ours), (same, theirs) in zip(before.members(now=now), after.members(now=now), strict=True):
        assert roots == same
        yield roots, ours.inside, theirs.inside, theirs.genomes.present
